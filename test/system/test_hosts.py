"""hosts: names from a file and from the Corefile; the file is read again when it changes."""
import os
import shutil
import tempfile
import unittest

import dnsmessage as dns
from forwarding import ForwardTest

HOSTS = "# nodes\n192.0.2.1 node-1 node-1.lab.test\n192.0.2.2 node-2 # the second\n2001:db8::2 node-2\n"
NODE_HOSTS = "hosts {dir}/NodeHosts {\n ttl 60\n reload 1s\n fallthrough\n}\n"       # as in k3s


class Hosts(ForwardTest):
    def with_hosts(self, lines, text=HOSTS, **kwargs):
        """A server, the file written before it starts, in front of a forwarded rest."""
        upstream = self.upstream()
        folder = self.folder()
        self.path = os.path.join(folder, "NodeHosts")
        self.write(text)
        server = self.serve(lines.replace("{dir}", folder) + "forward . " + upstream.address, **kwargs)
        return server, upstream

    def folder(self):
        folder = tempfile.mkdtemp(prefix="fairlead-hosts-")
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def write(self, text):
        with open(self.path + ".new", "w") as out:
            out.write(text)
        os.rename(self.path + ".new", self.path)

    def test_names_of_a_file(self):
        server, upstream = self.with_hosts(NODE_HOSTS)
        reply = self.ask(server, "Node-1")
        self.assertEqual((reply.addresses, reply.ttls(), reply.flags & dns.AA), (["192.0.2.1"], {"A": 60}, dns.AA))
        self.assertEqual(self.ask(server, "node-1.lab.test").addresses, ["192.0.2.1"])
        self.assertEqual(self.ask(server, "node-2").addresses, ["192.0.2.2"])
        self.assertEqual(self.ask(server, "node-2", "AAAA").data("AAAA"), ["2001:db8::2"])
        self.assertEqual(self.ask(server, "1.2.0.192.in-addr.arpa", "PTR").data("PTR"), ["node-1.", "node-1.lab.test."])
        nodata = self.ask(server, "node-1", "AAAA")
        self.assertEqual((nodata.rcode, nodata.answers), (dns.NOERROR, []))
        self.assertEqual(upstream.questions(), [])
        self.assertEqual(self.metric(server, "coredns_hosts_entries"), 8)
        self.assert_metrics_parse(server)

    def test_the_rest_falls_through(self):
        server, upstream = self.with_hosts(NODE_HOSTS)
        self.assert_alive(server, "a.test")
        self.assertEqual(upstream.count("a.test"), 1)
        self.ask(server, "9.2.0.192.in-addr.arpa", "PTR")
        self.assertEqual(upstream.count("9.2.0.192.in-addr.arpa"), 1)

    def test_without_fallthrough_it_ends_here(self):
        server, upstream = self.with_hosts("hosts {dir}/NodeHosts\n")
        self.assertEqual(self.ask(server, "a.test").rcode, dns.SERVFAIL)
        self.assertEqual(upstream.count("a.test"), 0)
        self.assertEqual(self.ask(server, "node-1").ttls(), {"A": 3600})

    def test_fallthrough_of_a_zone(self):
        server, upstream = self.with_hosts("hosts {dir}/NodeHosts {\n fallthrough lab.test\n}\n")
        self.assert_right(self.ask(server, "b.lab.test"), "b.lab.test")
        self.assertEqual(self.ask(server, "b.other.test").rcode, dns.SERVFAIL)
        self.assertEqual(upstream.count("b.other.test"), 0)

    def test_the_file_is_read_again(self):
        server, _ = self.with_hosts(NODE_HOSTS)
        self.assertEqual(self.ask(server, "node-1").addresses, ["192.0.2.1"])
        self.write("192.0.2.11 node-1\n192.0.2.3 node-3\n")
        server.wait("the new node", lambda: self.ask(server, "node-3").addresses == ["192.0.2.3"])
        self.assertEqual(self.ask(server, "node-1").addresses, ["192.0.2.11"])
        self.assertNotEqual(self.ask(server, "node-2").addresses, ["192.0.2.2"])
        self.assertEqual(self.metric(server, "coredns_hosts_entries"), 4)

    def test_a_file_that_comes_later(self):
        server, _ = self.with_hosts(NODE_HOSTS)
        os.unlink(self.path)
        self.assert_cluster_served(server)
        self.write("192.0.2.33 late\n")
        server.wait("the new file", lambda: self.ask(server, "late").addresses == ["192.0.2.33"])

    def test_lines_that_are_not_hosts(self):
        text = "nonsense\n192.0.2.9\n300.1.1.1 bad\n192.0.2.1 good " + "x" * 300 + ".test\n\0\0\n192.0.2.4 after\n"
        server, _ = self.with_hosts(NODE_HOSTS, text=text)
        self.assertEqual(self.ask(server, "good").addresses, ["192.0.2.1"])
        self.assertEqual(self.ask(server, "after").addresses, ["192.0.2.4"])

    def test_inline_and_no_reverse(self):
        lines = "hosts {dir}/NodeHosts lab.test arpa {\n 192.0.2.7 inline.lab.test\n no_reverse\n fallthrough\n}\n"
        server, upstream = self.with_hosts(lines)
        self.assertEqual(self.ask(server, "inline.lab.test").addresses, ["192.0.2.7"])
        self.assertEqual(self.ask(server, "node-1.lab.test").addresses, ["192.0.2.1"])
        self.assert_right(self.ask(server, "node-1"), "node-1")
        self.ask(server, "7.2.0.192.in-addr.arpa", "PTR")
        self.assertEqual(upstream.count("7.2.0.192.in-addr.arpa"), 1)

    def test_hosts_come_before_the_cluster(self):
        server, _ = self.with_hosts(NODE_HOSTS, text="192.0.2.5 db.shop.svc.cluster.local\n")
        self.assertEqual(self.ask(server, "db.shop.svc.cluster.local").addresses, ["192.0.2.5"])
        self.assert_cluster_served(server)


if __name__ == "__main__":
    unittest.main()
