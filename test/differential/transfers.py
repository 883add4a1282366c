#!/usr/bin/python3
"""Zones between CoreDNS and Fairlead, either end: files, catalogs, signed transfers, and the zone of the lab's cluster; with NOTIFY.

Needs the lab's API server, and coredns in the lab's bin. Ends with 'N passed, N failed'.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

import dns.exception
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.zone

import kube
import servers

PATIENCE = 30
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="
KEYS = dns.tsigkeyring.from_text({"both.": SECRET})
ZONE = """\
$TTL 300
@ IN SOA ns1 hostmaster %(serial)d 7200 3600 1209600 300
@ NS ns1
@ MX 10 mail
@ CAA 0 issue "ca.example.net"
ns1 A 192.0.2.1
www A 192.0.2.%(last)d
www AAAA 2001:db8::%(last)d
mail CNAME www
*.wild TXT "a" "b c"
a.b.c A 192.0.2.7
svc HTTPS 1 . alpn=h2
_http._tcp SRV 1 2 80 www
sub NS ns.sub
ns.sub A 192.0.2.8
old DNAME new
odd TYPE999 \\# 2 0102
""" + "".join("host-%d TXT %s\n" % (i, "x" * 200) for i in range(1000))
CATALOG = """\
@ 60 IN SOA invalid invalid %(serial)d 7200 3600 1209600 30
@ 60 NS invalid.
version 60 TXT "2"
one.zones 60 PTR example.org.
"""
ASKED = [("example.org", "SOA"), ("example.org", "NS"), ("example.org", "MX"), ("example.org", "CAA"), ("www.example.org", "A"),
         ("www.example.org", "AAAA"), ("mail.example.org", "CNAME"), ("mail.example.org", "A"), ("x.wild.example.org", "TXT"),
         ("b.c.example.org", "A"), ("svc.example.org", "HTTPS"), ("_http._tcp.example.org", "SRV"), ("x.sub.example.org", "A"),
         ("odd.example.org", "TYPE999"), ("none.example.org", "A"), ("host-999.example.org", "TXT"), ("x.old.example.org", "A")]
FILES = "file {folder}/db.example.org example.org {\n        reload 1s\n    }"
CLUSTER = "kubernetes cluster.local {\n        kubeconfig {folder}/kubeconfig lab\n    }"
SIGNED = "tsig {\n        secret both. %s\n        require AXFR IXFR SOA\n    }" % SECRET


class Server:
    """One of the two programs with a block of these zones."""

    def __init__(self, program, folder, zones, *words, port=None):
        self.program, self.port = program, port or servers.free_port()
        text = "%s {\n    bind 127.0.0.1\n    errors\n    %s\n}\n" % (" ".join("%s:%d" % (zone, self.port) for zone in zones), "\n    ".join(words))
        corefile = folder / ("%s-%d.Corefile" % (program, self.port))
        corefile.write_text(text.replace("{folder}", str(folder)))
        self.log = corefile.with_suffix(".log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([servers.PROGRAMS[program], "-conf", str(corefile)], stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def reply(self, name, rtype):
        """Code and sections of a reply, the records in an order that does not matter; the code is None when there is none."""
        try:
            reply = dns.query.tcp(dns.message.make_query(name, rtype), "127.0.0.1", 3, self.port)
        except (OSError, dns.exception.DNSException):
            return [None, [], [], []]
        return [reply.rcode()] + [sorted("%s %s" % (rrset.name.to_text(), line) for rrset in section for line in rrset.to_text().splitlines())
                                  for section in (reply.answer, reply.authority, reply.additional)]

    def zone(self, origin, keyring=None):
        """All of it as lines; None when it is not handed on."""
        try:
            transfer = dns.query.xfr("127.0.0.1", origin, port=self.port, keyring=keyring, lifetime=20, relativize=False)
            zone = dns.zone.from_xfr(transfer, relativize=False)
        except (OSError, EOFError, dns.exception.DNSException):
            return None
        return sorted("%s %d %s %s" % (name, ttl, dns.rdatatype.to_text(rdata.rdtype), rdata.to_text()) for name, ttl, rdata in zone.iterate_rdatas())


class Run:
    def __init__(self):
        self.passed = self.failed = 0

    def count(self, what, good):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print("FAIL  " + what)

    def check(self, what, condition, *of):
        """Within PATIENCE it is true; the logs of `of` when it is not."""
        end = time.monotonic() + PATIENCE
        while not (good := condition()) and time.monotonic() < end:
            time.sleep(0.1)
        self.count(what, good)
        for server in () if good else of:
            print("\n".join("      %s: %s" % (server.program, line) for line in server.log.read_text(errors="replace").splitlines()[-10:]))

    def same(self, what, first, second):
        """Both say the same to every question."""
        for asked in ASKED:
            one, other = first.reply(*asked), second.reply(*asked)
            self.check("%s: %s %s: %s, %s" % (what, *asked, one, other), lambda one=one, other=other: one == other)

    def differs(self, first, second, origin):
        """Records that only one of them has, all but the NS, which are made up by each."""
        one, other = (set(server.zone(origin) or ["nothing"]) for server in (first, second))
        return {line for line in one ^ other if " NS " not in line}


def write(folder, name, text):
    new = folder / (name + ".new")
    new.write_text(text)
    new.rename(folder / name)


def primary_of(program, folder, told, *words, zones=("example.org",), **options):
    return Server(program, folder, zones, *words, "transfer {\n        to * 127.0.0.1:%d\n    }" % told, **options)


def secondary_of(program, folder, of, *words, zones=("example.org",), **options):
    return Server(program, folder, zones, *words, "transfer {\n        to *\n    }", **options)


def taken_from(port, *more):
    return "secondary {\n        transfer from 127.0.0.1:%d\n        %s\n    }" % (port, "\n        ".join(more))


def files(run, folder, first, second):
    """A file's zone goes from one to the other, and a change of it after a NOTIFY."""
    what = "a file, %s to %s" % (first, second)
    write(folder, "db.example.org", ZONE % {"serial": 1, "last": 1})
    told = servers.free_port()
    with primary_of(first, folder, told, FILES) as primary, \
            secondary_of(second, folder, primary, taken_from(primary.port), port=told) as secondary:
        both = (primary, secondary)
        run.check(what + ": the copy", lambda: "192.0.2.1" in str(secondary.reply("www.example.org", "A")), *both)
        run.check(what + ": all of it", lambda: not run.differs(*both, "example.org"), *both)
        run.same(what, *both)
        write(folder, "db.example.org", ZONE % {"serial": 2, "last": 2})
        run.check(what + ": the change", lambda: "192.0.2.2" in str(secondary.reply("www.example.org", "A")), *both)
        run.check(what + ": all of it again", lambda: not run.differs(*both, "example.org"), *both)


