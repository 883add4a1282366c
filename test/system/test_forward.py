"""forward: whatever upstreams do, the client gets the right answer or SERVFAIL, and the next question is answered."""
import statistics
import unittest

import dnsmessage as dns
import upstream as up
from forwarding import ForwardTest

READ_TIMEOUT = 2        # seconds, forward's default: what a server without early retries would wait
NEVER_DOWN = "max_fails 0"
LARGE = 1232            # EDNS size
QUESTIONS_PER_PORT = 32
RIGHT_IN_THE_END = {
    "first-lost": up.first_lost,
    "lossy": up.lossy(0.3),
    "slow": up.slow(0.2),
    "garbage": up.after(up.garbage, up.short, up.a_query),
    "wrong-id": up.after(up.wrong_id),
    "wrong-question": up.after(up.wrong_question),
    "wrong-port": up.forged_from_another_port,
    "no-edns": up.formerr_to_edns,
}
USELESS = {
    "silent": up.silent,
    "only-wrong-id": up.sends(up.wrong_id),
    "only-wrong-question": up.sends(up.wrong_question),
    "long-name": up.sends(up.long_name),
    "forged-counts": up.sends(up.forged_counts),
    "bad-rdata": up.sends(up.bad_rdata),
    "pointer-loop": up.sends(up.pointer_loop),
}
CODES = {"refused": dns.REFUSED, "servfail": dns.SERVFAIL, "notimp": dns.NOTIMP, "formerr": dns.FORMERR, "nx": dns.NXDOMAIN}


class Replies(ForwardTest):
    """One upstream, one behaviour per name, all names asked at once."""

    def table(self, behaviours, **kwargs):
        upstream = self.upstream()
        for label, behaviour in behaviours.items():
            upstream.on(label + ".test", behaviour)
        server = self.forward(upstream, options=NEVER_DOWN)
        replies = self.ask_together(server, [label + ".test" for label in behaviours], **kwargs)
        self.assert_alive(server, "good.test")
        return server, upstream, replies

    def test_the_right_answer_comes_in_the_end(self):
        _, _, replies = self.table(RIGHT_IN_THE_END)
        for name, reply in replies.items():
            with self.subTest(name):
                self.assert_right(reply, name)

    def test_no_answer_is_servfail(self):
        server, upstream, replies = self.table(USELESS)
        for name, reply in replies.items():
            with self.subTest(name):
                self.assertIsNotNone(reply)
                self.assertEqual((reply.rcode, reply.answers), (dns.SERVFAIL, []), reply)
            self.assertLessEqual(upstream.count(name), 20, "a question is asked again without end")

    def test_rcodes_are_passed_on(self):
        _, _, replies = self.table({label: up.sends(up.code(rcode)) for label, rcode in CODES.items()})
        self.assertEqual({name: reply.rcode for name, reply in replies.items()},
                         {label + ".test": rcode for label, rcode in CODES.items()})

    def test_chains_end(self):
        _, upstream, replies = self.table({"loop": up.sends(up.cname_loop), "chain": up.sends(up.chain(100))}, tcp=True)
        for name, reply in replies.items():
            with self.subTest(name):
                self.assertIn(reply.rcode, (dns.NOERROR, dns.SERVFAIL))
                self.assertLessEqual(len(reply.answers), 101)
                self.assertLessEqual(upstream.count(name), 20)

    def test_a_short_chain_is_whole(self):
        _, _, replies = self.table({"chain": up.sends(up.chain(5))})
        self.assertEqual(len(replies["chain.test"].answers), 6)
        self.assertEqual(replies["chain.test"].addresses, ["203.0.113.100"])

    def test_negatives_are_passed_on(self):
        _, _, replies = self.table({"with-soa": up.sends(up.nxdomain), "without": up.sends(up.code(dns.NXDOMAIN))})
        self.assertEqual([r.type for r in replies["with-soa.test"].authorities], ["SOA"])
        self.assertEqual(replies["with-soa.test"].rcode, dns.NXDOMAIN)
        self.assertEqual(replies["without.test"].rcode, dns.NXDOMAIN)

    def test_what_nobody_asked_for_is_left_out(self):
        server, upstream, replies = self.table({"poison": up.sends(up.poison("victim.test"))})
        self.assert_right(replies["poison.test"], "poison.test")
        self.assertNotIn(up.FORGED, str(replies["poison.test"].additionals + replies["poison.test"].answers))
        self.assert_right(self.ask(server, "victim.test"), "victim.test")


class Truncation(ForwardTest):
    def test_the_whole_comes_over_tcp_when_the_client_can_have_it(self):
        upstream = self.upstream(up.whole_over_tcp(60))
        server = self.forward(upstream)
        reply = self.ask(server, "large.test", edns=LARGE)
        self.assertEqual((reply.truncated, len(reply.answers)), (False, 60))
        self.assertEqual(len(self.ask(server, "other.test", tcp=True).answers), 60)

    def test_a_client_that_cannot_have_it_is_told(self):
        server = self.forward(self.upstream(up.whole_over_tcp(60)))
        reply = self.ask(server, "large.test")
        self.assertTrue(reply.truncated)
        self.assertLessEqual(len(reply.octets), 512)

    def test_never_whole(self):
        upstream = self.upstream()
        upstream.on("never.test", up.sends(up.truncated))
        server = self.forward(upstream)
        for tcp in (False, True):
            reply = self.ask(server, "never.test", edns=LARGE, tcp=tcp)
            self.assertTrue(reply.truncated or reply.rcode == dns.SERVFAIL, reply)
        self.assert_alive(server, "good.test")
        upstream.on("never.test", up.answer)
        self.assert_right(self.ask(server, "never.test"), "never.test")

    def test_more_than_was_offered(self):
        """A datagram larger than the EDNS size that was sent, and 64 KB over TCP."""
        upstream = self.upstream()
        upstream.on("huge.test", up.sends(up.many(250)))
        upstream.on("stream.test", up.sends(up.many(4000)))
        server = self.forward(upstream)
        reply = self.ask(server, "huge.test", edns=LARGE)
        self.assertEqual(reply.rcode, dns.NOERROR)
        self.assertTrue(reply.truncated)
        self.assertEqual(len(self.ask(server, "stream.test", tcp=True).answers), 4000)
        self.assert_alive(server, "good.test")


