"""Zones between ours and the servers that people have: Knot, NSD, BIND and PowerDNS, either end, and Unbound; with AXFR, IXFR, TSIG and NOTIFY."""
import re
import unittest

import dnsmessage as dns
import peers
from harness import MANIFESTS, ServerTest, free_port
from peers import FILE, MANY, MORE, SECRET

ZONE, WWW = "example.org", "www.example.org"
OTHER = "YW5vdGhlci1zZWNyZXQtYW5vdGhlci1zZWNyZXQtYW4="
SMALL = """\
$TTL 300
@ IN SOA ns1 hostmaster %d 7200 3600 1209600 30
@ NS ns1
ns1 A 192.0.2.1
www A 192.0.2.%d
*.wild TXT "a" "b"
svc HTTPS 1 . alpn=h2
odd\\;\\(\\@\\046\\" TXT "odd;("
to-odd CNAME odd\\;\\(\\@\\046\\"
"""
LARGE = SMALL + MANY
FROM = """\
example.org:{dns} {
    bind 127.0.0.1
    errors
    %s
    secondary {
        transfer from 127.0.0.1:{other}
        %s
    }
    prometheus 127.0.0.1:{metrics}
}
"""
TO = """\
%s:{dns} {
    bind 127.0.0.1
    errors
    %s
    transfer {
        to 127.0.0.1:{other}
    }
    %s
    prometheus 127.0.0.1:{metrics}
}
"""
CLUSTER = "kubernetes cluster.local {\n        manifests {dir}/cluster\n    }"


def tsig(secret, *required):
    return "tsig {\n        secret %s %s\n        %s\n    }" % (peers.KEY, secret, "\n        ".join(required))


class Given:
    """Zones that are given to `Peer`."""
    Peer = None

    def give(self, zone, secret=None):
        words = tsig(secret, "require AXFR IXFR") if secret else ""
        server = self.start(TO % (ZONE, words, FILE), files={"db.example.org": zone % (1, 1)})
        server.wait_served(WWW)
        peer = self.Peer(self, server.ports["dns"], secret=secret)
        return peer, server

    def tell(self, peer, server):
        """The peer has a port of its own: that is told from now on."""
        server.edit_corefile("to 127.0.0.1:%d" % server.ports["other"], "to 127.0.0.1:%d" % peer.port)

    def hand_on(self, peer, server, zone):
        peer.wait("the copy", lambda: peer.answers(WWW) == ["192.0.2.1"])
        for words in (("x.wild." + ZONE, "TXT"), ("to-odd." + ZONE, "TXT"), ("host-%d.%s" % (MORE - 1, ZONE), "TXT"), (ZONE, "SOA")):
            self.assertEqual(peer.answers(*words), peer.answers(*words, port=server.ports["dns"]))
        self.tell(peer, server)
        server._replace("db.example.org", zone % (2, 2))
        peer.wait("the change", lambda: peer.answers(WWW) == ["192.0.2.2"])
        if self.Peer.KNOWS_CHANGES:
            server.logged('Outgoing incremental transfer of 6 records of zone "example.org." to 127.0.0.1 for 1 to 2 SOA serial')
        self.assertNotIn("was not accepted by", server.log())

    def test_to(self):
        self.hand_on(*self.give(SMALL), SMALL)

    def test_cluster_to(self):
        """It follows a cluster's zone: it is told of each change, and sent what has changed."""
        server = self.start(TO % ("cluster.local", "", CLUSTER))
        server.wait_served()
        peer = self.Peer(self, server.ports["dns"], domain="cluster.local")
        address = lambda: peer.answers("web.shop.svc.cluster.local")
        peer.wait("the copy", lambda: address() == ["10.96.0.7"])
        self.tell(peer, server)
        for last in (8, 9, 10, 7):
            server.write_manifests(MANIFESTS.replace("10.96.0.7", "10.96.0.%d" % last))
            peer.wait("the change", lambda last=last: address() == ["10.96.0.%d" % last])
        self.assertEqual(peer.answers("cluster.local", "SOA"), peer.answers("cluster.local", "SOA", server.ports["dns"]))
        if self.Peer.KNOWS_CHANGES:
            self.assertIn('fairlead_transfers_total{kind="axfr"} 1\n', server.get("metrics", "/metrics")[1])


