"""Followers of a cluster's zones, and followers of those, while the cluster changes and servers are killed, end or stand still: they come to what
the cluster's own server has."""
import random
import signal
import subprocess
import unittest

import dnsmessage as dns
from harness import ServerTest, find

ZONES = ("cluster.local", "10.in-addr.arpa")
HEAD = " ".join(zone + ":{dns}" for zone in ZONES) + " {\n    bind 127.0.0.1\n    transfer {\n        to *%s\n    }\n    %s\n}\n"
CLUSTER = "kubernetes %s {\n        manifests {dir}/cluster\n        pods verified\n    }" % " ".join(ZONES)
COPIES = "secondary {\n        transfer from 127.0.0.1:%d\n        copies {dir}\n    }"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: %s}
spec: {clusterIP: %s, ports: [{name: http, port: %d, protocol: TCP}]}
"""
SLICE = """\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %s, namespace: %s, labels: {kubernetes.io/service-name: %s}}
addressType: IPv4
ports: [{name: http, port: 80, protocol: TCP}]
endpoints: [%s]
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s}\nstatus: {podIP: %s}\n"
SERVICES, STEPS = 30, 8


class Cluster:
    """Objects that change at random; the same for the same seed."""

    def __init__(self, seed):
        self.random, self.objects, self.step = random.Random(seed), {}, 0

    def change(self):
        number, kind = self.random.randrange(SERVICES), self.random.randrange(3)
        space, name = "n%d" % (number % 3), "s%d" % number
        if self.random.randrange(5) == 0 and (kind, number) in self.objects:
            del self.objects[kind, number]
        elif kind == 0:
            self.objects[kind, number] = SERVICE % (name, space, "None" if number % 2 else "10.96.0.%d" % (number + 1), self.random.choice((80, 81)))
        elif kind == 1:
            endpoints = ["{addresses: [10.244.%d.%d]%s}" % (number, self.random.randrange(250), self.random.choice(("", ", hostname: one")))
                         for _ in range(self.random.randrange(20))]
            self.objects[kind, number] = SLICE % (name, space, name, ", ".join(endpoints))
        else:
            self.objects[kind, number] = POD % (name, space, "10.245.0.%d" % self.random.randrange(250))

    def next(self):
        """The manifests of the next step, which the address of the service `step` tells."""
        self.step += 1
        for _ in range(self.random.randrange(1, 8)):
            self.change()
        step = SERVICE % ("step", "n0", "10.97.0.%d" % self.step, 80)
        return "---\n".join([NAMESPACE % space for space in ("n0", "n1", "n2")] + [step, *self.objects.values()])


class Followers(ServerTest):
    def chain(self, cluster):
        """The cluster's server, a follower, and a follower of that."""
        primary = self.start(HEAD % ("", CLUSTER), manifests=cluster.next())
        first = self.start(HEAD % ("", COPIES % primary.ports["dns"]))
        return primary, first, self.start(HEAD % ("", COPIES % first.ports["dns"]))

    @staticmethod
    def zone(server, zone):
        """All of it but what each server says of itself."""
        words = [find("dig"), "@127.0.0.1", "-p", str(server.ports["dns"]), "+noall", "+answer", "+time=5", "+tries=1", zone, "AXFR"]
        lines = subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()
        return sorted(line for line in lines if not line.startswith(";") and line.split()[3] not in ("SOA", "NS"))

    @staticmethod
    def notify(*servers):
        for server in servers:
            for zone in ZONES:
                try:
                    dns.exchange(server.ports["dns"], dns.notify(zone), timeout=1)
                except OSError:
                    pass  # it is about to start

    def event(self, cluster, servers):
        """Something that happens to one of them, or nothing; how it ends."""
        server, kind = cluster.random.choice(servers), cluster.random.randrange(6)
        server.wait("it listens", lambda: server.try_ask("cluster.local"))
        if kind < 2:
            server.signal((signal.SIGKILL, signal.SIGTERM)[kind])
            status = server.process.wait()
            self.assertIn(status, (0, -signal.SIGKILL), server.log())
            server.run()
        elif kind == 2:
            server.signal(signal.SIGSTOP)
            return lambda: server.signal(signal.SIGCONT)
        return lambda: None

    def has_step(self, server, cluster):
        reply = server.try_ask("step.n0.svc.cluster.local")
        return reply is not None and reply.addresses == ["10.97.0.%d" % cluster.step]

    def same(self, primary, *followers):
        self.notify(*followers)
        for zone in ZONES:
            whole = self.zone(primary, zone)
            if len(whole) < 2 or any(self.zone(server, zone) != whole for server in followers):
                return False
        return True

    def play(self, seed):
        cluster = Cluster(seed)
        servers = self.chain(cluster)
        for _ in range(STEPS):
            goes_on = self.event(cluster, servers)
            servers[0].write_manifests(cluster.next())
            self.notify(*servers[1:])
            goes_on()
            servers[0].wait("the step", lambda: self.has_step(servers[0], cluster))
        servers[2].wait("all have the same", lambda: self.same(*servers))

    def test_of_one_seed(self):
        self.play(1)

    def test_of_another(self):
        self.play(2)


if __name__ == "__main__":
    unittest.main()
