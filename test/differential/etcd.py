#!/usr/bin/python3
"""Asks CoreDNS and Fairlead the same questions about the same keys of a real etcd, and reports where their replies differ.

Needs etcd and coredns in the lab's bin (test/e2e/lab/tools.sh control); all of it listens on free ports of loopback.
Ends with 'N passed, N failed'; a difference that docs/differences.md explains ("Keys of etcd") passes.
"""
import base64
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import dns.name
import dns.rdatatype

import servers
import wire

KEYS = {
    "local/skydns/web/a": {"host": "10.0.0.1"},
    "local/skydns/web/b": {"host": "10.0.0.2", "ttl": 60},
    "local/skydns/web/c": {"host": "2001:db8::1", "port": 80},
    "local/skydns/web/d": {"host": "::ffff:10.0.0.3"},
    "local/skydns/we": {"host": "10.0.0.9"},
    "local/skydns/deep/1/2/3": {"host": "10.0.3.1", "port": 8080, "priority": 20},
    "local/skydns/text": {"text": "heritage=external-dns,external-dns/owner=default", "ttl": 30},
    "local/skydns/long": {"text": "0123456789" * 51},
    "local/skydns/both": {"text": "beside", "host": "10.0.0.4"},
    "local/skydns/named": {"text": "beside a name", "host": "web.skydns.local"},
    "local/skydns/mail/a": {"host": "10.0.0.5", "mail": True, "priority": 20},
    "local/skydns/mail/b": {"host": "we.skydns.local", "mail": True},
    "local/skydns/mail/c": {"host": "10.0.0.6"},
    "local/skydns/_tcp/_http/a": {"host": "10.0.1.1", "port": 80, "weight": 1},
    "local/skydns/_tcp/_http/b": {"host": "10.0.1.2", "port": 80, "weight": 2},
    "local/skydns/_tcp/_http/c": {"host": "we.skydns.local", "port": 8080, "priority": 20},
    "local/skydns/_tcp/_http/d": {"host": "10.0.1.3", "port": -1},
    "local/skydns/strip/a/1": {"host": "10.0.2.1", "port": 80, "targetstrip": 1},
    "local/skydns/strip/a/2": {"host": "10.0.2.2", "port": 80, "targetstrip": 1},
    "local/skydns/strip/a/3": {"host": "x.y.example.org", "port": 81, "targetstrip": 2},
    "local/skydns/one": {"host": "two.skydns.local", "ttl": 10},
    "local/skydns/two": {"host": "web.skydns.local."},
    "local/skydns/round": {"host": "about.skydns.local"},
    "local/skydns/about": {"host": "round.skydns.local"},
    "local/skydns/down": {"host": "a.down.skydns.local"},
    "local/skydns/nowhere": {"host": "none.skydns.local"},
    "local/skydns/outside": {"host": "www.example.org"},
    "local/skydns/group/a": {"host": "127.0.0.1", "group": "g1"},
    "local/skydns/group/b": {"host": "127.0.0.2", "group": "g1"},
    "local/skydns/group/sub/a": {"host": "127.0.0.3", "group": "g2"},
    "local/skydns/group/sub/b": {"host": "127.0.0.4"},
    "local/skydns/mixed/a": {"host": "127.0.0.1", "group": "g1"},
    "local/skydns/mixed/b": {"host": "127.0.0.2", "group": "g3"},
    "local/skydns/dns/ns/a": {"host": "10.0.0.53"},
    "local/skydns/dns/ns/b": {"host": "2001:db8::53"},
    "local/skydns/dns/apex/x": {"host": "10.1.1.1", "ttl": 61},
    "arpa/in-addr/10/0/0/1": {"host": "web.skydns.local"},
    "arpa/in-addr/10/0/0/2": {"host": "10.9.9.9"},
    "other": {"host": "10.2.0.1"},
    "third/a": {"host": "10.3.0.1"},
}
CHAIN = {"local/skydns/c%d" % i: {"host": "c%d.skydns.local" % (i - 1)} for i in range(1, 14)}
CHAIN["local/skydns/c0"] = {"host": "10.0.0.10"}
LEASES = {"local/skydns/lease/long": ({"host": "10.4.0.1"}, 1000), "local/skydns/lease/short": ({"host": "10.4.0.2"}, 20),
          "local/skydns/lease/own": ({"host": "10.4.0.3", "ttl": 45}, 1000)}
LEASED = re.compile(r" (9\d\d|1000) (?=[A-Z])")     # a TTL
TYPES = ["A", "AAAA", "CNAME", "TXT", "SRV", "MX", "NS", "PTR", "SOA", "HTTPS", "ANY"]
MORE = ["skydns.local", "nope.skydns.local", "nope.web.skydns.local", "w.skydns.local", "web.*.local", "*.web.skydns.local", "a.*.skydns.local",
        "any.web.skydns.local", "x.*.skydns.local", "*.nope.skydns.local", "dns.skydns.local", "ns.dns.skydns.local",
        "apex.dns.skydns.local", "WEB.SkyDNS.local", r"a\/b.skydns.local", r"w\.b.skydns.local", "third", "nope.third", "3.0.0.10.in-addr.arpa",
        "0.0.10.in-addr.arpa", "10.in-addr.arpa", "elsewhere.example", "www.example.org"]
COREFILE = """\
skydns.local:{port} 10.in-addr.arpa:{port} other:{port} third:{port} {
    bind 127.0.0.1
    etcd {
        endpoint {etcd}
    }
}
.:{port} {
    bind 127.0.0.1
    hosts {folder}/hosts
}
"""


