"""cache: what is kept, for how long, and what upstreams are spared."""
import socket
import time
import unittest

import dnsmessage as dns
import upstream as up
from forwarding import ForwardTest

SHORT = "success 1000 3600 1\ndenial 1000 3600 1"     # the shortest time an answer is kept: a second


class CacheTest(ForwardTest):
    def cached(self, *upstreams, options="", argument="", forward="", **kwargs):
        return self.forward(*upstreams, options=forward, extra="cache %s {\n%s\n}" % (argument, options), **kwargs)

    def pass_time(self, server, seconds):
        end = time.monotonic() + seconds
        server.wait("%s s" % seconds, lambda: time.monotonic() > end)


class Keeping(CacheTest):
    def test_a_second_question_is_not_asked(self):
        upstream = self.upstream()
        server = self.cached(upstream)
        for name in ("a.test", "A.Test", "a.test"):
            self.assert_right(self.ask(server, name), "a.test")
        self.assertEqual(upstream.count("a.test"), 1)
        self.ask(server, "a.test", "AAAA")
        self.assertEqual(upstream.count("a.test"), 2)
        self.assertGreaterEqual(self.metric(server, "coredns_cache_hits_total", type="success"), 2)
        self.assertEqual(self.metric(server, "coredns_cache_entries", type="success"), 1)

    def test_a_hit_has_the_flags_of_the_miss(self):
        upstream = self.upstream()
        upstream.on("aa.test", up.sends(lambda q: q.reply([dns.a(q.name, "203.0.113.1")], flags=dns.AA)))
        server = self.cached(upstream)
        for name, aa in (("aa.test", dns.AA), ("a.test", 0)):
            for _ in range(2):
                self.assertEqual(self.ask(server, name).flags, dns.QR | dns.RD | dns.RA | aa, name)

    def test_udp_and_tcp_share(self):
        upstream = self.upstream(up.sends(up.many(50)))
        server = self.cached(upstream)
        self.assertEqual(len(self.ask(server, "a.test", tcp=True).answers), 50)
        self.assertEqual(len(self.ask(server, "a.test", edns=1232).answers), 50)
        self.assertTrue(self.ask(server, "a.test").truncated)
        self.assertEqual(upstream.count("a.test"), 1)

    def test_the_case_of_the_question_comes_back(self):
        server = self.cached(self.upstream())
        for name in ("mixed.test", "MiXeD.TeSt"):
            octets = self.ask(server, name).octets
            self.assertIn(dns.name_octets(name), octets)

    def test_each_rrset_counts_down_its_own_ttl(self):
        upstream = self.upstream(up.sends(lambda q: q.reply(
            [dns.cname(q.name, "target.test", 900), dns.a("target.test", "203.0.113.1", 20)])))
        server = self.cached(upstream)
        self.assertEqual(self.ask(server, "a.test").ttls(), {"CNAME": 900, "A": 20})
        later = server.wait("the TTL counts down", lambda: [t for t in [self.ask(server, "a.test").ttls()] if t["A"] < 20])[0]
        self.assertEqual(900 - later["CNAME"], 20 - later["A"])
        self.assertEqual(upstream.count("a.test"), 1)

    def test_limits_of_ttls(self):
        upstream = self.upstream()
        upstream.on("long.test", lambda q, link, _: link.send(q.good(2 ** 31 - 1)))
        upstream.on("negative.test", lambda q, link, _: link.send(q.good(2 ** 31)))
        upstream.on("medium.test", lambda q, link, _: link.send(q.good(700)))
        server = self.cached(upstream, argument="600")
        for name, highest in (("long.test", 600), ("medium.test", 600), ("negative.test", 5)):
            for _ in range(2):
                self.assertLessEqual(self.ask(server, name).ttls()["A"], highest, name)

    def test_ttl_0_is_not_used_again(self):
        upstream = self.upstream(lambda q, link, _: link.send(q.good(0)))
        server = self.cached(upstream)
        for i in range(3):
            reply = self.ask(server, "a.test")
            self.assertEqual((reply.ttls(), upstream.count("a.test")), ({"A": 0}, i + 1))

    def test_it_expires(self):
        upstream = self.upstream(lambda q, link, _: link.send(q.good(1)))
        server = self.cached(upstream, options=SHORT)
        self.ask(server, "a.test")
        server.wait("it is asked again", lambda: self.ask(server, "a.test") and upstream.count("a.test") == 2)

    def test_keepttl(self):
        upstream = self.upstream()
        server = self.cached(upstream, options="keepttl")
        self.ask(server, "a.test")
        self.pass_time(server, 1.2)
        self.assertEqual((self.ask(server, "a.test").ttls(), upstream.count("a.test")), ({"A": 300}, 1))

    def test_disable(self):
        upstream = self.upstream()
        for zone in ("one.test", "two.test"):
            upstream.on("nx." + zone, up.sends(up.nxdomain))
        server = self.cached(upstream, options="disable success one.test\ndisable denial two.test")
        asked = {}
        for name in ("a.one.test", "nx.one.test", "a.two.test", "nx.two.test"):
            self.ask(server, name)
            self.ask(server, name)
            asked[name] = upstream.count(name)
        self.assertEqual(asked, {"a.one.test": 2, "nx.one.test": 1, "a.two.test": 1, "nx.two.test": 2})

    def test_the_cluster_is_served_live(self):
        server = self.cached(self.upstream())
        for address in ("10.96.0.8", "10.96.0.9"):
            with open(server.dir + "/cluster/objects.yaml") as objects:
                text = objects.read()
            server.write_manifests(text.replace("10.96.0.7", address).replace("10.96.0.8", address))
            server.wait(address, lambda: server.ask("web.shop.svc.cluster.local").addresses == [address])


