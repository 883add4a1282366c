import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Hashtable;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/**
 * What Java's resolvers say, one line "NAME ADDRESS ADDRESS..." for each name. With "jndi SERVER" in front of the names: by the DNS
 * client of JNDI, which knows no search list; otherwise by InetAddress.
 */
class Lookup {
  static String byAddress(String name) {
    StringBuilder line = new StringBuilder(name);
    try {
      for (InetAddress address : InetAddress.getAllByName(name)) {
        line.append(' ').append(address.getHostAddress());
      }
    } catch (UnknownHostException e) {
      // a line without addresses
    }
    return line.toString();
  }

  static String byJndi(InitialDirContext context, String name) throws NamingException {
    StringBuilder line = new StringBuilder(name);
    for (String type : new String[] {"A", "AAAA"}) {
      try {
        Attribute records = context.getAttributes(name, new String[] {type}).get(type);
        for (int i = 0; records != null && i < records.size(); i++) {
          String address = (String) records.get(i);
          line.append(' ').append(type.equals("A") ? address : InetAddressText.of(address));
        }
      } catch (javax.naming.NameNotFoundException e) {
        // a line without addresses
      }
    }
    return line.toString();
  }

  public static void main(String[] arguments) throws Exception {
    boolean jndi = arguments.length > 1 && arguments[0].equals("jndi");
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
    environment.put("java.naming.provider.url", jndi ? "dns://" + arguments[1] : "dns:");
    InitialDirContext context = jndi ? new InitialDirContext(environment) : null;
    for (int i = jndi ? 2 : 0; i < arguments.length; i++) {
      System.out.println(jndi ? byJndi(context, arguments[i]) : byAddress(arguments[i]));
    }
  }
}

class InetAddressText {
  static String of(String address) throws NamingException {
    try {
      return InetAddress.getByName(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new NamingException(address);
    }
  }
}
