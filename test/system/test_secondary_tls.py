"""secondary over TLS (RFC 9103): from ours, BIND, NSD and servers of the test; what TLS refuses, who says nothing, files that are renewed."""
import os
import re
import shutil
import signal
import ssl
import struct
import subprocess
import tempfile
import unittest

import certificates
import dnsmessage as dns
import peers
from harness import BINARY, MANIFESTS, PATIENCE, Listener, find, free_port
from peers import FILE, MANY, MORE, SECRET
from primary import AXFR, SOA, ZONE, FollowerTest, Primary, soa

KEY = "tsig {\n        secret %s %s\n        require_opcode NOTIFY\n    }" % (peers.KEY, SECRET)
FROM = """\
example.org:{dns} {
    bind 127.0.0.1
    errors
    %s
    secondary {
        transfer from %s
        %s
    }
    prometheus 127.0.0.1:{metrics}
}
"""
TO = """\
%s:{dns} tls://%s:{other} {
    bind 127.0.0.1
    errors
    tls %s
    %s
    transfer {
        to * 127.0.0.1:%d
    }
    %s
}
"""
SMALL = """\
$TTL 300
@ IN SOA ns1 hostmaster %d 7200 3600 1209600 30
@ NS ns1
ns1 A 192.0.2.1
www A 192.0.2.%d
"""
LARGE = SMALL + MANY
UNKNOWN = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
OTHER_NAME = "tls: failed to verify certificate: x509: certificate is not valid for the primary's name"


class TlsPrimary(Primary):
    """The same over TLS; `seen` has (version, ALPN, whether the session was resumed) of each handshake."""

    def __init__(self, test, context, port=0, protocols=("dot",)):
        if protocols:
            context.set_alpn_protocols(list(protocols))
        self.context, self.seen = context, []
        super().__init__(test, port)

    def serve(self, connection):
        try:
            link = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            return connection.close()
        self.seen.append((link.version(), link.selected_alpn_protocol(), link.session_reused))
        return super().serve(link)


class Mute(Listener):
    """Accepts connections, and says nothing until the other end has gone."""

    def serve(self, connection):
        with connection:
            while connection.recv(4096):
                pass


