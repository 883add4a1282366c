"""loop: forwarding that leads back here is found and not used; what needs no forwarding is served."""
import re
import unittest

import dnsmessage as dns
import upstream as up
from forwarding import ForwardTest
from harness import free_port

FOUND = (r'(?m)^\[\w+\] plugin/loop: Loop \(127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+\) detected for zone "\.", see \S+\. '
         r'Query: "HINFO \d+\.\d+\."')


class Loop(ForwardTest):
    def looping(self, lines="loop\nforward . 127.0.0.1:{dns}"):
        server = self.serve(lines)
        server.wait("the loop is found", lambda: re.search(FOUND, server.log()))
        return server

    def test_a_loop_is_told_and_the_cluster_is_served(self):
        server = self.looping()
        for i in range(20):
            self.assertEqual(self.ask(server, "n%d.test" % i).rcode, dns.REFUSED)
            self.assert_cluster_served(server)
        server.logged_as(FOUND)
        self.assertEqual(len(re.findall(FOUND, server.log())), 1)
        self.assertEqual(self.metric(server, "fairlead_loop_detected", zone="."), 1)
        self.assertIn("loop", server.get("ready", "/ready")[1].lower())
        self.assertEqual(server.get("health", "/health"), (200, "OK"))
        self.assertIsNone(server.process.poll())
        self.assert_metrics_parse(server)

    def test_a_loop_by_way_of_another_server(self):
        other = self.start(".:{dns} {\n bind 127.0.0.1\n forward . 127.0.0.1:{other}\n}\n")
        text = ".:%d {\n bind 127.0.0.1\n loop\n forward . 127.0.0.1:%d\n}\n" % (other.ports["other"], other.ports["dns"])
        server = self.start(text)
        server.wait("the loop is found", lambda: re.search(FOUND, server.log()))

    def test_a_loop_that_closes_later(self):
        """SERVFAIL, as nobody is there yet, does not end the search."""
        later = free_port()
        server = self.start(".:{dns} {\n bind 127.0.0.1\n loop\n forward . 127.0.0.1:%d\n}\n" % later)
        reply = server.wait("it answers", lambda: server.try_ask("a.test"))
        self.assertEqual(reply.rcode, dns.SERVFAIL)
        self.start(".:%d {\n bind 127.0.0.1\n forward . 127.0.0.1:%d\n}\n" % (later, server.ports["dns"]))
        server.wait("the loop is found", lambda: re.search(FOUND, server.log()))

    def test_a_new_corefile_ends_it(self):
        server = self.looping()
        upstream = self.upstream()
        server.edit_corefile("forward . 127.0.0.1:%d" % server.ports["dns"], "forward . " + upstream.address)
        server.wait("forwarding works", lambda: self.ask(server, "a.test").rcode == dns.NOERROR)
        server.wait("the metric says so", lambda: not self.metric(server, "fairlead_loop_detected", zone="."))
        self.assertEqual(server.get("ready", "/ready"), (200, "OK"))

    def test_no_loop(self):
        upstream = self.upstream()
        server = self.serve("loop\nforward . %s" % upstream.address)
        server.wait("the probe is sent", lambda: any(q.type == "HINFO" for q in upstream.questions()))
        self.assert_alive(server, "a.test")
        self.assertNotRegex(server.log(), FOUND)
        probe = next(q for q in upstream.questions() if q.type == "HINFO")
        self.assertRegex(probe.name, r"^\d+\.\d+\.$")
        self.assertGreater(int(probe.name.split(".")[0]) | int(probe.name.split(".")[1]), 2 ** 48, "a probe that is easy to guess")

    def test_others_cannot_make_it_believe_in_a_loop(self):
        """Not even one who has seen a probe's name, as an upstream has."""
        upstream = self.upstream(up.sends(up.code(dns.NOERROR)))
        server = self.serve("loop\nforward . %s" % upstream.address)
        probe = server.wait("the probe", lambda: [q for q in upstream.questions() if q.type == "HINFO"])[0]
        for name in ["123456789.987654321.", "1.2."] * 10:
            self.ask(server, name, "HINFO")
        self.assertNotRegex(server.log(), FOUND)
        self.assertIsNone(server.process.poll())
        for _ in range(10):
            self.ask(server, probe.name, "HINFO")
        upstream.behaviour = up.answer
        self.assert_cluster_served(server)
        self.assertIsNone(server.process.poll())


if __name__ == "__main__":
    unittest.main()
