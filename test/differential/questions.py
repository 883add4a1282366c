"""Systematic questions about the fixtures: every rule of the cluster records, every type that could matter."""
import dns.name
import dns.rdatatype
import dns.reversename

import fixtures
from wire import Question

TYPES = ["A", "AAAA", "SRV", "CNAME", "TXT", "NS", "SOA", "PTR", "MX", "ANY", "HTTPS", "DS", "TYPE65280"]
MAIN = ["A", "AAAA", "SRV", "TXT", "SOA"]
ADDRESS = ["A", "AAAA", "SRV"]
TYPICAL = {"web", "dual", "hl", "hl-dual", "hl-hosts", "hl-notready", "hl-none", "ext-in", "ext-out", "ext-ip", "ext-missing", "kube-dns"}


def q(name, rdtype, **kw):
    return Question(dns.name.from_text(name) if isinstance(name, str) else name, dns.rdatatype.from_text(rdtype), **kw)


def each(names, types):
    return [q(n, t) for n in names for t in types]


def slices_of(objects):
    found = {}
    for o in objects:
        if o["kind"] == "EndpointSlice":
            m = o["metadata"]
            found.setdefault((m["namespace"], m["labels"].get("kubernetes.io/service-name")), []).append(o)
    return found


def dashed(ip):
    return ip.replace(".", "-").replace(":", "-")


def endpoint_names(slices):
    """Labels under which endpoints could be asked: host names, dashed addresses, pod names."""
    for s in slices:
        for e in s["endpoints"][:3] + s["endpoints"][-1:]:
            for ip in e["addresses"]:
                yield dashed(ip)
                if ip.endswith(":"):
                    yield dashed(ip) + "0"
            if "hostname" in e:
                yield e["hostname"]
            if "targetRef" in e and len(e["targetRef"]["name"]) < 64:
                yield e["targetRef"]["name"]


def services(objects, zone):
    slices = slices_of(objects)
    for o in objects:
        if o["kind"] != "Service":
            continue
        m, spec = o["metadata"], o["spec"]
        base = "%s.%s.svc.%s" % (m["name"], m["namespace"], zone)
        if m["name"].startswith("ext-deep"):
            yield from each([base], ["A"])
            continue
        yield from each([base], TYPES if m["name"] in TYPICAL else MAIN + ["CNAME"])
        yield from each(["x." + base, "_tcp." + base], ["A", "SRV", "TXT"])
        for p in spec.get("ports", []):
            label = p.get("name", "")
            yield from each(["_%s._%s.%s" % (label, p.get("protocol", "TCP").lower(), base)], MAIN)
        mine = slices.get((m["namespace"], m["name"]), [])
        for label in dict.fromkeys(endpoint_names(mine)):
            yield from each(["%s.%s" % (label, base)], ADDRESS)


def ports_and_wildcards(zone):
    web, multi, hl = ("%s.alpha.svc.%s" % (n, zone) for n in ("web", "multi", "hl-hosts"))
    names = ["http.tcp." + web, "_http.tcp." + web, "http._tcp." + web, "_http._udp." + web, "_nope._tcp." + web, "_._tcp." + web,
             "_http._." + web, "_._." + web, "__http._tcp." + web, "_http.__tcp." + web, "_HTTP._TCP." + web, "_dns._tcp." + multi,
             "_dns._udp." + multi, "_sctp._sctp." + multi, "_udp." + multi, "_sctp." + multi, "_udp." + web, "tcp." + web,
             "_http." + web, "_http._tcp.one." + hl, "_http._tcp." + hl, "_metrics._tcp." + hl, "_tcp." + hl, "one." + hl, "ONE." + hl,
             "a._http._tcp." + web, "a.b.c.d." + web, "*.alpha.svc." + zone, "web.*.svc." + zone, "*.*.svc." + zone, "*." + web,
             "*." + hl, "any." + hl, "any.alpha.svc." + zone, "web.any.svc." + zone, "*._tcp." + web, "_http.*." + web, "*.*." + web,
             "*." + zone, "*.svc." + zone, "*.pod." + zone, "*.alpha.pod." + zone, "_80._tcp." + web, "_tcp._http." + web,
             "_8-http._tcp.digits.alpha.svc." + zone, "_unnamed._tcp.unnamed.alpha.svc." + zone, "_._tcp.unnamed.alpha.svc." + zone,
             "_any._tcp." + web, "_tcp._tcp.tcp.alpha.svc." + zone, "tcp.tcp.tcp.alpha.svc." + zone, "_udp._udp.tcp.alpha.svc." + zone]
    return each(names, MAIN)


