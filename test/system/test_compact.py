"""secondary of a cluster's zones in the compact form: copies answer what the cluster's own server does, names that cannot be listed too."""
import os
import re
import unittest

import dnsmessage as dns
from harness import ServerTest, free_port

dns.TYPES.update(ANY=255, HTTPS=65, TYPE65280=65280, TYPE65281=65281, TYPE65282=65282, TYPE65283=65283)
KINDS = ("A", "AAAA", "SRV", "CNAME", "TXT", "PTR", "NS", "SOA", "MX", "HTTPS", "ANY", "TYPE65280", "TYPE65281", "TYPE65282", "TYPE65283")

PRIMARY = """\
cluster.local:{dns} 10.in-addr.arpa:{dns} {
    bind 127.0.0.1
    transfer {
        to *
    }
    kubernetes cluster.local 10.in-addr.arpa {
        manifests {dir}/cluster
        namespaces shop empty late
        pods %s
        ttl 7
    }
}
"""
# Where aliases lead that leave the cluster.
OUTSIDE = """\
example.org:{dns} {
    bind 127.0.0.1
    hosts {
        192.0.2.80 www.example.org
    }
}
"""
FOLLOWER = """\
cluster.local:{dns} 10.in-addr.arpa:{dns} {
    bind 127.0.0.1
    secondary {
        transfer from 127.0.0.1:%d
        copies %s
    }
    transfer {
        to *
    }
}
"""
OBJECTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: empty}
---
apiVersion: v1
kind: Namespace
metadata: {name: hidden}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00::7"], ports: [{name: http, port: 80, protocol: TCP}, {port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, ports: [{name: sql, port: 5432, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{name: sql, port: 5432, protocol: TCP}]
endpoints: [{addresses: [10.244.0.1], hostname: one}, {addresses: [10.244.0.2]}]
---
apiVersion: v1
kind: Service
metadata: {name: near, namespace: shop}
spec: {type: ExternalName, externalName: db.shop.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: pod, namespace: shop}
spec: {type: ExternalName, externalName: 10-1-2-3.empty.pod.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: nowhere, namespace: shop}
spec: {type: ExternalName, externalName: none.shop.svc.cluster.local}
""" + "".join("""\
---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop}
spec: {type: ExternalName, externalName: %s}
""" % alias for alias in (("out", "www.example.org"), ("missing", "none.example.org"), ("nobody", "www.example.net")))
POD = """\
---
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: %s}
status: {podIP: "%s", podIPs: [{ip: "%s"}, {ip: "fd00::9"}]}
"""
ZONED = """\
---
apiVersion: v1
kind: Service
metadata: {name: set, namespace: shop}
spec: {clusterIP: None, ports: [{name: sql, port: 5432, protocol: TCP}]}
---
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: shop}
spec: {clusterIP: None}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: set-1, namespace: shop, labels: {kubernetes.io/service-name: set}}
addressType: IPv4
ports: [{name: sql, port: 5432, protocol: TCP}]
endpoints: [{addresses: [10.244.1.1], hostname: one, zone: east}, {addresses: [10.244.1.2], zone: East-2.b}, {addresses: [10.244.1.3]}]
"""
PODS = "".join(POD % (name, space, ip, ip) for name, space, ip in (
    ("one", "shop", "10.244.0.9"), ("same", "shop", "10.244.0.9"), ("two", "shop", "10.244.0.10"),
    ("hidden", "hidden", "10.244.0.9"), ("last", "shop", "fd00:9::")))
SPELLED = ["%s.%s.pod.cluster.local" % (label, space) for space in ("shop", "empty", "hidden")
           for label in ("10-244-0-9", "10-244-0-10", "10-244-0-11", "fd00--9", "FD00--9", "fd00-0-0-0-0-0-0-9", "fd00-9--", "fd00-9--0", "x.10-244-0-9", "a.b.10-244-0-9", "a.b.c.fd00--9")]
LATE = """\
---
apiVersion: v1
kind: Namespace
metadata: {name: late}
"""
BELOW = (
    # The apex and what belongs to the zone itself.
    "", "svc", "pod", "dns", "ns.dns", "x.ns.dns", "dns-version", "_fairlead", "x._fairlead", "other", "*", "*.svc",
    # Namespaces: with services, without, hidden, unknown.
    "shop.svc", "empty.svc", "hidden.svc", "none.svc", "shop.pod", "empty.pod", "hidden.pod", "none.pod",
    # Services, their ports and endpoints.
    "web.shop.svc", "db.shop.svc", "none.shop.svc", "web.empty.svc", "*.shop.svc", "near.shop.svc", "pod.shop.svc", "nowhere.shop.svc",
    "out.shop.svc", "missing.shop.svc", "nobody.shop.svc",
    "_tcp.web.shop.svc", "_udp.web.shop.svc", "_http._tcp.web.shop.svc", "http.tcp.web.shop.svc", "_http.tcp.web.shop.svc",
    "_none._tcp.web.shop.svc", "_sql._tcp.db.shop.svc", "sql._tcp.db.shop.svc", "_sql._tcp.near.shop.svc", "x._http._tcp.web.shop.svc",
    "one.db.shop.svc", "10-244-0-2.db.shop.svc", "none.db.shop.svc", "x.one.db.shop.svc",
    # Pods.
    "10-1-2-3.shop.pod", "10-1-2-3.empty.pod", "10-1-2-3.hidden.pod", "10-1-2-3.none.pod", "fd00--5.shop.pod", "2001-db8-0-0-0-0-0-1.shop.pod",
    "a.10-1-2-3.shop.pod", "a.b.10-1-2-3.shop.pod", "a.b.c.10-1-2-3.shop.pod", "10-1-2.shop.pod", "10-1-2-300.shop.pod", "x.shop.pod",
    "10.1.2.3.shop.pod", "01-1-2-3.shop.pod",
)
REVERSE = ("", "svc", "pod", "shop.svc", "shop.pod", "dns", "ns.dns", "dns-version", "_fairlead", "96", "0.96", "7.0.96", "8.0.96", "1.0.244", "2.0.244",
           "x.1.0.244", "*", "10-1-2-3.shop.pod")
NAMES = [(below + ".cluster.local").lstrip(".") for below in BELOW] + [(below + ".10.in-addr.arpa").lstrip(".") for below in REVERSE]


def said(reply):
    """Of a reply all but its serial, in an order that does not matter."""
    def lines(records):
        return sorted(re.sub(r"(SOA .*)", lambda found: "SOA", str(record)) for record in records if record.type != "OPT")
    return reply.flags, lines(reply.answers), lines(reply.authorities), lines(reply.additionals)


class Compact(ServerTest):
    def primary(self, pods="insecure", objects=OBJECTS):
        server = self.start(PRIMARY % pods + OUTSIDE, manifests=objects)
        server.wait_served("web.shop.svc.cluster.local")
        server.wait("the zone", lambda: len(self.transfer(server).answers) > 10)
        return server

    def follower(self, of):
        server = self.start(FOLLOWER % (of.ports["dns"], "{dir}") + OUTSIDE)
        for zone in ("cluster.local", "10.in-addr.arpa"):
            server.wait(zone, lambda: "Transferred: %s. " % zone in server.log())
        return server

    @staticmethod
    def transfer(server, zone="cluster.local"):
        return dns.exchange(server.ports["dns"], dns.query(zone, "AXFR"), tcp=True)

    @staticmethod
    def ask(server, name, rtype):
        return dns.exchange(server.ports["dns"], dns.query(name, rtype))

    def same(self, primary, *followers, names=NAMES):
        for name in names:
            for rtype in KINDS:
                expected = said(self.ask(primary, name, rtype))
                for server in followers:
                    self.assertEqual(said(self.ask(server, name, rtype)), expected, (name, rtype))

    def test_every_kind_of_question(self):
        """A follower, and a follower of that, say what the cluster's server says."""
        primary = self.primary()
        first = self.follower(primary)
        second = self.follower(first)
        self.assertEqual(self.ask(first, "10-1-2-3.empty.pod.cluster.local", "A").addresses, ["10.1.2.3"])
        self.same(primary, first, second)

    def test_other_modes_of_pods(self):
        for pods in ("disabled", "verified"):
            primary = self.primary(pods, OBJECTS + PODS)
            server = self.follower(primary)
            self.assertEqual(self.ask(server, "10-1-2-3.shop.pod.cluster.local", "A").rcode, dns.NXDOMAIN)
            self.same(primary, server, names=NAMES + SPELLED)
        self.assertEqual(len(self.ask(server, "fd00-9--.shop.pod.cluster.local", "AAAA").answers), 1)

    def test_zones(self):
        """With `zonal` endpoints are asked for by zone, also by zones that nobody is in; strangers see nothing of it."""
        zones = ("east", "East-2.b", "east-2.b", "2.b", "none", "a.b.c")
        names = ["%s_zone.%s.shop.svc.cluster.local" % (front, service) for service in ("set", "empty", "web", "none")
                 for front in ("", "pin.", "prefer.", "x.", "east.x.", *(zone + which for zone in zones for which in (".pin.", ".prefer.")))]
        objects = OBJECTS + ZONED
        primary = self.primary("insecure\n        zonal", objects)
        first = self.follower(primary)
        second = self.follower(first)
        self.assertEqual(self.ask(second, "east.pin._zone.set.shop.svc.cluster.local", "A").addresses, ["10.244.1.1"])
        self.same(primary, first, second, names=NAMES + names)
        for server in (primary, second):
            self.assertNotIn("_zone", str(said(self.transfer(server))))
        primary.write_manifests(objects.replace("zone: east}", "zone: west}"))
        for server, of in ((primary, None), (first, primary), (second, first)):
            server.wait("the zone", lambda: self.asked(server, of, "west.pin._zone.set.shop.svc.cluster.local"))
        self.same(primary, first, second, names=names)

    def asked(self, server, of, name):
        self.followed(server, of, name, None)
        return bool(self.ask(server, name, "A").answers)

    def test_pods_that_come_and_go(self):
        """Where they are verified each is a change, to strangers too."""
        primary = self.primary("verified", OBJECTS + PODS)
        first = self.follower(primary)
        second = self.follower(first)
        name = "10-244-0-11.shop.pod.cluster.local"
        more = POD % ("late", "shop", "10.244.0.11", "10.244.0.11")
        for objects, rcode in ((OBJECTS + PODS + more, dns.NOERROR), (OBJECTS + PODS, dns.NXDOMAIN)):
            primary.write_manifests(objects)
            for server, of in ((primary, None), (first, primary), (second, first)):
                server.wait("the pod", lambda: self.followed(server, of, name, rcode))
            self.same(primary, first, second, names=SPELLED)
            for server in (primary, second):
                self.assertEqual(name in str(said(self.transfer(server))), rcode == dns.NOERROR)
        second.logged(", as changes")

    def test_strangers(self):
        """Who does not ask for the form sees plain records, of both alike."""
        primary = self.primary()
        server = self.follower(primary)
        for zone in ("cluster.local", "10.in-addr.arpa"):
            plain = said(self.transfer(primary, zone))
            self.assertEqual(said(self.transfer(server, zone)), plain)
            self.assertNotIn("652", str(plain))
            self.assertNotIn("_fairlead", str(plain))

    def test_namespace_that_comes_and_goes(self):
        """It is a change to the zone, though no service has changed."""
        primary = self.primary()
        first = self.follower(primary)
        second = self.follower(first)
        names = ("late.svc.cluster.local", "late.pod.cluster.local", "10-1-2-3.late.pod.cluster.local", "x.late.svc.cluster.local")
        for objects, rcode in ((OBJECTS + LATE, dns.NOERROR), (OBJECTS, dns.NXDOMAIN)):
            primary.write_manifests(objects)
            for server, of in ((primary, None), (first, primary), (second, first)):
                server.wait("the namespace", lambda: self.followed(server, of, names[0], rcode))
            self.same(primary, first, second, names=names)
        for server in (first, second):
            server.logged(", as changes")
            how = re.findall(r"Transferred: cluster\.local\. from [^,\n]*(.*)", server.log())
            self.assertEqual(how[0], "")
            self.assertEqual(set(how[1:]), {", as changes"})

    def followed(self, server, of, name, rcode):
        """Has a follower look at its server, until it says what that does."""
        if of:
            dns.exchange(server.ports["dns"], dns.notify("cluster.local"))
        return self.ask(server, name, "A").rcode == rcode

    def test_kept_copy(self):
        """A follower that starts without its server answers as before."""
        primary = self.primary()
        expected = {(name, rtype): said(self.ask(primary, name, rtype)) for name in NAMES for rtype in KINDS}
        copying = self.start(FOLLOWER % (primary.ports["dns"], primary.dir) + OUTSIDE)
        for zone in ("cluster.local", "10.in-addr.arpa"):
            copying.wait("the file", lambda: os.path.exists(os.path.join(primary.dir, zone + ".zone")))
            with open(os.path.join(primary.dir, zone + ".zone")) as copy:
                self.assertRegex(copy.read(), r"\n; compact form\n; epoch [0-9a-f]{16}\n; end of zone\n\Z")
        self.assertEqual(copying.stop(), 0)
        alone = self.start(FOLLOWER % (free_port(), primary.dir) + OUTSIDE)
        alone.wait_served("web.shop.svc.cluster.local")
        for (name, rtype), reply in expected.items():
            self.assertEqual(said(self.ask(alone, name, rtype)), reply, (name, rtype))
        further = self.follower(alone)
        for (name, rtype), reply in expected.items():
            self.assertEqual(said(self.ask(further, name, rtype)), reply, (name, rtype))

    def test_plain_copy_before(self):
        """A copy in plain records is replaced by all of the zone, never changed into the other form."""
        primary = self.primary()
        relay = self.follower(primary)
        path = os.path.join(relay.dir, "cluster.local.zone")
        relay.wait("the file", lambda: os.path.exists(path))
        with open(path) as copy:
            lines = copy.read().splitlines(keepends=True)
        epoch = int(re.search(r"; epoch ([0-9a-f]{16})", "".join(lines)).group(1), 16)
        # As a server wrote it that knows epochs and no forms.
        plain = "".join(line for line in lines if "TYPE652" not in line and "; compact form" not in line)
        plain = plain.replace("%016x" % epoch, "%016x" % (~epoch & (1 << 64) - 1))
        self.assertEqual(relay.stop(), 0)
        server = self.start(FOLLOWER % (primary.ports["dns"], "{dir}") + OUTSIDE, files={"cluster.local.zone": plain})
        server.wait("all of the zone", lambda: "Transferred: cluster.local. from 127.0.0.1:%d, of another epoch\n" % primary.ports["dns"] in server.log())
        server.wait("the reverse zone", lambda: "Transferred: 10.in-addr.arpa. " in server.log())
        server.logged("Read kept copy of cluster.local.")
        self.same(primary, server)


if __name__ == "__main__":
    unittest.main()