class Streams(ForwardTest):
    def test_bad_connections(self):
        """Good questions that share a connection with what is bad are answered, too."""
        for label, behaviour in {"first-reset": up.first_reset, "drip": up.dripping(0.002), "closing": up.closing}.items():
            with self.subTest(label):
                upstream = self.upstream()
                upstream.on(label + ".test", behaviour)
                server = self.forward(upstream, options="force_tcp\n" + NEVER_DOWN)
                for i in range(5):
                    names = [label + ".test", "a%d.test" % i, "b%d.test" % i]
                    for name, reply in self.ask_together(server, names).items():
                        self.assert_right(reply, name)
                self.assertEqual({q.transport for q in upstream.questions()}, {"tcp"})

    def test_always_reset_is_servfail(self):
        upstream = self.upstream()
        upstream.on("reset.test", up.resets)
        server = self.forward(upstream, options="force_tcp\n" + NEVER_DOWN)
        self.assertEqual(self.ask(server, "reset.test").rcode, dns.SERVFAIL)
        self.assert_alive(server, "good.test")

    def test_half_open_goes_to_the_next(self):
        mute, good = self.upstream(up.silent), self.upstream()
        server = self.forward(mute, good, options="force_tcp\npolicy sequential")
        self.assert_right(self.ask(server, "name.test"), "name.test")
        self.assertEqual(mute.count("name.test"), 1)

    def test_an_idle_connection_that_was_closed_costs_nothing(self):
        upstream = self.upstream(up.closing)
        server = self.forward(upstream, options="force_tcp\nmax_fails 1")
        for i in range(20):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)

    def test_connections_are_used_again(self):
        upstream = self.upstream()
        server = self.forward(upstream, options="force_tcp")
        for i in range(30):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)
        self.assertLess(upstream.connections, 10)


class Health(ForwardTest):
    def test_one_of_three_is_silent(self):
        mute, *good = self.upstream(up.silent), self.upstream(), self.upstream()
        mute.on(".", up.silent)
        server = self.forward(mute, *good)
        names, waited = ["n%d.test" % i for i in range(60)], []
        for name in names:
            self.assert_right(self.ask(server, name), name)
            if lost := mute.of(name):
                waited += [q.when - lost[0].when for u in good for q in u.of(name)]
        self.assertTrue(waited, "the silent one was never asked")
        self.assertLess(min(waited), 0.45)
        self.assertLess(statistics.median(waited), READ_TIMEOUT / 2)

        server.wait("it is probed", lambda: mute.probes() > 1)
        before = len(mute.questions())
        for i in range(100):
            self.assert_right(self.ask(server, "m%d.test" % i), "m%d.test" % i)
        self.assertLessEqual(len(mute.questions()) - before, 2)

        mute.behaviour = up.answer
        mute.on(".", up.answer)
        count = iter(range(10 ** 6))
        server.wait("it is asked again", lambda: self.ask(server, "o%d.test" % next(count)) and
                    any(q.name.startswith("o") for q in mute.questions()))

    def test_all_dead(self):
        dead = self.upstream()
        dead.close()
        mute = self.upstream(up.silent)
        mute.on(".", up.silent)
        server = self.forward(dead, mute)
        names = ["n%d.test" % i for i in range(50)]
        for name, reply in self.ask_together(server, names).items():
            self.assertEqual((reply.rcode, reply.answers), (dns.SERVFAIL, []), name)
        self.assert_cluster_served(server)
        server.wait("an error line", lambda: "[ERROR] plugin/errors: 2 n0.test. A: " in server.log())
        mute.on(".", up.answer)
        mute.behaviour = up.answer
        server.wait("it serves again", lambda: self.ask(server, "back.test").rcode == dns.NOERROR)

    def test_nobody_listens(self):
        """An ICMP error is an answer, too: no waiting for a timeout on each."""
        dead, good = self.upstream(), self.upstream()
        dead.close()
        server = self.forward(dead, good, options="policy sequential")
        for i in range(20):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)


class Safety(ForwardTest):
    def test_ids_and_ports_are_hard_to_guess(self):
        upstream = self.upstream()
        server = self.forward(upstream)
        for i in range(300):
            self.ask(server, "n%d.test" % i)
        asked = upstream.questions()
        idents, ports = [q.ident for q in asked], [q.source for q in asked]
        # Of 300 draws out of 65,536 not ten pairs are equal. A port is for a few questions.
        self.assertGreater(len(set(idents)), 290)
        self.assertLessEqual(max(map(ports.count, ports)), QUESTIONS_PER_PORT)
        ports = [port for i, port in enumerate(ports) if port not in ports[:i]]
        for values in (idents, ports):
            steps = [later - earlier for earlier, later in zip(values, values[1:])]
            self.assertLess(max(map(steps.count, steps)), len(steps) / 3, "they go up in steps")

    def test_the_question_keeps_its_flags(self):
        upstream = self.upstream()
        server = self.forward(upstream)
        dns.exchange(server.ports["dns"], dns.query("no-rd.test", flags=0))
        self.assertEqual(upstream.of("no-rd.test")[0].message.flags & dns.RD, 0)


if __name__ == "__main__":
    unittest.main()