def structure(zone):
    names = [zone, "svc." + zone, "pod." + zone, "alpha." + zone, "svc.svc." + zone, "alpha.svc." + zone, "absent.svc." + zone,
             "empty.svc." + zone, "beta.svc." + zone, "alpha.pod." + zone, "absent.pod." + zone, "empty.pod." + zone, "1ns.svc." + zone,
             fixtures.N63 + ".svc." + zone, "kube-system.svc." + zone, "dns-version." + zone, "x.dns-version." + zone, "ns.dns." + zone,
             "dns." + zone, "x.ns.dns." + zone, "ns1.dns." + zone, "hostmaster." + zone, "nope." + zone, "nope.svc." + zone,
             "a.b.c.d.e.f." + zone, "absent.alpha.svc." + zone, "web.absent.svc." + zone, "web.alpha.nope." + zone,
             "kubernetes.default.svc." + zone, "kube-dns.kube-system.svc." + zone, "web.alpha." + zone, "web.alpha.svc",
             "web.alpha.svc.x." + zone, "_http._tcp.ext-in.alpha.svc." + zone, "x.ext-in.alpha.svc." + zone,
             "x.y.ext-in.alpha.svc." + zone, "kubernetes.default.svc." + zone + ".alpha.svc." + zone, "local", "example.com", ".",
             "we\\.b.alpha.svc." + zone, "web\\000.alpha.svc." + zone, "web.alpha\\.svc." + zone, "w\\255eb.alpha.svc." + zone]
    upper = [zone.upper(), "Web.Alpha.Svc." + zone, "web.alpha.svc." + zone.title(), "SVC." + zone, "DNS-VERSION." + zone,
             "NS.DNS." + zone, "ns.dns." + zone.upper(), "_HTTP._tcp.WEB.alpha.svc." + zone.upper(), "HL.ALPHA.SVC." + zone.title(),
             "EXT-IN.alpha.svc." + zone.title(), "ext-OUT.alpha.svc." + zone, "DUAL.alpha.svc." + zone.upper(), "10-1-2-3.ALPHA.POD." + zone,
             "ALPHA.svc." + zone, "NOPE.alpha.SVC." + zone.upper()]
    return each(names + upper, TYPES)


def pods(zone):
    labels = ["10-244-50-%d" % i for i in (1, 2, 4, 5, 6, 7, 99)] + ["10-250-9-9", "10-244-51-1", "fd00-10-240--50-2", "fd00-10-240--50-3",
              "fd00-10-240-0-0-0-50-3", "--1", "1--", "--", "1-2-3", "1-2-3-4-5", "1-2-3-256", "01-02-03-04", "10.244.50.1", "x", "plain",
              "a-b-c-d", "FD00-10-240--50-3", "1-2-3-4", "0-0-0-0", "255-255-255-255", "--ffff-1-2-3-4", "--ffff-102-304", "1--2--3",
              "10-244-50-1.x", "1_2_3_4", "-1-2-3-4"]
    spaces = [("alpha", MAIN)]
    names = ["%s.%s.pod.%s" % (label, ns, zone) for label in labels for ns, _ in spaces]
    names += ["10-244-50-%d.%s.pod.%s" % (i, ns, zone) for i in (1, 7) for ns in ("beta", "empty", "absent", "kube-system")]
    return each(names, MAIN) + each(["10-244-50-1.alpha.pod." + zone], TYPES)