class Negatives(CacheTest):
    def test_nxdomain_is_of_the_name(self):
        upstream = self.upstream(up.sends(up.nxdomain))
        server = self.cached(upstream)
        for rtype in ("A", "AAAA", "TXT", "SRV", "A"):
            reply = self.ask(server, "gone.test", rtype)
            self.assertEqual((reply.rcode, [r.type for r in reply.authorities]), (dns.NXDOMAIN, ["SOA"]), rtype)
        self.assertEqual(upstream.count("gone.test"), 1)

    def test_nodata_is_of_the_type(self):
        upstream = self.upstream()
        server = self.cached(upstream)
        for _ in range(2):
            self.assertEqual(self.ask(server, "a.test", "AAAA").answers, [])
            self.assert_right(self.ask(server, "a.test"), "a.test")
        self.assertEqual(upstream.count("a.test"), 2)

    def test_nothing_that_says_little_is_kept(self):
        upstream = self.upstream()
        behaviours = {
            "no-soa": up.code(dns.NXDOMAIN), "nodata": up.code(dns.NOERROR), "refused": up.code(dns.REFUSED),
            "formerr": up.code(dns.FORMERR), "tc": up.truncated, "loop": up.cname_loop}
        for label, make in behaviours.items():
            upstream.on(label + ".test", up.sends(make))
        server = self.cached(upstream, forward="max_fails 0")
        for label in behaviours:
            with self.subTest(label):
                self.ask(server, label + ".test")
                asked = upstream.count(label + ".test")
                self.ask(server, label + ".test")
                self.assertGreater(upstream.count(label + ".test"), asked)

    def test_poison_is_not_kept(self):
        upstream = self.upstream()
        upstream.on("poison.test", up.sends(up.poison("victim.test")))
        server = self.cached(upstream)
        self.assert_right(self.ask(server, "poison.test"), "poison.test")
        self.assert_right(self.ask(server, "victim.test"), "victim.test")
        self.assertEqual(upstream.count("victim.test"), 1)

    def test_what_one_zones_upstream_says_of_another_is_not_kept(self):
        corp, rest = self.upstream(), self.upstream()
        corp.on("alias.corp.test", up.sends(lambda q: q.reply([dns.cname(q.name, "bank.test"), dns.a("bank.test", up.FORGED)])))
        server = self.serve("forward corp.test %s\nforward . %s\ncache" % (corp.address, rest.address))
        for _ in range(2):
            self.ask(server, "alias.corp.test")
            self.assert_right(self.ask(server, "bank.test"), "bank.test")
        self.assertEqual((corp.count("bank.test"), rest.count("bank.test")), (0, 1))

    def test_servfail_is_kept_for_a_while(self):
        upstream = self.upstream(up.sends(up.code(dns.SERVFAIL)))
        for options, least in (("", 0), ("servfail 0", 4)):
            with self.subTest(options):
                server = self.cached(upstream, options=options, forward="max_fails 0")
                name = "a%d.test" % least
                self.ask(server, name)
                asked = upstream.count(name)
                for _ in range(4):
                    self.assertEqual(self.ask(server, name).rcode, dns.SERVFAIL)
                self.assertGreaterEqual(upstream.count(name) - asked, least)
                if least == 0:
                    self.assertEqual(upstream.count(name), asked)

    def test_a_denial_gives_way_to_what_is_newer(self):
        upstream = self.upstream()
        upstream.on("new.test", up.sends(up.nxdomain))
        server = self.cached(upstream, options=SHORT.replace("3600", "1"))
        self.assertEqual(self.ask(server, "new.test").rcode, dns.NXDOMAIN)
        upstream.on("new.test", up.answer)
        server.wait("the denial has ended", lambda: self.ask(server, "new.test").rcode == dns.NOERROR)
        self.assert_right(self.ask(server, "new.test"), "new.test")