class TlsTest(FollowerTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fairlead-pki-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        certificates.make(self.folder, "ns.test", addresses=("127.0.0.1",))
        certificates.make(self.folder, "other.test", ca="other-ca")
        self.ca = "tls " + self.path("ca.pem")

    def path(self, name):
        return os.path.join(self.folder, name)

    def pair(self, name):
        return self.path(name + ".pem"), self.path(name + ".key")

    def primary(self, port=0, name="ns.test"):
        return TlsPrimary(self, certificates.server_context(self.folder, name), port)

    def follow(self, *servers, options=None, extra="", **kwargs):
        """`servers`: words of `transfer from`, or numbers of ports."""
        words = " ".join(one if isinstance(one, str) else "tls://127.0.0.1:%d" % one for one in servers)
        return self.start(FROM % (extra, words, self.ca if options is None else options), **kwargs)

    def failed(self, server, port, error):
        line = 'Failed to setup transfer `example.org.\' with `"tls://127.0.0.1:%d"\': %s\n' % (port, error)
        server.wait(error, lambda: line in server.log())

    def checks_failed(self, server, port, error):
        line = 'Failed SOA check of `example.org.\' with "tls://127.0.0.1:%d": %s\n' % (port, error)
        server.wait(error, lambda: line in server.log())

    @staticmethod
    def failures(server):
        return int(re.search(r'fairlead_secondary_failures_total{zone="example.org."} (\d+)', server.get("metrics", "/metrics")[1])[1])


class Conversations(TlsTest):
    def test_handshakes(self):
        """TLS 1.3 and dot are offered, and a later conversation goes on with the session."""
        primary = self.primary()
        server = self.follow(primary.port)
        self.wait_address(server, primary.address)
        server.logged("Transferred: example.org. from tls://127.0.0.1:%d" % primary.port)
        primary.serial, primary.address = 2, "192.0.2.2"
        self.assertEqual(self.notify(server).rcode, dns.NOERROR)
        self.wait_address(server, "192.0.2.2")
        self.assertEqual({seen[:2] for seen in primary.seen}, {("TLSv1.3", "dot")})
        self.assertFalse(primary.seen[0][2])
        self.assertTrue(primary.seen[-1][2])
        self.assertEqual(self.failures(server), 0)

    def test_protocols(self):
        """Who does not look at ALPN is a server, too."""
        primary = TlsPrimary(self, certificates.server_context(self.folder, "ns.test"), protocols=())
        server = self.follow(primary.port)
        self.wait_address(server, primary.address)
        self.assertEqual(primary.seen[0][:2], ("TLSv1.3", None))

    def test_older_tls(self):
        primary = self.primary()
        primary.context.maximum_version = ssl.TLSVersion.TLSv1_2
        server = self.follow(primary.port)
        server.wait("the reason", lambda: re.search(r"Failed to setup transfer .*: tls: .*protocol version", server.log()))
        self.assertEqual((self.address(server), primary.asked), (dns.SERVFAIL, []))

    def test_another_authority(self):
        """It costs the try: the next server is asked, whether with TLS or not."""
        wrong, right = self.primary(name="other.test"), Primary(self)
        server = self.follow(wrong.port, "127.0.0.1:%d" % right.port)
        self.wait_address(server, right.address)
        self.failed(server, wrong.port, UNKNOWN)
        self.assertEqual((wrong.asked, self.failures(server)), ([], 1))

    def test_the_copy_stays(self):
        primary = self.primary()
        server = self.follow(primary.port)
        self.wait_address(server, primary.address)
        primary.close()
        wrong = self.primary(primary.port, "other.test")
        wrong.serial, wrong.address = 2, "192.0.2.2"
        self.notify(server)
        self.checks_failed(server, wrong.port, UNKNOWN)
        self.assertEqual((self.address(server), wrong.asked), (primary.address, []))

    def test_names(self):
        """That of tls_servername or behind %; else the address."""
        primary = self.primary()
        server = self.follow(primary.port, options=self.ca + "\n tls_servername wrong.test")
        self.failed(server, primary.port, OTHER_NAME)
        self.assertEqual((self.address(server), primary.asked), (dns.SERVFAIL, []))
        for words, options in (("tls://127.0.0.1:%d", "tls_servername ns.test"), ("tls://127.0.0.1:%d%%ns.test", "")):
            server = self.follow(words % primary.port, options=self.ca + "\n" + options)
            self.wait_address(server, primary.address)
        certificates.make(self.folder, "nameless.test")
        primary = self.primary(name="nameless.test")
        server = self.follow(primary.port)
        self.failed(server, primary.port, OTHER_NAME)

    def test_no_handshake(self):
        """Who says nothing is given up after two seconds."""
        mute, right = Mute(self), self.primary()
        server = self.follow(mute.port, right.port)
        self.wait_address(server, right.address)
        self.failed(server, mute.port, "tls: handshake: i/o timeout")

    def test_no_tls(self):
        """Who closes in the handshake, and who speaks something else."""
        class Closes(Listener):
            def serve(self, connection):
                with connection:
                    connection.recv(4096)

        class Speaks(Listener):
            def serve(self, connection):
                with connection:
                    connection.sendall(b"220 mail.example.org ESMTP\r\n")
                    while connection.recv(4096):
                        pass

        closes, speaks, right = Closes(self), Speaks(self), self.primary()
        server = self.follow(closes.port, speaks.port, free_port(), right.port)
        self.wait_address(server, right.address)
        self.failed(server, speaks.port, "tls: wrong version number")
        server.logged_as(r'"tls://127.0.0.1:%d"\': tls: handshake: (EOF|read: connection reset|connection reset)' % closes.port)
        self.assertEqual(self.failures(server), 3)

    def test_the_end_in_the_middle(self):
        """A transfer that is cut, or does not begin, costs that one; what was there stays."""
        primary = self.primary()
        server = self.follow(primary.port)
        self.wait_address(server, primary.address)
        record = dns.a("www." + ZONE, "192.0.2.66")
        primary.serial = 9
        for error, messages in (("EOF", [([soa(9), record], 0)]), ("i/o timeout", [([soa(9), record], 3), ([soa(9)], 0)])):
            primary.messages = messages
            self.notify(server)
            line = 'Failed to transfer `example.org.\' from "tls://127.0.0.1:%d": %s\n' % (primary.port, error)
            server.wait(error, lambda text=line: text in server.log())
            self.assertEqual(self.address(server), "192.0.2.1")
        primary.messages, primary.address = None, "192.0.2.9"
        self.wait_address(server, "192.0.2.9")


class Files(TlsTest):
    def test_renewed(self):
        """Other contents of the same file count from a reload on, and the copy stays; without them nothing begins anew."""
        primary = self.primary()
        shutil.copy(self.path("other-ca.pem"), self.path("trusted.pem"))
        server = self.follow(primary.port, options="tls " + self.path("trusted.pem"))
        self.failed(server, primary.port, UNKNOWN)
        self.assertEqual(self.address(server), dns.SERVFAIL)
        self.replace("trusted.pem", "ca.pem")
        server.reload()
        self.wait_address(server, primary.address)
        asked = list(primary.asked)
        server.reload()
        self.assertEqual((self.address(server), primary.asked), (primary.address, asked))
        self.replace("trusted.pem", "other-ca.pem")
        server.reload()
        self.checks_failed(server, primary.port, UNKNOWN)
        self.assertEqual(self.address(server), primary.address)
        self.assertEqual(primary.asked, asked)

    def replace(self, name, source):
        shutil.copy(self.path(source), self.path(name + ".new"))
        os.rename(self.path(name + ".new"), self.path(name))

    def test_members_of_a_catalog(self):
        """They are copied over TLS, too, and stay when the files are others."""
        class Catalog(TlsPrimary):
            def replies(self, name, rtype):
                numbers = struct.pack("!5I", 1, 3600, 2, 86400, 30)
                apex = dns.record(name, "SOA", dns.name_octets("ns.invalid") + dns.name_octets("h.invalid") + numbers)
                if rtype != AXFR:
                    return [([apex], 0)]
                if name != "cat.test":
                    return [([apex, dns.a("www." + name, self.address), apex], 0)]
                return [([apex, dns.record(name, "NS", dns.name_octets("invalid")), dns.record("version." + name, "TXT", b"\x012"),
                          dns.record("a.zones." + name, "PTR", dns.name_octets("a.test")), apex], 0)]

        primary = Catalog(self, certificates.server_context(self.folder, "ns.test"))
        self.replace("trusted.pem", "ca.pem")
        server = self.start(FROM.replace("example.org", ".").replace("secondary", "secondary cat.test") % (
            "", "tls://127.0.0.1:%d" % primary.port, "catalog\n tls " + self.path("trusted.pem")))
        address = lambda: (reply := server.try_ask("www.a.test")) and (reply.addresses or [reply.rcode])[0]
        server.wait("the member", lambda: address() == primary.address)
        self.assertEqual(primary.asked, [AXFR, AXFR])
        self.replace("trusted.pem", "other-ca.pem")
        server.reload()
        server.wait("the reason", lambda: "Failed SOA check of `a.test.'" in server.log())
        self.assertEqual(address(), primary.address)
        self.replace("trusted.pem", "ca.pem")
        server.reload()
        server.wait("both checks", lambda: len(primary.asked) >= 4)
        self.assertEqual(set(primary.asked[2:]), {SOA})
        self.assertEqual(address(), primary.address)

    def test_missing(self):
        """-check says it, and a reload that lacks a file leaves all as it is."""
        primary = self.primary()
        self.replace("trusted.pem", "ca.pem")
        server = self.follow(primary.port, options="tls " + self.path("trusted.pem"))
        self.wait_address(server, primary.address)
        os.remove(self.path("trusted.pem"))
        error = "Corefile:7 - Error during parsing: tls: cannot use the CA file %s: No such file or directory" % self.path("trusted.pem")
        check = subprocess.run([BINARY, "-conf", os.path.join(server.dir, "Corefile"), "-check"], capture_output=True, text=True,
                               timeout=PATIENCE)
        self.assertNotEqual(check.returncode, 0)
        self.assertIn(error, check.stdout + check.stderr)
        server.write_corefile(FROM % ("nsid a", "tls://127.0.0.1:%d" % primary.port, "tls " + self.path("trusted.pem")))
        server.signal(signal.SIGUSR1)
        server.wait("the error", lambda: "reload failed: plugin/secondary: " in server.log())
        server.logged(error)
        self.assertEqual(self.address(server), primary.address)


class Peers(TlsTest):
    def ours(self, zone=ZONE, lines=FILE, tls="", extra="", to=None, files=None):
        server = self.start(TO % (zone, zone, " ".join(self.pair("ns.test")) + tls, extra, to or free_port(), lines), files=files)
        server.wait_served("www." + zone)
        return server

    def test_ours(self):
        """The whole zone, then what has changed, after a NOTIFY without TLS from the same address."""
        port = free_port()
        primary = self.ours(to=port, files={"db.example.org": LARGE % (1, 1)})
        server = self.start((FROM % ("", "tls://127.0.0.1:%d" % primary.ports["other"], self.ca)).replace("{dns}", str(port)))
        server.ports["dns"] = port
        self.wait_address(server, "192.0.2.1")
        self.assertEqual(dns.exchange(port, dns.query("host-%d.%s" % (MORE - 1, ZONE), "TXT")).rcode, dns.NOERROR)
        primary._replace("db.example.org", LARGE % (2, 2))
        self.wait_address(server, "192.0.2.2")
        server.logged("Notify from 127.0.0.1 for example.org.: checking transfer")
        server.logged("Transferred: example.org. from tls://127.0.0.1:%d, as changes" % primary.ports["other"])

    def test_signed(self):
        primary = self.ours(extra=KEY.replace("require_opcode NOTIFY", "require AXFR IXFR"), files={"db.example.org": LARGE % (1, 1)})
        server = self.follow(primary.ports["other"], options=self.ca + "\n key " + peers.KEY, extra=KEY)
        self.wait_address(server, "192.0.2.1")
        other = self.follow(primary.ports["other"])
        other.wait("the reason", lambda: "the server says REFUSED" in other.log())
        self.assertEqual(self.address(other), dns.SERVFAIL)

    def test_client_certificates(self):
        certificates.make(self.folder, "client.test")
        primary = self.ours(tls=" %s {\n client_auth require_and_verify\n }" % self.path("ca.pem"), files={"db.example.org": SMALL % (1, 1)})
        server = self.follow(primary.ports["other"])
        server.wait("the reason", lambda: re.search(r"Failed to setup transfer .*: tls: .*certificate required", server.log()))
        server = self.follow(primary.ports["other"], options="tls %s %s %s" % (*self.pair("client.test"), self.path("ca.pem")))
        self.wait_address(server, "192.0.2.1")
        self.assertEqual(self.failures(server), 0)

    def test_cluster(self):
        """A cluster's zone in its compact form, with its epoch, and its changes."""
        primary = self.start(TO % ("cluster.local", "cluster.local", " ".join(self.pair("ns.test")), "", free_port(),
                                   "kubernetes cluster.local {\n manifests {dir}/cluster\n pods insecure\n }"))
        primary.wait_served()
        server = self.start((FROM % ("", "tls://127.0.0.1:%d" % primary.ports["other"], self.ca)).replace(ZONE, "cluster.local"))
        addresses = lambda name: getattr(server.try_ask(name), "addresses", None)
        server.wait("the copy", lambda: addresses("web.shop.svc.cluster.local") == ["10.96.0.7"])
        self.assertEqual(addresses("192-0-2-77.shop.pod.cluster.local"), ["192.0.2.77"])
        primary.write_manifests(MANIFESTS.replace("10.96.0.7", "10.96.0.8"))
        primary.wait("the change", lambda: getattr(primary.try_ask("web.shop.svc.cluster.local"), "addresses", None) == ["10.96.0.8"])
        self.notify(server, "cluster.local")
        server.wait("the change", lambda: addresses("web.shop.svc.cluster.local") == ["10.96.0.8"])
        server.logged(", as changes")

    def from_peer(self, kind):
        """Signed, in many messages; then what has changed."""
        port = free_port()
        peer = kind(self, port, LARGE % (1, 1), secret=SECRET, tls=self.pair("ns.test"))
        server = self.start((FROM % (KEY, "tls://127.0.0.1:%d" % peer.tls_port, "key %s\n tls_servername ns.test\n %s" % (
            peers.KEY, self.ca))).replace("{dns}", str(port)))
        server.ports["dns"] = port
        ours = lambda *words: peer.answers(*words, port=port)
        peer.wait("the copy", lambda: ours("www." + ZONE) == ["192.0.2.1"])
        for words in (("host-%d.%s" % (MORE - 1, ZONE), "TXT"), (ZONE, "SOA")):
            self.assertEqual(ours(*words), peer.answers(*words))
        peer.load(LARGE % (2, 2))
        peer.wait("the change", lambda: ours("www." + ZONE) == ["192.0.2.2"])
        server.logged("Notify from 127.0.0.1 for example.org.: checking transfer")
        server.logged("from tls://127.0.0.1:%d, as changes" % peer.tls_port)
        self.assertNotRegex(peer.log(), kind.COMPLAINT)

    def test_bind(self):
        self.from_peer(peers.Bind)

    def test_nsd(self):
        self.from_peer(peers.Nsd)

    def test_to_tools(self):
        """dig and kdig are given the zone over TLS."""
        primary = self.ours(files={"db.example.org": LARGE % (1, 1)})
        for tool, trust in (("dig", ["+tls-ca=" + self.path("ca.pem"), "+tls-hostname=ns.test", "+noidnout"]),
                            ("kdig", ["+tls-ca=" + self.path("ca.pem"), "+tls-hostname=ns.test"])):
            said = subprocess.run([find(tool), "@127.0.0.1", "-p", str(primary.ports["other"]), "+tls", *trust, ZONE, "AXFR"],
                                  capture_output=True, text=True, timeout=PATIENCE)
            records = {line for line in said.stdout.splitlines() if line and not line.startswith(";")}
            self.assertEqual(len(records), MORE + 4, said.stdout[-2000:] + said.stderr)


if __name__ == "__main__":
    unittest.main()