def signed(run, folder):
    """CoreDNS's secondary signs nothing."""
    write(folder, "db.example.org", ZONE % {"serial": 1, "last": 1})
    with primary_of("coredns", folder, 1, SIGNED, FILES) as primary, \
            secondary_of("fairlead", folder, primary, SIGNED, taken_from(primary.port, "key both.")) as secondary, \
            secondary_of("fairlead", folder, primary, taken_from(primary.port)) as unsigned:
        whole = lambda: primary.zone("example.org", KEYS)
        run.check("signed: the copy", lambda: whole() and secondary.zone("example.org", KEYS) == whole(), primary, secondary)
        run.check("signed: without a key", lambda: "the server says REFUSED" in unsigned.log.read_text(), primary, unsigned)
        run.check("signed: no copy", lambda: unsigned.reply("www.example.org", "A")[0] == dns.rcode.SERVFAIL)


def catalogs(run, folder, first, second):
    """A catalog of one says which zones the other has."""
    what = "a catalog, %s to %s" % (first, second)
    write(folder, "db.example.org", ZONE % {"serial": 1, "last": 1})
    write(folder, "db.catalog", CATALOG % {"serial": 1})
    zones = ("example.org", "catalog.test")
    catalog = taken_from(0, "catalog").replace("secondary {", "secondary catalog.test {")
    with primary_of(first, folder, 1, FILES, "file {folder}/db.catalog catalog.test", zones=zones) as primary, \
            secondary_of(second, folder, primary, catalog.replace(":0", ":%d" % primary.port), zones=(".",)) as secondary:
        run.check(what, lambda: "192.0.2.1" in str(secondary.reply("www.example.org", "A")), primary, secondary)
        run.same(what, primary, secondary)


def service(last):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "handed-on", "namespace": "default"},
            "spec": {"clusterIP": "10.96.77.%d" % last, "ports": [{"name": "http", "port": 80}]}}


def cluster(run, folder, first, second):
    """The lab's cluster, with a service that comes and goes; CoreDNS tells nobody of it, and is asked again by a NOTIFY of ours."""
    what = "a cluster, %s to %s" % (first, second)
    kube.grant()
    kube.kubeconfig(folder)
    told = servers.free_port()
    zones = ("cluster.local",)
    with primary_of(first, folder, told, CLUSTER, zones=zones) as primary, \
            secondary_of(second, folder, primary, taken_from(primary.port), zones=zones, port=told) as secondary:
        both = (primary, secondary)
        run.check(what + ": the copy", lambda: "10.96.0.1" in str(secondary.reply("kubernetes.default.svc.cluster.local", "A")), *both)
        run.check(what + ": all of it", lambda: not run.differs(*both, "cluster.local"), *both)

        def has(condition):
            if first == "coredns":
                notify = dns.message.make_query("cluster.local", "SOA", flags=dns.opcode.to_flags(dns.opcode.NOTIFY))
                dns.query.udp(notify, "127.0.0.1", 5, secondary.port)
            return condition("10.96.77.7" in str(secondary.reply("handed-on.default.svc.cluster.local", "A")))

        def a_second_on():
            """CoreDNS's serial is the second of the last change: what follows within it is never told."""
            run.check(what + ": the next second", lambda: str(int(time.time())) > primary.reply("cluster.local", "SOA")[1][0].split()[-5], *both)

        try:
            a_second_on()
            kube.create(service(7))
            run.check(what + ": a service that comes", lambda: has(lambda there: there), *both)
            a_second_on()
            kube.delete(service(7))
            run.check(what + ": and goes", lambda: has(lambda there: not there), *both)
            run.check(what + ": all of it again", lambda: not run.differs(*both, "cluster.local"), *both)
        finally:
            kube.delete(service(7))


def main():
    run = Run()
    for first, second in (("coredns", "fairlead"), ("fairlead", "coredns"), ("fairlead", "fairlead")):
        for part in (files, catalogs, cluster):
            with tempfile.TemporaryDirectory(prefix="fairlead-transfers-") as folder:
                part(run, pathlib.Path(folder), first, second)
    with tempfile.TemporaryDirectory(prefix="fairlead-transfers-") as folder:
        signed(run, pathlib.Path(folder))
    print("%d passed, %d failed" % (run.passed, run.failed))
    return run.failed != 0


if __name__ == "__main__":
    sys.exit(main())