class Storm(CacheTest):
    def storm(self, server, upstream, name, count=200):
        """Many clients ask the same while upstream waits. Returns their replies."""
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
        try:
            for i, client in enumerate(sockets):
                client.settimeout(30)
                client.connect(("127.0.0.1", server.ports["dns"]))
                client.send(dns.query(name, ident=i))
            first = server.wait("upstream is asked", lambda: upstream.of(name))[0]
            upstream.gate.set()
            self.waited = time.monotonic() - first.when
            return [dns.Message(client.recv(4096)) for client in sockets]
        finally:
            for client in sockets:
                client.close()

    def test_one_question_upstream(self):
        upstream = self.upstream(up.gated)
        server = self.cached(upstream)
        counts = []
        for i in range(5):
            name = "storm%d.test" % i
            upstream.gate.clear()
            replies = self.storm(server, upstream, name)
            self.assertEqual([r.ident for r in replies], list(range(200)))
            for reply in replies:
                self.assert_right(reply, name)
            # What waited for longer than a retry takes may have been asked again.
            counts.append(upstream.count(name) - int(self.waited / 0.3))
        self.assertLessEqual(max(counts), 1, counts)

    def test_one_question_upstream_though_nothing_is_kept(self):
        upstream = self.upstream(lambda q, link, u: u.gate.wait() and link.send(q.good(0)))
        server = self.cached(upstream)
        for reply in self.storm(server, upstream, "storm.test"):
            self.assert_right(reply, "storm.test")
        self.assertLess(upstream.count("storm.test"), 50)


class Prefetch(CacheTest):
    def test_asked_before_it_ends(self):
        upstream = self.upstream(lambda q, link, _: link.send(q.good(10)))
        server = self.cached(upstream, options="prefetch 2 1m 90%")
        self.ask(server, "a.test")
        begin = time.monotonic()
        server.wait("it is asked again", lambda: self.ask(server, "a.test") and upstream.count("a.test") > 1)
        self.assertLess(upstream.of("a.test")[1].when - begin, 10)
        self.assertGreaterEqual(self.metric(server, "coredns_cache_prefetch_total"), 1)
        server.wait("the new one is served", lambda: self.ask(server, "a.test").ttls()["A"] > 8)

    def test_not_for_what_is_seldom_asked(self):
        upstream = self.upstream(lambda q, link, _: link.send(q.good(3)))
        server = self.cached(upstream, options="prefetch 100 1m 90%\n" + SHORT)
        self.ask(server, "a.test")
        self.pass_time(server, 1.2)
        self.ask(server, "a.test")
        self.assertEqual(upstream.count("a.test"), 1)


