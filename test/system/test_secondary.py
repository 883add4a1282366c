"""secondary: a zone that is copied from other servers, one of ours among them; timers, NOTIFY, what primaries do wrong."""
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import dnsmessage as dns
from harness import MANIFESTS, PATIENCE, free_port
from primary import AXFR, IXFR, SOA, ZONE, FollowerTest, Primary, soa

COREFILE = """\
example.org:{dns} {
    bind 127.0.0.1
    errors
    secondary {
        transfer from 127.0.0.1:{other}
    }
    prometheus 127.0.0.1:{metrics}
}
"""


def expire_of(server):
    """What dig is told of the zone's EXPIRE; None: nothing."""
    said = subprocess.run(["dig", "+expire", "+norec", "-p", str(server.ports["dns"]), "@127.0.0.1", ZONE, "SOA"],
                          capture_output=True, text=True, timeout=PATIENCE).stdout
    found = re.search(r"^; EXPIRE: (\d+)", said, re.MULTILINE)
    return found and int(found[1])


class Secondary(FollowerTest):
    def follow(self, primary, corefile=COREFILE):
        server = self.start(corefile.replace("{other}", str(primary.port)))
        self.wait_address(server, primary.address)
        return server

    def test_start(self):
        """S1, S2: SERVFAIL until there is a copy, which is tried for ever more slowly."""
        port = free_port()
        server = self.start(COREFILE.replace("{other}", str(port)))
        self.assertEqual(server.wait("an answer", lambda: self.address(server)), dns.SERVFAIL)
        self.assertEqual(server.ask("www." + ZONE).flags & dns.AA, 0)
        refused = 'Failed to setup transfer `example.org.\' with `"127.0.0.1:%d"\': dial tcp 127.0.0.1:%d: connect: connection refused'
        server.wait("a second try", lambda: "masters failed to transfer, retrying in 500ms: dial tcp" in server.log())
        server.logged(refused % (port, port))
        server.logged("All 'example.org.' masters failed to transfer, retrying in 250ms: dial tcp")
        primary = Primary(self, port)
        self.wait_address(server, primary.address)
        self.assertTrue(server.ask("www." + ZONE).flags & dns.AA)
        server.logged("Transferred: example.org. from 127.0.0.1:%d" % port)

    def test_notify(self):
        """S3 to S5: who is heard, and that what is newer is fetched at once."""
        primary = Primary(self)
        server = self.follow(primary)
        primary.serial, primary.address = 2, "192.0.2.2"
        reply = self.notify(server)
        self.assertEqual((reply.flags, reply.name, reply.type), (dns.QR | dns.NOTIFY | dns.AA, "example.org.", "SOA"))
        self.wait_address(server, "192.0.2.2")
        primary.serial, primary.address = 3, "192.0.2.3"
        self.assertEqual(self.notify(server, tcp=True).rcode, dns.NOERROR)
        self.wait_address(server, "192.0.2.3")
        self.assertEqual(self.notify(server, "foo." + ZONE).rcode, 9)        # NOTAUTH
        self.assertEqual(self.notify(server, "other.test").rcode, dns.REFUSED)  # of no block
        primary.serial, primary.address = 1, "192.0.2.4"                    # S6: not followed at once
        self.notify(server)
        server.wait("a look", lambda: primary.asked[-1] == SOA)
        self.assertEqual(self.address(server), "192.0.2.3")
        self.wait_address(server, "192.0.2.4")                              # it was made anew there

    def test_notify_from_others(self):
        primary = Primary(self)
        server = self.start(COREFILE.replace("127.0.0.1:{other}", "127.0.0.2 127.0.0.1:{other}").replace("{other}", str(primary.port)))
        self.wait_address(server, primary.address)
        octets = dns.notify(ZONE)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(10)
            peer.bind(("127.0.0.3", 0))
            peer.connect(("127.0.0.1", server.ports["dns"]))
            looked = len(primary.asked)
            peer.send(octets)
            self.assertEqual(dns.Message(peer.recv(512)).rcode, dns.REFUSED)
            self.assertEqual(len(primary.asked), looked)
        server.wait("a line", lambda: "Dropping notify from 127.0.0.3 for example.org." in server.log())

    def test_expiry(self):
        """S7, S8: it is served until it expires, and again when the server is back with the same."""
        primary = Primary(self)
        primary.times = (1, 1, 4)
        server = self.follow(primary)
        primary.close()
        self.wait_address(server, dns.SERVFAIL)
        server.logged("Zone example.org. is expired")
        _, text = server.get("metrics", "/metrics")
        self.assertIn('fairlead_secondary_expired{zone="example.org."} 1', text)
        again = Primary(self, primary.port)
        again.times = primary.times
        self.wait_address(server, primary.address)
        self.assertEqual(set(again.asked), {SOA})

    def test_expire_option(self):
        """A copy ends when that of its server does, long before the SOA's expire; a new look makes it last longer."""
        primary = Primary(self)
        primary.expire = 5
        server = self.follow(primary)
        primary.close()
        self.wait_address(server, dns.SERVFAIL)
        server.logged("Zone example.org. is expired")
        again = Primary(self, primary.port)
        again.expire = 5000
        self.wait_address(server, again.address)
        self.assertEqual(set(again.asked), {SOA})
        self.assertTrue(1000 < expire_of(server) <= 5000)

    def test_expire_in_a_chain(self):
        """A copy of a copy lasts no longer, nor does one that a restart finds."""
        folder = tempfile.mkdtemp(prefix="fairlead-copies-")
        self.addCleanup(shutil.rmtree, folder, True)
        path = os.path.join(folder, "example.org.zone")
        corefile = COREFILE.replace("    secondary {\n", "    transfer {\n        to *\n    }\n    secondary {\n        copies %s\n" % folder)
        primary = Primary(self)
        primary.expire = 5000
        server = self.follow(primary, corefile)
        last = self.start(COREFILE.replace("{other}", str(server.ports["dns"])))
        self.wait_address(last, primary.address)
        server.wait("less", lambda: (expire_of(server) or 5000) < 4999)
        said = [expire_of(one) for one in (server, last)]
        self.assertTrue(5000 > said[0] >= said[1] > 1000, said)
        server.wait("the file", lambda: os.path.exists(path))
        self.assertEqual(server.stop(), 0)
        self.assertAlmostEqual(os.stat(path).st_mtime, time.time() - (86400 - 5000), delta=1000)
        primary.close()
        server = self.follow(primary, corefile)
        self.assertTrue(said[0] >= expire_of(server) > 1000)

    def test_expire_of_ours(self):
        """Of a file it is the SOA's."""
        server = self.start("example.org:{dns} {\n    bind 127.0.0.1\n    file {dir}/db\n}\n",
                            files={"db": "@ 300 IN SOA ns1 hostmaster 1 7200 3600 1209600 30\nwww A 192.0.2.7\n"})
        self.wait_address(server, "192.0.2.7")
        self.assertEqual(expire_of(server), 1209600)

    def test_what_is_no_zone(self):
        """S10, S11, S13: nothing of it is served; what was there stays."""
        primary = Primary(self)
        server = self.follow(primary)
        record = dns.a("www." + ZONE, "192.0.2.66")
        wrong = {
            "EOF": [([soa(9), record], 0)],
            "the last SOA is not the first": [([soa(9), record, soa(10)], 0)],
            "there are records behind the last SOA": [([soa(9), record, soa(9), record], 0)],
            "comes before the SOA": [([record, soa(9)], 0)],
            "i/o timeout": [([soa(9), record], 3), ([soa(9)], 0)],
        }
        primary.serial = 9
        for what, messages in wrong.items():
            primary.messages = messages
            self.notify(server)
            server.wait(what, lambda text=what: text in server.log())
            self.assertEqual(self.address(server), "192.0.2.1")
        # It says the SOA at once, and then takes its time: who has begun is waited for.
        primary.messages = [([soa(9)], 0), ([dns.a("www." + ZONE, "192.0.2.9"), soa(9)], 3)]
        self.wait_address(server, "192.0.2.9")

    def test_changes(self):
        """IXFR: changes to the copy; what are none are asked for as a whole."""
        primary = Primary(self)
        server = self.follow(primary)
        old, new = (dns.a("www." + ZONE, address) for address in ("192.0.2.1", "192.0.2.2"))
        primary.serial, primary.address = 2, "192.0.2.2"
        primary.changes = [soa(2), soa(1), old, soa(2), new, dns.a("more." + ZONE, "192.0.2.7"), soa(2)]
        self.notify(server)
        self.wait_address(server, "192.0.2.2")
        self.assertEqual(self.address(server, "more"), "192.0.2.7")
        server.logged(", as changes")
        primary.serial, primary.address = 3, "192.0.2.3"
        primary.changes = [soa(3), soa(2), old, soa(3), new, soa(3)]        # there is no such record
        self.notify(server)
        self.wait_address(server, "192.0.2.3")
        self.assertEqual(self.address(server, "more"), dns.NXDOMAIN)
        server.logged("asking for all of it: the changes are not to the copy")
        self.assertEqual([one for one in primary.asked if one != SOA], [AXFR, IXFR, IXFR, AXFR])

    def test_two_servers(self):
        """S12"""
        primary, gone = Primary(self), free_port()
        server = self.start(COREFILE.replace("127.0.0.1:{other}", "127.0.0.1:%d 127.0.0.1:%d" % (gone, primary.port)))
        self.wait_address(server, primary.address)
        self.assertEqual(server.log().count("Failed to setup transfer"), 1)

    def test_reload(self):
        """S16: a copy outlives a reload, and another list of servers."""
        primary = Primary(self)
        server = self.follow(primary)
        fetched = len([one for one in primary.asked if one != SOA])
        stop, seen = threading.Event(), set()

        def ask():
            while not stop.is_set():
                seen.add(self.address(server))
        asker = threading.Thread(target=ask)
        asker.start()
        server.edit_corefile("    errors\n", "    errors\n    nsid a\n")
        server.edit_corefile("transfer from 127", "transfer from 127.0.0.1:%d 127" % free_port())
        stop.set()
        asker.join()
        self.assertEqual(seen - {None}, {primary.address})
        self.assertEqual(len([one for one in primary.asked if one != SOA]), fetched)

    def test_kept_copies(self):
        """A restart without the servers serves what was kept, until that expires; a new copy takes its place."""
        folder = tempfile.mkdtemp(prefix="fairlead-copies-")
        self.addCleanup(shutil.rmtree, folder, True)
        path = os.path.join(folder, "copies", "example.org.zone")
        corefile = COREFILE.replace(
            "    secondary {\n", "    root %s\n    secondary {\n        copies copies\n" % folder)
        failures = 'fairlead_secondary_copy_failures_total{zone="example.org."} '
        primary = Primary(self)
        server = self.follow(primary, corefile)
        server.wait("a failure", lambda: failures + "1" in server.get("metrics", "/metrics")[1])
        self.assertEqual(server.log().count("Copies cannot be kept: open %s.new: no such file or directory" % path), 1)
        os.mkdir(os.path.dirname(path))
        primary.serial, primary.address = 2, "192.0.2.2"
        self.notify(server)
        server.wait("the file", lambda: os.path.exists(path))
        self.wait_address(server, "192.0.2.2")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(os.listdir(os.path.dirname(path)), ["example.org.zone"])
        primary.close()

        # Without a server: at once, and as old as the file says.
        last = time.time() - 80000
        os.utime(path, (last, last))
        server = self.follow(primary, corefile)
        server.logged("Read kept copy of example.org. with serial 2")
        value = re.search(r'fairlead_secondary_good_timestamp_seconds{zone="example.org."} (\S+)', server.get("metrics", "/metrics")[1])
        self.assertAlmostEqual(float(value[1]), last, delta=1)
        self.assertEqual(server.stop(), 0)

        # Too old: SERVFAIL until a server says that it is the zone, which is not copied for that.
        last = time.time() - 86401
        os.utime(path, (last, last))
        server = self.start(corefile.replace("{other}", str(primary.port)))
        self.wait_address(server, dns.SERVFAIL)
        server.logged("Zone example.org. is expired")
        again = Primary(self, primary.port)
        again.serial = 2
        self.wait_address(server, "192.0.2.2")
        self.assertEqual(set(again.asked), {SOA})
        server.wait("a newer file", lambda: os.stat(path).st_mtime > last + 86400)
        self.assertEqual(server.stop(), 0)
        again.close()

        # What is broken is none.
        os.truncate(path, 100)
        server = self.start(corefile.replace("{other}", str(primary.port)))
        self.wait_address(server, dns.SERVFAIL)
        server.logged("Kept copy of example.org. is of no use: %s: is not whole" % path)
        primary = Primary(self, primary.port)
        primary.serial = 3
        self.wait_address(server, primary.address)
        server.wait("the file", lambda: os.stat(path).st_size > 100)

    def test_kept_copies_of_a_catalog(self):
        """Members are kept with their catalog; what it lists no longer goes."""
        class Catalog(Primary):
            listed = ()

            def of(self, zone, *records):
                numbers = struct.pack("!5I", self.serial, 3600, 2, 86400, 30)
                apex = dns.record(zone, "SOA", dns.name_octets("ns.invalid") + dns.name_octets("h.invalid") + numbers)
                return [([apex, *records, apex], 0)]

            def replies(self, name, rtype):
                if rtype != AXFR:
                    return [(self.of(name)[0][0][:1], 0)]
                if name != "cat.test":
                    return self.of(name, dns.a("www." + name, self.address))
                return self.of(name, dns.record(name, "NS", dns.name_octets("invalid")), dns.record("version." + name, "TXT", b"\x012"), *(
                    dns.record("%s.zones.%s" % (member[0], name), "PTR", dns.name_octets(member)) for member in self.listed))

        folder = tempfile.mkdtemp(prefix="fairlead-copies-")
        self.addCleanup(shutil.rmtree, folder, True)
        corefile = """\
.:{dns} {
    bind 127.0.0.1
    secondary cat.test {
        transfer from 127.0.0.1:{other}
        catalog
        copies %s
    }
}
""" % folder
        primary = Catalog(self)
        primary.listed = ("a.test", "b.test")
        server = self.start(corefile.replace("{other}", str(primary.port)))
        files = lambda: sorted(os.listdir(folder))
        server.wait("all files", lambda: files() == ["a.test.zone", "b.test.zone", "cat.test.zone"])
        self.assertEqual(server.stop(), 0)
        primary.close()
        server = self.start(corefile.replace("{other}", str(primary.port)))
        for member in ("a.test", "b.test"):
            server.wait(member, lambda name="www." + member: (r := server.try_ask(name)) and r.addresses == [primary.address])
        again = Catalog(self, primary.port)
        again.listed, again.serial = ("b.test",), 2
        self.notify(server, "cat.test")
        server.wait("one file less", lambda: files() == ["b.test.zone", "cat.test.zone"])

    def test_of_ours(self):
        """The zones of a cluster, from one of ours to another, with NOTIFY between them."""
        ports = [free_port() for _ in range(2)]
        primary = self.start("""\
cluster.local:{dns} 10.in-addr.arpa:{dns} {
    bind 127.0.0.1
    transfer {
        to 127.0.0.1:%d
    }
    kubernetes cluster.local 10.in-addr.arpa {
        manifests {dir}/cluster
    }
}
""" % ports[1])
        primary.wait_served()
        server = self.start("""\
cluster.local:%d 10.in-addr.arpa:%d {
    bind 127.0.0.1
    secondary {
        transfer from 127.0.0.1:%d
    }
    transfer {
        to *
    }
}
""" % (ports[1], ports[1], primary.ports["dns"]))
        server.ports["dns"] = ports[1]
        name = "web.shop.svc.cluster.local"
        server.wait("the copy", lambda: getattr(server.try_ask(name), "addresses", None) == ["10.96.0.7"])
        ask = lambda of, *words: dns.exchange(of.ports["dns"], dns.query(*words))
        server.wait("the reverse zone", lambda: ask(server, "10.in-addr.arpa", "SOA").rcode == dns.NOERROR)
        for words in (("7.0.96.10.in-addr.arpa", "PTR"), ("_http._tcp." + name, "SRV"), (name, "SRV"), (name, "AAAA"),
                      ("dns-version.cluster.local", "TXT"), ("nope.cluster.local", "A")):
            ours, theirs = ask(server, *words), ask(primary, *words)
            self.assertEqual((ours.rcode, [str(r) for r in ours.answers]), (theirs.rcode, [str(r) for r in theirs.answers]))
        primary.write_manifests(MANIFESTS.replace("10.96.0.7", "10.96.0.8"))
        server.wait("the change", lambda: getattr(server.try_ask(name), "addresses", None) == ["10.96.0.8"])
        server.wait("no old pointer", lambda: ask(server, "7.0.96.10.in-addr.arpa", "PTR").rcode == dns.NXDOMAIN)
        server.logged("Transferred: cluster.local. from 127.0.0.1:%d, as changes" % primary.ports["dns"])
        # What it hands on itself: from the copy before to this one.
        soa = [str(ask(of, "cluster.local", "SOA").answers[0]) for of in (primary, server)]
        self.assertEqual(soa[0], soa[1])

    def test_without_edns(self):
        """A server that knows no OPT record is asked without one."""
        class Old(Primary):
            def serve(self, connection):
                with connection:
                    octets = dns.read_frame(connection)
                    query = dns.Message(octets)
                    question = dns.question_octets(query.name, query.type)
                    self.asked.append((query.type, query.opt is not None))
                    reply = dns.message(query.ident, dns.QR | dns.FORMERR, b"") if query.opt else dns.message(
                        query.ident, dns.QR | dns.AA, question, (self.whole()[0][0], (), ()))
                    connection.sendall(struct.pack("!H", len(reply)) + reply)

        primary = Old(self)
        server = self.follow(primary)
        self.assertEqual(primary.asked, [("AXFR", True), ("AXFR", False)])
        self.assertIn('fairlead_secondary_failures_total{zone="example.org."} 0', server.get("metrics", "/metrics")[1])

    def test_without_a_word_on_edns(self):
        """Who closes the connection on an OPT record, or says nothing, is asked without one; who goes on so has failed."""
        class Silent(Primary):
            closes, knows = True, ("AXFR",)

            def serve(self, connection):
                with connection:
                    octets = dns.read_frame(connection)
                    query = dns.Message(octets)
                    self.asked.append((query.type, query.opt is not None))
                    if not query.opt and query.type in self.knows:
                        reply = dns.message(query.ident, dns.QR | dns.AA, dns.question_octets(query.name, query.type),
                                            (self.whole()[0][0], (), ()))
                        connection.sendall(struct.pack("!H", len(reply)) + reply)
                    elif not self.closes:
                        connection.recv(1)  # until the other end gives up

        for closes, error in ((True, "EOF"), (False, "i/o timeout")):
            with self.subTest(closes=closes):
                primary = Silent(self)
                primary.closes = closes
                server = self.follow(primary)
                self.assertEqual(primary.asked, [("AXFR", True), ("AXFR", False)])
                server.logged("Nothing for `example.org.' from \"127.0.0.1:%d\", asking without EDNS: %s\n" % (primary.port, error))
                self.assertIn('fairlead_secondary_failures_total{zone="example.org."} 0', server.get("metrics", "/metrics")[1])
        primary = Silent(self)
        primary.knows = ()
        server = self.start(COREFILE.replace("{other}", str(primary.port)))
        server.wait("a failure", lambda: "All 'example.org.' masters failed to transfer, retrying in 250ms: EOF" in server.log())
        self.assertEqual(primary.asked[:2], [("AXFR", True), ("AXFR", False)])
        server.wait("the next look", lambda: len(primary.asked) >= 4)
        self.assertEqual(primary.asked[2:4], [("AXFR", True), ("AXFR", False)])  # it has not shown that it is for EDNS


if __name__ == "__main__":
    unittest.main()
