"""acl: who may ask what; and cancel: a question that takes too long fails in time."""
import socket
import time
import unittest

import dnsmessage as dns
from forwarding import EXTERNAL, ForwardTest

RULES = """\
acl blocked.test {
    block
}
acl filt.test {
    filter type A AAAA net 127.0.0.0/8 ::1
    drop type TXT
    allow type MX
    block type ANY
}
acl only.test {
    allow net 10.0.0.0/8
    block
}
acl filt.test {
    block
}
"""
BLOCKED, FILTERED = b"\0\x0f\0\x02\0\x0f", b"\0\x0f\0\x02\0\x11"


class Acl(ForwardTest):
    def guarded(self, rules=RULES, **kwargs):
        upstream = self.upstream()
        return self.serve(rules + "cache\nlog\nforward . " + upstream.address, **kwargs), upstream

    def test_what_each_action_does(self):
        server, upstream = self.guarded()
        for name, rtype, rcode, error in (("x.blocked.test", "A", dns.REFUSED, BLOCKED), ("x.filt.test", "A", dns.NOERROR, FILTERED),
                                          ("x.filt.test", "NS", dns.REFUSED, BLOCKED), ("x.only.test", "A", dns.REFUSED, BLOCKED)):
            plain, edns = self.ask(server, name, rtype), self.ask(server, name, rtype, edns=1232)
            for reply in (plain, edns):
                self.assertEqual((reply.rcode, reply.answers, reply.authorities, reply.flags & (dns.AA | dns.RA)),
                                 (rcode, [], [], 0), name)
            self.assertIsNone(plain.opt)
            self.assertEqual(edns.opt.data, error)
        self.assertEqual(upstream.questions(), [])
        with self.assertRaises(OSError):
            self.ask(server, "x.filt.test", "TXT", timeout=0.3)
        self.assertEqual(self.ask(server, "x.filt.test", "MX").rcode, dns.NOERROR)
        self.assertEqual(upstream.count("x.filt.test", "MX"), 1)
        self.assert_alive(server, "other.test")
        server.wait("the silence is logged", lambda: '"TXT IN x.filt.test. udp 29 false 512" - - 0 ' in server.log())
        for name, zone, count in (("blocked", "blocked.test.", 2), ("blocked", "filt.test.", 2), ("blocked", "only.test.", 2),
                                  ("filtered", "filt.test.", 2), ("dropped", "filt.test.", 1)):
            self.assertEqual(self.metric(server, "coredns_acl_%s_requests_total" % name, zone=zone), count, (name, zone))
        self.assertGreaterEqual(self.metric(server, "coredns_acl_allowed_requests_total"), 3)
        self.assertEqual(self.metric(server, "coredns_dns_responses_total", plugin="acl", rcode="REFUSED"), 6)
        self.assert_metrics_parse(server)

    def test_a_connection_stays_when_nothing_is_said(self):
        server, _ = self.guarded()
        with socket.create_connection(("127.0.0.1", server.ports["dns"]), 30) as link:
            for name, rtype in (("x.filt.test", "TXT"), ("x.only.test", "A")):
                octets = dns.query(name, rtype)
                link.sendall(len(octets).to_bytes(2, "big") + octets)
            self.assertEqual(dns.Message(dns.read_frame(link)).rcode, dns.REFUSED)

    def test_a_name_in_between_is_decided_about_too(self):
        server, upstream = self.guarded(manifests=EXTERNAL % "x.filt.test")
        reply = self.ask(server, "outside.shop.svc.cluster.local")
        self.assertEqual((reply.rcode, [r.type for r in reply.answers]), (dns.NOERROR, ["CNAME"]))
        self.assertEqual(upstream.questions(), [])


class Cancel(ForwardTest):
    def silent(self):
        """The address of an upstream that never answers."""
        upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        upstream.bind(("127.0.0.1", 0))
        self.addCleanup(upstream.close)
        return "127.0.0.1:%d" % upstream.getsockname()[1]

    def assert_cancelled(self, server, name):
        begin = time.monotonic()
        reply = self.ask(server, name)
        took = time.monotonic() - begin
        self.assertEqual((reply.rcode, reply.answers), (dns.SERVFAIL, []))
        self.assertGreater(took, 0.29)
        self.assertLess(took, 2)
        server.wait("it is logged", lambda: "plugin/errors: 2 %s. A: context deadline exceeded" % name in server.log())

    def test_an_upstream_that_never_answers(self):
        server = self.serve("cancel 300ms\nforward . " + self.silent())
        self.assert_cancelled(server, "a.test")
        self.assert_cluster_served(server)

    def test_a_question_in_between(self):
        server = self.serve("cancel 300ms\ncache\nforward . " + self.silent(), manifests=EXTERNAL % "a.test")
        self.assert_cancelled(server, "outside.shop.svc.cluster.local")

    def test_what_comes_in_time_is_not_touched(self):
        server = self.serve("cancel 20s\nforward . " + self.upstream().address)
        self.assert_alive(server, "a.test")


if __name__ == "__main__":
    unittest.main()