class Stale(CacheTest):
    def stale(self, options, **kwargs):
        """A server whose entry for a.test ends after a second, and its upstream."""
        upstream = self.upstream(lambda q, link, _: link.send(q.good(1)))
        server = self.cached(upstream, options=options + "\n" + SHORT, **kwargs)
        self.assert_right(self.ask(server, "a.test"), "a.test")
        return server, upstream

    def test_served_while_upstream_is_dead(self):
        for options in ("serve_stale", "serve_stale 1h immediate", "serve_stale 1h verify", "serve_stale 1h verify 50ms"):
            with self.subTest(options):
                server, upstream = self.stale(options)
                upstream.behaviour = up.sends(up.code(dns.SERVFAIL)) if options.endswith("verify") else up.silent
                reply = server.wait("it has ended", lambda: [r for r in [self.ask(server, "a.test")] if r.ttls()["A"] == 0])[0]
                self.assert_right(reply, "a.test")
                self.assert_right(self.ask(server, "a.test"), "a.test")
                self.assertGreaterEqual(self.metric(server, "coredns_cache_served_stale_total"), 1)
                self.assert_cluster_served(server)

    def test_the_fresh_one_comes_when_upstream_is_back(self):
        for options in ("serve_stale", "serve_stale 1h verify"):
            with self.subTest(options):
                server, upstream = self.stale(options, forward="max_fails 0")
                upstream.behaviour = up.sends(up.code(dns.SERVFAIL))
                server.wait("it has ended", lambda: self.ask(server, "a.test").ttls()["A"] == 0)
                upstream.behaviour = up.sends(lambda q: q.reply([dns.a(q.name, "203.0.113.9", 100)]))
                server.wait("the fresh one", lambda: self.ask(server, "a.test").addresses == ["203.0.113.9"])

    def test_verify_gives_the_fresh_one_at_once(self):
        server, upstream = self.stale("serve_stale 1h verify")
        upstream.behaviour = up.sends(lambda q: q.reply([dns.a(q.name, "203.0.113.9", 100)]))
        seen = set()
        server.wait("the fresh one", lambda: seen.update(
            (r.addresses[0], r.ttls()["A"]) for r in [self.ask(server, "a.test")]) or "203.0.113.9" in dict(seen))
        self.assertNotIn((up.address_of("a.test."), 0), seen)

    def test_without_it_nothing_stale_is_served(self):
        server, upstream = self.stale("", forward="max_fails 0")
        upstream.behaviour = up.sends(up.code(dns.SERVFAIL))
        server.wait("SERVFAIL", lambda: self.ask(server, "a.test").rcode == dns.SERVFAIL)

    def test_nxdomain_replaces_stale(self):
        server, upstream = self.stale("serve_stale")
        upstream.behaviour = up.sends(up.nxdomain)
        server.wait("NXDOMAIN", lambda: self.ask(server, "a.test").rcode == dns.NXDOMAIN)
        self.assertEqual(self.ask(server, "a.test").rcode, dns.NXDOMAIN)


class Bounds(CacheTest):
    def test_entries_are_bounded(self):
        upstream = self.upstream()
        server = self.cached(upstream, options="success 1024\ndenial 1024")
        for i in range(3000):
            self.ask(server, "n%d.test" % i)
        self.assertLessEqual(self.metric(server, "coredns_cache_entries", type="success"), 1100)
        self.assertGreater(self.metric(server, "coredns_cache_evictions_total", type="success"), 1800)
        self.assert_metrics_parse(server)

    def test_a_reload_keeps_serving(self):
        upstream = self.upstream()
        server = self.cached(upstream)
        self.ask(server, "a.test")
        server.edit_corefile("cache ", "cache 100 ")
        reply = self.ask(server, "a.test")
        self.assert_right(reply, "a.test")
        self.assertLessEqual(reply.ttls()["A"], 100)


if __name__ == "__main__":
    unittest.main()
