#include "plugins/bind/setup.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace fairlead::plugins::bind {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

Line parse_line(corefile::Cursor& cursor) {
  Line line{cursor.remaining_args(), {}};
  if (line.listen.empty()) throw cursor.error("at least one address or interface name is expected");
  while (cursor.next_block()) {
    if (cursor.value() != "except") throw cursor.error("invalid option \"" + cursor.value() + "\"");
    const std::vector<std::string> except = cursor.remaining_args();
    if (except.empty()) {
      throw cursor.error("at least one address or interface must be given to except subdirective");
    }
    line.except.insert(line.except.end(), except.begin(), except.end());
  }
  return line;
}

// The text form of an interface's address; empty for what is not IP and for link-local addresses,
// which need a scope nobody wrote.
std::string address_text(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    const in_addr& ip = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    const bool link_local = (ntohl(ip.s_addr) >> 16) == 0xA9FE;
    return link_local || inet_ntop(AF_INET, &ip, text, sizeof text) == nullptr ? std::string()
                                                                               : text;
  }
  if (address->sa_family == AF_INET6) {
    const in6_addr& ip = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    const bool link_local = IN6_IS_ADDR_LINKLOCAL(&ip);
    return link_local || inet_ntop(AF_INET6, &ip, text, sizeof text) == nullptr ? std::string()
                                                                                : text;
  }
  return {};
}

std::vector<std::string> resolve(const std::vector<std::string>& words,
                                 const std::vector<Interface>& interfaces) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const auto named = [&](const Interface& interface) { return interface.name == word; };
    const auto interface = std::find_if(interfaces.begin(), interfaces.end(), named);
    if (interface != interfaces.end()) {
      out.insert(out.end(), interface->addresses.begin(), interface->addresses.end());
    } else if (corefile::is_ip_address(word)) {
      out.push_back(word);
    } else {
      throw std::invalid_argument("not a valid IP address or interface name: \"" + word + "\"");
    }
  }
  return out;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) options.lines.push_back(parse_line(cursor));
  return options;
}

std::vector<Interface> system_interfaces() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0)
    throw std::system_error(errno, std::generic_category(), "failed to get interfaces list");
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  std::vector<Interface> interfaces;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const auto named = [&](const Interface& interface) {
      return interface.name == entry->ifa_name;
    };
    auto interface = std::find_if(interfaces.begin(), interfaces.end(), named);
    if (interface == interfaces.end())
      interface = interfaces.insert(interface, Interface{entry->ifa_name, {}});
    const std::string text = address_text(entry->ifa_addr);
    if (!text.empty()) interface->addresses.push_back(text);
  }
  return interfaces;
}

std::vector<std::string> addresses(const Options& options,
                                   const std::vector<Interface>& interfaces) {
  std::vector<std::string> out;
  for (const Line& line : options.lines) {
    const std::vector<std::string> except = resolve(line.except, interfaces);
    for (const std::string& address : resolve(line.listen, interfaces)) {
      if (!contains(except, address) && !contains(out, address)) out.push_back(address);
    }
  }
  return out;
}

}  // namespace fairlead::plugins::bind
