"""forward's options, TLS, several lines in a block, metrics, and ExternalName services that lead outside."""
import os
import shutil
import tempfile
import unittest

import certificates
import dnsmessage as dns
import upstream as up
from forwarding import EXTERNAL, ForwardTest


class Options(ForwardTest):
    def test_transports(self):
        upstream = self.upstream()
        for options, tcp, expected in (("", False, "udp"), ("", True, "tcp"), ("force_tcp", False, "tcp"),
                                       ("prefer_udp", True, "udp")):
            with self.subTest(options=options, tcp=tcp):
                server = self.forward(upstream, options=options)
                name = "%s-%s.test" % (options.replace("_", "-") or "plain", "tcp" if tcp else "udp")
                self.assert_right(self.ask(server, name, tcp=tcp), name)
                self.assertEqual({q.transport for q in upstream.of(name)}, {expected})

    def test_prefer_udp_takes_the_whole_over_tcp(self):
        server = self.forward(self.upstream(up.whole_over_tcp(100)), options="prefer_udp")
        self.assertEqual(len(self.ask(server, "large.test", tcp=True).answers), 100)

    def test_except(self):
        upstream = self.upstream()
        server = self.forward(upstream, options="except internal.test deep.other.test")
        for name, forwarded in (("a.test", True), ("internal.test", False), ("a.Internal.test", False), ("xinternal.test", True),
                                ("other.test", True), ("a.deep.other.test", False)):
            with self.subTest(name):
                reply = self.ask(server, name)
                self.assertEqual(upstream.count(name.lower()), int(forwarded))
                self.assertEqual(reply.rcode == dns.NOERROR, forwarded, reply)

    def test_max_concurrent(self):
        upstream = self.upstream(up.gated)
        server = self.forward(upstream, options="max_concurrent 2\nmax_fails 0")
        waiting = self.background(lambda: self.ask_together(server, ["one.test", "two.test"]))
        server.wait("both are asked", lambda: upstream.count("one.test") and upstream.count("two.test"))
        self.assertEqual(self.ask(server, "three.test").rcode, dns.REFUSED)
        self.assert_cluster_served(server)
        upstream.gate.set()
        for name, reply in waiting().items():
            self.assert_right(reply, name)
        self.assertEqual(self.metric(server, "coredns_forward_max_concurrent_rejects_total"), 1)
        server.wait("there is room again", lambda: self.ask(server, "four.test").rcode == dns.NOERROR)

    def test_policies(self):
        for policy, least in (("random", 20), ("round_robin", 55), ("sequential", 0)):
            with self.subTest(policy):
                two = [self.upstream(), self.upstream()]
                server = self.forward(*two, options="policy " + policy)
                for i in range(120):
                    self.ask(server, "n%d.test" % i)
                counts = [len(u.questions()) for u in two]
                self.assertGreaterEqual(sum(counts), 120)
                self.assertGreaterEqual(min(counts), least)
                self.assertEqual(policy == "sequential", counts[1] == 0)

    def test_failover(self):
        bad, good = self.upstream(up.sends(up.code(dns.SERVFAIL))), self.upstream()
        server = self.forward(bad, good, options="policy sequential\nfailover SERVFAIL REFUSED")
        for i in range(5):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)
        bad.on("nx.test", up.sends(up.nxdomain))
        self.assertEqual(self.ask(server, "nx.test").rcode, dns.NXDOMAIN)

    def test_next(self):
        first, second = self.upstream(), self.upstream()
        server = self.serve("forward . %s {\n next NXDOMAIN\n next_on_nodata\n}\nforward . %s" % (first.address, second.address))
        first.on("nx.test", up.sends(up.nxdomain))
        first.on("nodata.test", up.sends(up.code(dns.NOERROR)))
        first.on("refused.test", up.sends(up.code(dns.REFUSED)))
        for name in ("nx.test", "nodata.test", "first.test"):
            self.assert_right(self.ask(server, name), name)
        self.assertEqual(self.ask(server, "refused.test").rcode, dns.REFUSED)
        self.assertEqual({q.name for q in second.questions()}, {"nx.test.", "nodata.test."})

    def test_the_zone_selects_the_line(self):
        first, second = self.upstream(), self.upstream()
        server = self.serve("forward corp.test %s\nforward . %s" % (first.address, second.address))
        for name in ("a.corp.test", "CORP.test", "xcorp.test", "b.test"):
            self.assert_right(self.ask(server, name), name)
        self.assertEqual({q.name for q in first.questions()}, {"a.corp.test.", "corp.test."})
        self.assertEqual({q.name for q in second.questions()}, {"xcorp.test.", "b.test."})

    def test_addresses_from_a_file(self):
        """A resolv.conf names no port, so nobody is there to ask; what counts is that both are known."""
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolv:
            resolv.write("# a comment\nsearch corp.test\nnameserver 127.0.0.201\nnameserver 127.0.0.202\noptions ndots:5\n")
            resolv.flush()
            server = self.serve("forward . %s" % resolv.name)
            self.assertEqual(self.ask(server, "a.test").rcode, dns.SERVFAIL)
            text = server.get("metrics", "/metrics")[1]
        self.assertIn("127.0.0.20", text)

    def test_metrics(self):
        good, bad = self.upstream(), self.upstream(up.silent)
        bad.on(".", up.silent)
        server = self.forward(good, bad, options="policy round_robin\nmax_fails 1", extra="cache")
        for i in range(20):
            self.ask(server, "n%d.test" % (i // 2))
        server.wait("a failed probe is counted",
                    lambda: self.metric(server, "coredns_proxy_healthcheck_failures_total", to="127.0.0.1:%d" % bad.port))
        text = self.assert_metrics_parse(server)
        answered = self.metric(server, "coredns_proxy_request_duration_seconds_count", proxy_name="forward",
                               to="127.0.0.1:%d" % good.port, rcode="NOERROR")
        self.assertGreaterEqual(answered, 10)
        for name in ("coredns_forward_healthcheck_broken_total", "coredns_forward_max_concurrent_rejects_total",
                     "coredns_proxy_conn_cache_hits_total", "coredns_proxy_conn_cache_misses_total",
                     "coredns_cache_entries", "coredns_cache_hits_total", "coredns_cache_misses_total",
                     "coredns_cache_requests_total"):
            self.assertIn("\n" + name, text)

    def test_bad_upstreams_are_errors_of_the_corefile(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as empty:
            for to, complaint in (("300.1.1.1", "300.1.1.1"), ("127.0.0.1:99999", "99999"), (empty.name, "no valid upstream")):
                with self.subTest(to):
                    server = self.start(".:{dns} {\n bind 127.0.0.1\n forward . %s\n}\n" % to)
                    server.expected_status = 1
                    server.process.wait(30)
                    server.logged_as(r"Corefile(\.\w+)?:3 - Error during parsing: .*" + complaint)


class Tls(ForwardTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fairlead-tls-")
        self.addCleanup(shutil.rmtree, self.folder)
        certificates.make(self.folder, "dns.test")
        certificates.make(self.folder, "stranger.test", ca="other")

    def context(self, name):
        return certificates.server_context(self.folder, name)

    def options(self, name="dns.test"):
        return "tls %s\ntls_servername %s" % (os.path.join(self.folder, "ca.pem"), name)

    def test_answers_over_few_connections(self):
        upstream = self.upstream(tls=self.context("dns.test"))
        server = self.forward(upstream, options=self.options())
        for i in range(30):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)
        self.assertEqual({q.transport for q in upstream.questions()}, {"tls"})
        self.assertLess(upstream.connections, 10)

    def test_a_closed_connection_costs_nothing(self):
        upstream = self.upstream(up.closing, tls=self.context("dns.test"))
        server = self.forward(upstream, options=self.options())
        for i in range(10):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)

    def test_the_certificate_is_checked(self):
        for what, certificate, name in (("another name", "dns.test", "else.test"), ("another CA", "stranger.test", "stranger.test")):
            with self.subTest(what):
                upstream = self.upstream(tls=self.context(certificate))
                server = self.forward(upstream, options=self.options(name))
                self.assertEqual(self.ask(server, "secret.test").rcode, dns.SERVFAIL)
                self.assertEqual(upstream.count("secret.test"), 0)
                self.assert_cluster_served(server)

    def test_not_tls_at_all(self):
        plain = self.upstream()
        server = self.serve("forward . tls://127.0.0.1:%d {\n%s\n}" % (plain.port, self.options()))
        self.assertEqual(self.ask(server, "a.test").rcode, dns.SERVFAIL)
        self.assert_cluster_served(server)


class ExternalName(ForwardTest):
    NAME = "outside.shop.svc.cluster.local"

    def test_the_target_is_asked_for(self):
        upstream = self.upstream()
        upstream.on("two.test", up.sends(lambda q: q.reply([dns.cname(q.name, "three.test"), dns.a("three.test", "203.0.113.3")])))
        for target, addresses in (("host.test", [up.address_of("host.test.")]), ("two.test", ["203.0.113.3"])):
            with self.subTest(target):
                server = self.forward(upstream, manifests=EXTERNAL % target, extra="cache 30")
                for _ in range(2):
                    reply = self.ask(server, self.NAME)
                    self.assertEqual((reply.rcode, reply.addresses), (dns.NOERROR, addresses))
                    self.assertEqual(reply.answers[0].data, target + ".")
                self.assertEqual(upstream.count(target), 1)

    def test_a_target_that_does_not_exist(self):
        upstream = self.upstream(up.sends(up.nxdomain))
        server = self.forward(upstream, manifests=EXTERNAL % "gone.test")
        reply = self.ask(server, self.NAME)
        self.assertEqual(reply.data("CNAME"), ["gone.test."])
        self.assertEqual(reply.addresses, [])
        self.assert_cluster_served(server)

    def test_a_loop_over_two_servers_ends(self):
        """Each forwards the other's zone; their services name each other."""
        corefile = ".:%s {\n bind 127.0.0.1\n prometheus 127.0.0.1:{metrics}\n kubernetes %s.test {\n manifests {dir}/cluster\n }\n" \
                   " forward . 127.0.0.1:%s\n}\n"
        one = self.start(corefile % ("{dns}", "one", "{other}"), manifests=EXTERNAL % "outside.shop.svc.two.test")
        two = self.start(corefile % (one.ports["other"], "two", one.ports["dns"]), manifests=EXTERNAL % "outside.shop.svc.one.test")
        two.ports["dns"] = one.ports["other"]
        one.wait_served("web.shop.svc.one.test")
        two.wait_served("web.shop.svc.two.test")
        reply = self.ask(one, "outside.shop.svc.one.test")
        self.assertEqual(reply.addresses, [])
        for server, zone in ((one, "one"), (two, "two")):
            self.assertEqual(self.ask(server, "web.shop.svc.%s.test" % zone).addresses, ["10.96.0.7"])
            self.assertLess(self.metric(server, "coredns_dns_requests_total"), 1000)

    def test_bufsize(self):
        upstream = self.upstream()
        server = self.forward(upstream, extra="bufsize 600")
        upstream.on("large.test", up.sends(up.many(60)))
        reply = self.ask(server, "large.test", edns=4096)
        self.assertTrue(reply.truncated)
        self.assertLessEqual(len(reply.octets), 600)


if __name__ == "__main__":
    unittest.main()
