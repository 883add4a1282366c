"""timeouts, multisocket, debug and root: what the server does with sockets, files and its log."""
import os
import socket
import time
import unittest

import dnsmessage as dns
from forwarding import CLUSTER_NAME, ForwardTest
from harness import Reply, ServerTest, query


class Timeouts(ForwardTest):
    def connect(self, server):
        link = socket.create_connection(("127.0.0.1", server.ports["dns"]), 30)
        self.addCleanup(link.close)
        return link

    def put(self, link, *names):
        for name in names:
            octets = dns.query(name)
            link.sendall(len(octets).to_bytes(2, "big") + octets)

    def assert_closed_after(self, seconds, link):
        """Not before; and sooner than without the directive."""
        begin = time.monotonic()
        self.assertEqual(link.recv(1), b"")
        took = time.monotonic() - begin
        self.assertGreater(took, seconds - 0.05)
        self.assertLess(took, 8)

    def test_silence_before_and_after_a_query(self):
        server = self.serve("timeouts {\n read 1s\n idle 2s\n}")
        self.assert_closed_after(1, self.connect(server))
        link = self.connect(server)
        self.put(link, CLUSTER_NAME)
        self.assertEqual(dns.Message(dns.read_frame(link)).addresses, ["10.96.0.7"])
        self.assert_closed_after(2, link)

    def test_a_reply_to_come_keeps_it_open(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            server = self.serve("timeouts {\n idle 1s\n}\ncancel 2500ms\nforward . 127.0.0.1:%d" % silent.getsockname()[1])
            link = self.connect(server)
            self.put(link, CLUSTER_NAME, "a.test")
            self.assertEqual(dns.Message(dns.read_frame(link)).addresses, ["10.96.0.7"])
            self.assertEqual(dns.Message(dns.read_frame(link)).rcode, dns.SERVFAIL)
            self.assert_closed_after(1, link)

    def test_queries_of_one_connection(self):
        server = self.serve("timeouts {\n maxtcpqueries 2\n}")
        link = self.connect(server)
        self.put(link, CLUSTER_NAME, CLUSTER_NAME, CLUSTER_NAME)
        for _ in range(2):
            self.assertEqual(dns.Message(dns.read_frame(link)).addresses, ["10.96.0.7"])
        with self.assertRaises(OSError):
            dns.read_frame(link)

    def test_who_asks_is_told_the_idle_time(self):
        server = self.serve("timeouts {\n idle 2500ms\n}")
        link = self.connect(server)
        octets = bytearray(dns.query(CLUSTER_NAME, edns=1232))
        octets[-2:] = b"\0\4\0\x0b\0\0"   # edns-tcp-keepalive (RFC 7828)
        link.sendall(len(octets).to_bytes(2, "big") + octets)
        self.assertIn(b"\0\x0b\0\2\0\x19", dns.read_frame(link))

    def test_a_reload_changes_them_for_new_connections(self):
        server = self.serve("timeouts {\n maxtcpqueries 1\n}")
        old = self.connect(server)
        self.put(old, CLUSTER_NAME)
        dns.read_frame(old)
        self.assertEqual(old.recv(1), b"")
        server.edit_corefile("maxtcpqueries 1", "maxtcpqueries -1")
        link = self.connect(server)
        self.put(link, *[CLUSTER_NAME] * 5)
        for _ in range(5):
            self.assertEqual(dns.Message(dns.read_frame(link)).addresses, ["10.96.0.7"])


class Sockets(ForwardTest):
    def opened(self, server):
        """How many UDP and TCP sockets the server has at its address."""
        address = "0100007F:%04X" % server.ports["dns"]
        inodes = {os.readlink("/proc/%d/fd/%s" % (server.process.pid, fd)) for fd in os.listdir("/proc/%d/fd" % server.process.pid)}

        def count(table):
            with open(table) as lines:
                rows = [line.split() for line in list(lines)[1:]]
            return sum(r[1] == address and r[2].endswith(":0000") and "socket:[%s]" % r[9] in inodes for r in rows)
        return count("/proc/net/udp"), count("/proc/net/tcp")

    def test_as_many_as_the_corefile_says(self):
        server = self.serve("multisocket 3")
        self.assertEqual(self.opened(server), (3, 3))
        line = ".:%d on 127.0.0.1\n" % server.ports["dns"]
        server.wait("the start lines", lambda: server.log().count(line) == 3)
        for _ in range(20):
            self.assert_cluster_served(server)

    def test_an_address_that_stays_open_keeps_its_sockets(self):
        server = self.serve("multisocket 1")
        self.assertEqual(self.opened(server), (1, 1))
        server.edit_corefile("multisocket 1", "multisocket 4")
        self.assertEqual(self.opened(server), (1, 1))
        self.assert_cluster_served(server)


class Bind(ServerTest):
    def code(self, server, address, name):
        asked = query(name)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(5)
            udp.connect((address, server.ports["dns"]))
            udp.send(asked)
            return Reply(udp.recv(4096), asked).rcode

    def test_an_interface_beside_all_addresses(self):
        for addresses in ("lo 0.0.0.0", "127.0.0.1 0.0.0.0", "0.0.0.0 127.0.0.1"):
            with self.subTest(addresses=addresses):
                server = self.start("one.test:{dns} {\n bind %s\n whoami\n}\n" % addresses)
                server.wait_served("a.one.test")
                for address in ("127.0.0.1", "127.0.0.2"):
                    self.assertEqual(self.code(server, address, "a.one.test"), 0)

    def test_one_block_at_all_addresses_another_at_one(self):
        server = self.start("one.test:{dns} {\n bind 0.0.0.0\n whoami\n}\n"
                            "one.test:{dns} {\n bind 127.0.0.1\n acl {\n block\n }\n whoami\n}\n")
        server.wait_served("a.one.test")
        self.assertEqual(self.code(server, "127.0.0.1", "a.one.test"), 5)
        self.assertEqual(self.code(server, "127.0.0.2", "a.one.test"), 0)


class Root(ForwardTest):
    def test_relative_names_begin_there(self):
        server = self.serve("root {dir}\nhosts cluster/hosts {\n fallthrough\n reload 1s\n}\nwhoami")
        with open(server.dir + "/cluster/hosts", "w") as hosts:
            hosts.write("192.0.2.9 here.test\n")
        server.wait("the file is read", lambda: self.ask(server, "here.test").addresses == ["192.0.2.9"])

    def test_a_folder_that_is_not_there(self):
        server = self.serve("root /nonexist\nwhoami")
        server.logged("[WARNING] plugin/root: Root path does not exist: /nonexist\n")


if __name__ == "__main__":
    unittest.main()