def reverse(objects):
    addresses = {}
    for o in objects:
        if o["kind"] == "Service":
            addresses.update(dict.fromkeys(i for i in o["spec"].get("clusterIPs", []) if i != "None"))
        if o["kind"] == "EndpointSlice":
            addresses.update(dict.fromkeys(a for e in o["endpoints"][:3] for a in e["addresses"]))
    extra = ["10.96.0.1", "10.244.50.1", "10.244.50.2", "10.244.51.1", "10.244.51.3", "10.250.9.9", "8.8.8.8", "127.0.0.1", "::1",
             "fd00:10:240::50:2", "198.51.100.7", "198.51.100.8", "10.96.9.9", "fd00::99"]
    for a in [*addresses, *extra]:
        yield from each([dns.reversename.from_address(a)], ["PTR"])
    for a in ["10.96.1.1", "10.244.2.1", "10.244.1.15", "fd00:10:96::104", "fd00:10:240::31", "10.96.9.9", "10.244.2.61", "8.8.8.8"]:
        yield from each([dns.reversename.from_address(a)], TYPES)
    for name in ["in-addr.arpa", "10.in-addr.arpa", "96.10.in-addr.arpa", "1.96.10.in-addr.arpa", "1.1.1.96.10.in-addr.arpa",
                 "ip6.arpa", "0.0.d.f.ip6.arpa", "x.1.96.10.in-addr.arpa", "01.1.96.10.in-addr.arpa", "1.1.96.10.IN-ADDR.ARPA",
                 "256.1.96.10.in-addr.arpa", "x.in-addr.arpa", "arpa", "dns-version.in-addr.arpa", "ns.dns.in-addr.arpa",
                 "web.alpha.svc.in-addr.arpa", "alpha.svc.10.in-addr.arpa", "x.ip6.arpa", "svc.ip6.arpa",
                 dns.reversename.from_address("fd00:10:96::104").to_text().upper()]:
        yield from each([name], ["PTR", "A", "SOA", "NS", "TXT", "ANY"])


def transport(zone):
    """The same few names under every kind of header, EDNS and transport."""
    web, big, nx = "web.alpha.svc." + zone, "hl-big.alpha.svc." + zone, "nope.alpha.svc." + zone
    edns = [(0, s, do, ()) for s in (0, 100, 512, 1232, 4096, 65535) for do in (False, True)]
    edns += [(1, 1232, False, ()), (255, 512, True, ()), (0, 1232, False, ((10, b"12345678"),)), (0, 1232, False, ((3, b""),)),
             (0, 1232, False, ((8, bytes.fromhex("000118000a0102")),)), (0, 1232, False, ((65001, b"x"),)), (0, 1232, False, ((12, b"\0" * 9),)),
             (0, 1232, False, ((11, b""),)), (0, 1232, False, ((15, b"\0\x0ftext"),))]
    for name in (web, big, nx, "hl-slices.alpha.svc." + zone, "hl-shared.alpha.svc." + zone):
        for tcp, t in ((False, "A"), (False, "SRV"), (True, "A")):
            yield q(name, t, tcp=tcp)
            for e in edns if not tcp or name == web else edns[4:6]:
                yield q(name, t, tcp=tcp, edns=e)
    for t in ("A", "SRV"):
        yield q("hl-huge.alpha.svc." + zone, t, edns=edns[8])
        yield q("hl-huge.alpha.svc." + zone, t, tcp=True)
    for name in (web, nx, "dual.alpha.svc." + zone):
        for flags in (0, 0x100, 0x110, 0x120, 0x140, 0x170, 0x500, 0x300, 0x180, 0x10F):
            yield q(name, "A", flags=flags)
        for opcode in (1, 2, 3, 4, 5, 6, 15):
            yield q(name, "A", opcode=opcode)
        for rdclass in (0, 2, 3, 4, 254, 255, 65280):
            yield q(name, "A", rdclass=rdclass)
        for tcp in (False, True):
            yield from (q(name, t, tcp=tcp) for t in ("AXFR", "IXFR"))
    yield from (q(zone, t, tcp=tcp) for t in ("AXFR", "IXFR") for tcp in (False, True))
    yield from (q("version.bind", "TXT", rdclass=3) for _ in range(1))


def systematic(variant="default"):
    """All questions of a variant, in a fixed order, each once."""
    objects = list(fixtures.objects())
    zones = ["cluster.local", "second.example"] if variant == "two-zones" else ["cluster.local"]
    found = []
    for zone in zones:
        for o in (services(objects, zone), ports_and_wildcards(zone), structure(zone), pods(zone)):
            found += o
    found += reverse(objects)
    if variant == "default":
        found += transport(zones[0])
    return list(dict.fromkeys(found))