class Exchange(Given):
    """And taken from it, and signed: the same with most of them."""

    def copy(self, zone, secret=None, ours=None):
        port = free_port()
        peer = self.Peer(self, port, zone % (1, 1), secret=secret)
        corefile = FROM % (tsig(ours or secret, "require_opcode NOTIFY"), "key " + peers.KEY) if secret else FROM % ("", "")
        server = self.start(corefile.replace("{dns}", str(port)).replace("{other}", str(peer.port)))
        server.ports["dns"] = port
        return peer, server

    def follow(self, peer, server, zone):
        """The first copy, and the next after a NOTIFY, as changes."""
        ours = lambda *words: peer.answers(*words, port=server.ports["dns"])
        peer.wait("the copy", lambda: ours(WWW) == ["192.0.2.1"])
        for words in (("x.wild." + ZONE, "TXT"), ("to-odd." + ZONE, "TXT"), ("host-%d.%s" % (MORE - 1, ZONE), "TXT"), (ZONE, "SOA")):
            self.assertEqual(ours(*words), peer.answers(*words))
        peer.load(zone % (2, 2))
        peer.wait("the change", lambda: ours(WWW) == ["192.0.2.2"])
        server.logged("Notify from 127.0.0.1 for example.org.: checking transfer")
        if self.Peer.KNOWS_CHANGES:
            server.logged(", as changes")
        self.assertNotRegex(peer.log(), self.Peer.COMPLAINT)

    def test_from(self):
        self.follow(*self.copy(SMALL), SMALL)

    def test_from_signed(self):
        """It signs whatever it says, NOTIFY too, and refuses what is not signed."""
        peer, server = self.copy(LARGE, SECRET)
        self.follow(peer, server, LARGE)
        told = dns.notify(ZONE)
        self.assertEqual(dns.exchange(server.ports["dns"], told).rcode, dns.REFUSED)

    def test_from_signed_with_another_key(self):
        peer, server = self.copy(SMALL, SECRET, OTHER)
        peer.wait("the reason", lambda: self.Peer.BAD_SIGNATURE in server.log())
        self.assertEqual(server.ask(WWW).rcode, dns.SERVFAIL)
        peer.load(SMALL % (2, 2))
        peer.wait("its word on our reply", lambda: re.search(self.Peer.COMPLAINT, peer.log()))

    def test_to_signed(self):
        peer, server = self.give(LARGE, SECRET)
        self.hand_on(peer, server, LARGE)
        self.assertEqual(dns.exchange(server.ports["dns"], dns.query(ZONE, "AXFR"), tcp=True).rcode, dns.REFUSED)


class Knot(Exchange, ServerTest):
    Peer = peers.Knot


class Nsd(Exchange, ServerTest):
    Peer = peers.Nsd


class Bind(Exchange, ServerTest):
    Peer = peers.Bind


class Unbound(Given, ServerTest):
    Peer = peers.Unbound


CATALOG = "catalog.test"
LISTING = """\
@ 300 IN SOA invalid. invalid. %d 7200 3600 1209600 30
@ 300 NS invalid.
version 300 TXT "2"
%s
"""
CONSUMER = """\
.:{dns} {
    bind 127.0.0.1
    secondary catalog.test {
        transfer from 127.0.0.1:{other}
        catalog
    }
}
"""


class PowerDns(Exchange, ServerTest):
    """And with catalogs (RFC 9432) of one and the other."""
    Peer = peers.PowerDns

    def test_catalog_from(self):
        port = free_port()
        peer = self.Peer(self, port, SMALL % (1, 1))
        peer.util("create-zone", CATALOG)
        peer.util("set-kind", CATALOG, "producer")
        server = self.start(CONSUMER.replace("{dns}", str(port)).replace("{other}", str(peer.port)))
        server.ports["dns"] = port
        server.logged("Parsed catalog zone catalog.test. with 0 member zones")
        ours = lambda: peer.answers(WWW, port=port)
        self.assertEqual(ours(), [])
        for catalog, expected in ((CATALOG, ["192.0.2.1"]), ("", [])):
            peer.util("set-catalog", ZONE, catalog)
            peer.wait("the member comes and goes", lambda expected=expected: ours() == expected)

    def test_catalog_to(self):
        lines = lambda zone: FILE.replace("file {dir}/db.example.org", "file {dir}/%s %s" % (zone, zone))
        server = self.start(TO % (".", "", lines(ZONE) + "\n    " + lines(CATALOG)),
                            files={ZONE: SMALL % (1, 1), CATALOG: LISTING % (1, "")})
        server.wait_served(WWW)
        peer = self.Peer(self, server.ports["dns"], domain=CATALOG)
        peer.wait("the catalog", lambda: peer.answers("version." + CATALOG, "TXT"))
        peer.util("set-kind", CATALOG, "consumer")
        self.tell(peer, server)
        for serial, member, expected in ((2, "one.zones PTR example.org.", ["192.0.2.1"]), (3, "", [])):
            server._replace(CATALOG, LISTING % (serial, member))
            peer.wait("the member comes and goes", lambda expected=expected: peer.answers(WWW) == expected)


if __name__ == "__main__":
    unittest.main()
