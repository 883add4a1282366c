"""secondary of a cluster's zones: servers that count their serials each by itself, and the epochs that tell them apart."""
import os
import re
import socket
import struct
import threading
import unittest

import dnsmessage as dns
from harness import MANIFESTS, Listener, ServerTest, free_port



class Relay(Listener):
    """One address for several servers: each connection goes to the next of `ports`."""

    def __init__(self, test, ports):
        self.ports, self.count, self.lock = ports, 0, threading.Lock()
        super().__init__(test)

    @staticmethod
    def _pass_on(source, target):
        try:
            while octets := source.recv(65536):
                target.sendall(octets)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve(self, client):
        with self.lock:
            port = self.ports[self.count % len(self.ports)]
            self.count += 1
        try:
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=self._pass_on, args=(server, client))
                back.start()
                self._pass_on(client, server)
                back.join()
        except OSError:
            pass


class Epochs(ServerTest):
    """Servers of a cluster count their serials each by itself: whoever follows them never mixes them up."""
    ZONE = "cluster.local"
    PRIMARY = """\
cluster.local:{dns} {
    bind 127.0.0.1
    transfer {
        to *
    }
    kubernetes cluster.local {
        manifests {dir}/cluster
    }
}
"""
    FOLLOWER = """\
cluster.local:{dns} {
    bind 127.0.0.1
    secondary {
        transfer from 127.0.0.1:%d
        copies {dir}
    }
    transfer {
        to *
    }
}
"""

    def primary(self, *services):
        server = self.start(self.PRIMARY, manifests=self.objects(*services))
        self.wait_has(server, *services)
        return server

    @staticmethod
    def objects(*services):
        service = MANIFESTS[MANIFESTS.index("---"):]
        return MANIFESTS[:MANIFESTS.index("---")] + "".join(
            service.replace("name: web", "name: " + name).replace("10.96.0.7", address) for name, address in services)

    def wait_has(self, server, *services):
        for name, address in services:
            server.wait(name, lambda: getattr(server.try_ask(name + ".shop.svc.cluster.local"), "addresses", None) == [address])
            server.wait(name + " in the zone", lambda: any(address in line for line in self.records(server)))

    def records(self, server):
        """All of the zone, and not one record twice; its SOA, which is in another form here, aside."""
        reply = dns.exchange(server.ports["dns"], dns.query(self.ZONE, "AXFR"), tcp=True)
        lines = [str(record) for record in reply.answers if record.type != "SOA"]
        self.assertEqual(len(lines), len(set(lines)))
        return set(lines)

    def serial(self, server):
        octets = dns.exchange(server.ports["dns"], dns.query(self.ZONE, "AXFR"), tcp=True).octets
        return struct.unpack("!5I", octets[-20:])[0]

    @staticmethod
    def look(server):
        """Has it look at its server, and waits for that to be over."""
        outcomes = lambda: server.log().count("Transferred: cluster.local.")
        before = outcomes()
        dns.exchange(server.ports["dns"], dns.notify("cluster.local"))
        server.wait("a transfer", lambda: outcomes() > before)

    def test_serial_that_went_back(self):
        """A primary that is started again behind its clock is followed at once."""
        old = self.primary(("web", "10.96.0.1"))
        new = self.primary(("web", "10.96.0.2"))
        new.write_manifests(self.objects(("web", "10.96.0.3")))
        self.wait_has(new, ("web", "10.96.0.3"))
        relay = Relay(self, [new.ports["dns"]])
        server = self.start(self.FOLLOWER % relay.port)
        self.wait_has(server, ("web", "10.96.0.3"))
        further = self.start(self.FOLLOWER % server.ports["dns"])
        self.wait_has(further, ("web", "10.96.0.3"))
        self.assertGreater(self.serial(new), self.serial(old))
        relay.ports = [old.ports["dns"]]
        self.look(server)
        self.assertEqual(self.serial(server), self.serial(old))
        self.assertEqual(self.records(server), self.records(old))
        server.logged("Transferred: cluster.local. from 127.0.0.1:%d, of another epoch" % relay.port)
        self.assertNotIn("masters failed", server.log())
        self.assertNotIn("went back", server.log())
        self.look(further)
        self.assertEqual(self.records(further), self.records(old))
        further.logged("Transferred: cluster.local. from 127.0.0.1:%d, of another epoch" % server.ports["dns"])

    def test_servers_that_are_listed(self):
        """Changes come from the server that the copy is from, as long as it is there."""
        primaries = [self.primary(("web", "10.96.%d.1" % number)) for number in (1, 2)]
        relays = [Relay(self, [primary.ports["dns"]]) for primary in primaries]
        server = self.start((self.FOLLOWER % relays[0].port).replace("from ", "from 127.0.0.1:%d " % relays[1].port))
        self.wait_has(server, ("web", "10.96.2.1"))
        self.assertEqual(relays[0].count, 0)
        relays[1].ports = [free_port()]
        self.look(server)
        self.assertEqual(self.records(server), self.records(primaries[0]))
        relays[1].ports = [primaries[1].ports["dns"]]
        tried = relays[1].count
        primaries[0].write_manifests(self.objects(("web", "10.96.1.2")))
        self.wait_has(primaries[0], ("web", "10.96.1.2"))
        self.look(server)
        self.assertEqual(self.records(server), self.records(primaries[0]))
        self.assertEqual(relays[1].count, tried)

    def test_two_behind_one_address(self):
        """What the follower has is always what one of them has, whichever it comes to."""
        def services(number, round_):
            return ("web", "10.96.%d.%d" % (number, round_)), ("of-%d-%d" % (number, round_), "10.97.%d.%d" % (number, round_))

        both = [self.primary(*services(number, 0)) for number in (1, 2)]
        relay = Relay(self, [server.ports["dns"] for server in both])
        server = self.start(self.FOLLOWER % relay.port)
        server.wait("a copy", lambda: "Transferred:" in server.log())
        for round_ in range(1, 7):
            for number, primary in enumerate(both, 1):
                primary.write_manifests(self.objects(*services(number, round_)))
                self.wait_has(primary, *services(number, round_))
            self.look(server)
            self.assertIn(self.records(server), [self.records(primary) for primary in both])
        server.logged("of another epoch")

    def test_restart_and_reload(self):
        """Neither a follower that is started again copies what it has, nor one whose primary was reloaded."""
        primary = self.primary(("web", "10.96.0.1"))
        corefile = (self.FOLLOWER % primary.ports["dns"]).replace("{dir}", primary.dir)
        server = self.start(corefile)
        self.wait_has(server, ("web", "10.96.0.1"))
        path = os.path.join(primary.dir, "cluster.local.zone")
        server.wait("the file", lambda: os.path.exists(path))
        self.assertEqual(server.stop(), 0)
        with open(path) as copy:
            self.assertRegex(copy.read(), r"\n; epoch [0-9a-f]{16}\n; end of zone\n\Z")
        primary.edit_corefile("    transfer", "    nsid a\n    transfer")
        server = self.start(corefile)
        primary.wait("the question", lambda: "Outgoing noop" in primary.log())
        self.wait_has(server, ("web", "10.96.0.1"))
        primary.write_manifests(self.objects(("web", "10.96.0.2")))
        self.wait_has(primary, ("web", "10.96.0.2"))
        self.look(server)
        self.wait_has(server, ("web", "10.96.0.2"))
        server.logged("Transferred: ")
        self.assertEqual(re.findall("Transferred: .*", server.log()),
                         ["Transferred: cluster.local. from 127.0.0.1:%d, as changes" % primary.ports["dns"]])
        # Another option of the zone: all of it anew, though no object has changed.
        primary.edit_corefile("        manifests", "        ttl 7\n        manifests")
        primary.wait("another ttl", lambda: any(" 7 A " in line for line in self.records(primary)))
        self.look(server)
        self.assertEqual(self.records(server), self.records(primary))
        server.logged("of another epoch")


if __name__ == "__main__":
    unittest.main()