def name_of(key):
    return ".".join(reversed(key.split("/")))


class Etcd:
    def __init__(self, folder):
        client, peer = ("http://127.0.0.1:%d" % servers.free_port() for _ in range(2))
        self.url = client
        program = str(servers.kube.LAB / "bin/etcd")
        with open(folder / "etcd.log", "wb") as log:
            self.process = subprocess.Popen(
                [program, "--name", "one", "--data-dir", str(folder / "etcd"), "--listen-client-urls", client, "--advertise-client-urls", client,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "one=" + peer], stdout=log, stderr=log)
        self.wait()

    def call(self, operation, body):
        request = urllib.request.Request(self.url + "/v3/" + operation, data=json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=5) as reply:
            return json.load(reply)

    def wait(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.call("maintenance/status", {})
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def put(self, key, value, lease=0):
        encoded = [base64.b64encode(text.encode()).decode() for text in ("/skydns/" + key, value if isinstance(value, str) else json.dumps(value))]
        self.call("kv/put", {"key": encoded[0], "value": encoded[1], "lease": str(lease)})


class Program:
    def __init__(self, program, folder, etcd):
        self.address = ("127.0.0.1", servers.free_port())
        (folder / "hosts").write_text("192.0.2.80 www.example.org\n192.0.2.81 example.org\n2001:db8::80 www.example.org\n")
        text = COREFILE.replace("{port}", str(self.address[1])).replace("{etcd}", etcd.url).replace("{folder}", str(folder))
        corefile = folder / (program + ".Corefile")
        corefile.write_text(text)
        with open(folder / (program + ".log"), "wb") as log:
            self.process = subprocess.Popen([servers.PROGRAMS[program], "-conf", str(corefile)], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self.lines(question("other", "A"))[0].startswith("reply NOERROR"):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("%s does not answer:\n%s" % (program, (folder / (program + ".log")).read_text()[-2000:]))

    def lines(self, asked):
        return wire.reply_lines(asked, wire.ask(self.address, asked, 5))


def question(name, rtype):
    return wire.Question(dns.name.from_text(name), dns.rdatatype.from_text(rtype), tcp=True)


def section(lines, word):
    """Records once each; what is left of a lease is told within a second or two of each other."""
    return sorted(set(LEASED.sub(" LEASED ", line) for line in lines if line.startswith(word + " ")))


def explained(name, rtype, theirs, ours):
    """The row of docs/differences.md that says why; None for no row."""
    denied = theirs[0].startswith("reply NXDOMAIN") and ours[0].startswith("reply NOERROR")
    if rtype == "SOA" and section(theirs, "answer") and not section(ours, "answer"):
        return "SOA at names below the zone"
    if denied and not section(ours, "answer") and rtype in ("CNAME", "PTR"):
        return "CNAME or PTR at a name that only has keys below"
    if denied and not section(ours, "answer") and rtype == "NS":
        return "NS of a zone without keys below ns.dns"
    if rtype in ("SRV", "MX") and section(theirs, "answer") == section(ours, "answer") \
            and set(section(theirs, "additional")) < set(section(ours, "additional")):
        return "additional addresses of SRV and MX within the zone"
    return None


def compare(theirs, ours):
    names = sorted(set(map(name_of, itertools.chain(KEYS, CHAIN, LEASES))) | set(MORE))
    names += sorted({name.partition(".")[2] for name in names if name.count(".") > 2} - set(names))
    passed, failed, known = 0, 0, {}
    for name, rtype in itertools.product(names, TYPES):
        asked = question(name, rtype)
        a, b = theirs.lines(asked), ours.lines(asked)
        if all(section(a, word) == section(b, word) for word in ("reply", "answer", "authority", "additional")):
            passed += 1
            continue
        why = explained(name, rtype, a, b)
        if why:
            passed, known[why] = passed + 1, known.get(why, 0) + 1
            continue
        failed += 1
        print("%s %s\n  CoreDNS:  %s\n  Fairlead: %s" % (name, rtype, "\n            ".join(a), "\n            ".join(b)))
    for why, count in sorted(known.items()):
        print("%5d known: %s" % (count, why))
    return passed, failed


def main():
    processes = []
    with tempfile.TemporaryDirectory(prefix="fairlead-etcd-") as text:
        folder = pathlib.Path(text)
        try:
            etcd = Etcd(folder)
            processes.append(etcd.process)
            etcd.put("other", KEYS["other"])
            both = []
            for program in ("coredns", "fairlead"):
                both.append(Program(program, folder, etcd))
                processes.append(both[-1].process)
            for key, value in {**KEYS, **CHAIN}.items():        # behind the start: as changes
                etcd.put(key, value)
            for key, (value, seconds) in LEASES.items():
                etcd.put(key, value, int(etcd.call("lease/grant", {"TTL": str(seconds)})["ID"]))
            etcd.put("third/last", {"host": "10.3.0.9"})
            deadline = time.monotonic() + 30
            while not any("10.3.0.9" in line for line in both[1].lines(question("last.third", "A"))):
                if time.monotonic() > deadline:
                    raise RuntimeError("the last change does not arrive")
            passed, failed = compare(*both)
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(20)
            if os.environ.get("FAIRLEAD_SHOW_LOGS"):
                print((folder / "fairlead.log").read_text())
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
