#!/usr/bin/python3
"""Whole Corefiles, as people run them, on a machine of their own with a cluster and an internet (world.py).

  whole.py FILE…            starts Fairlead (FAIRLEAD_BINARY) with each and compares its replies with those in the file
  whole.py --record FILE…   writes what CoreDNS says into the files
  whole.py --both COREFILE… asks both about the names that each Corefile mentions, and shows where they differ
  whole.py --mutated N [--seed S] FILE… asks both N random questions near those of each file, and shows where they differ
A file: `corefile` … `end`, or `corefile NAME` for one of test/data/corefiles; `file PATH` … `end`, `environment NAME=VALUE`, `address ADDRESS` of the machine, then `query NAME TYPE …`
[to=ADDRESS] [port=N] and the reply's lines, as test/scenarios/README.md says. `ours HEADING` above a query: what follows is what Fairlead
says, where docs/differences.md has that heading; it is not recorded. Ends with 'N passed, N failed'; needs root.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import sys
import time

import cluster
import world
import known    # this, mutate, tally and wire: of test/differential, by world's path
import mutate
import tally
import wire

HERE = pathlib.Path(__file__).resolve().parent
COREDNS = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "fairlead/lab/bin/coredns"
FAIRLEAD = pathlib.Path(os.environ.get("FAIRLEAD_BINARY", HERE.parent.parent / "build/fairlead"))
COREFILES = HERE.parent / "data/corefiles"
HEADINGS = HERE.parent.parent / "docs/differences.md"


class Asked:
    """A question, where it is asked, and the lines of the reply in the file."""

    def __init__(self, line, heading):
        words = line.split()
        self.heading = heading
        self.to = next((w[3:] for w in words if w.startswith("to=")), world.NODE)
        self.port = int(next((w[5:] for w in words if w.startswith("port=")), 53))
        self.line = line
        self.question = wire.parse_question(" ".join(w for w in words if not w.startswith(("to=", "port="))))
        self.expected = []

    def mutated(self, question):
        """Another question, asked at the same place."""
        other = Asked(self.line, self.heading)
        other.question = question
        return other

    def ask(self, timeout=8.0):
        return wire.reply_lines(self.question, wire.ask((self.to, self.port), self.question, timeout, six=":" in self.to))


class Case:
    """A Corefile with what it needs, and what is asked."""

    def __init__(self, path, corefile="", addresses=()):
        self.path, self.corefile, self.addresses = path, corefile, list(addresses)
        self.files, self.environment, self.asked, self.head = {}, {}, [], []

    @classmethod
    def read(cls, path):
        case = cls(path)
        case._read(path.read_text().splitlines())
        return case

    def _read(self, lines):
        lines, heading = iter(lines), None
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "query":
                self.asked.append(Asked(line, heading))
                heading = None
            elif word == "ours":
                heading = rest
            elif self.asked and line:
                self.asked[-1].expected.append(line)
            elif not self.asked:
                self.head.append(line)
                if word == "corefile" and rest:
                    self.corefile = (COREFILES / (rest + ".Corefile")).read_text()
                elif word in ("corefile", "file"):
                    body = list(iter(lambda: next(lines), "end"))
                    self.head += [*body, "end"]
                    text = "\n".join(body) + "\n"
                    if word == "corefile":
                        self.corefile = text
                    else:
                        self.files[rest] = text
                elif word == "environment":
                    name, _, value = rest.partition("=")
                    self.environment[name] = value
                elif word == "address":
                    self.addresses.append(rest)

    def run(self, w, program, timeout=8.0):
        """The lines of each reply; RuntimeError when the server does not start."""
        for address in self.addresses:
            w.has_address(address)
        server = world.Server(w, program, self.corefile, self.files, self.environment)
        try:
            wait(server, self.asked)
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                replies = list(pool.map(lambda asked: asked.ask(timeout), self.asked))
            if not server.alive():
                raise RuntimeError("it ended:\n" + server.log()[-1500:])
            return replies
        finally:
            server.close()

    def record(self, replies):
        lines = [*self.head]
        for asked, reply in zip(self.asked, replies):
            if lines[-1]:
                lines.append("")
            if asked.heading:
                lines.append("ours " + asked.heading)
            lines += [asked.line, *(asked.expected if asked.heading else reply)]
        self.path.write_text("\n".join(lines) + "\n")


def wait(server, asked, seconds=15):
    """Until it answers each place that is asked, and knows the cluster."""
    deadline = time.monotonic() + seconds
    places = {(a.to, a.port): a for a in asked}
    for place, a in places.items():
        while True:
            if not server.alive():
                raise RuntimeError("it did not start:\n" + server.log()[-1500:])
            probe = Asked("query ready.test. A to=%s port=%d" % place, None)
            if probe.ask(0.4) != ["noreply"]:
                break
            if time.monotonic() > deadline:
                raise RuntimeError("it does not answer at %s:%d:\n%s" % (*place, server.log()[-1500:]))
    if "kubernetes" in pathlib.Path(server.root / world.COREFILE[1:]).read_text():
        time.sleep(0.3)


def comparable(lines):
    """What may differ between two replies: the size in the OPT, the client's port in whoami's."""
    return [re.sub(r" size=\d+|( SRV 0 0) \d+(?= \.)", r"\1", line) for line in lines]


def check(w, case):
    replies = case.run(w, FAIRLEAD)
    headings = HEADINGS.read_text()
    good = True
    for asked, reply in zip(case.asked, replies):
        known = not asked.heading or re.search("^#+ " + re.escape(asked.heading) + "$", headings, re.M)
        if comparable(reply) == comparable(asked.expected) and known:
            continue
        good = False
        print("%s: %s" % (case.path.name, asked.line))
        if not known:
            print("  docs/differences.md has no heading '%s'" % asked.heading)
        for mark, lines in (("expected", asked.expected), ("got", reply)):
            for line in lines:
                print("  %-8s %s" % (mark, line))
    return good


NOT_HERE = 77   # ctest lists it as skipped
NAME = re.compile(r"[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)+")
OFTEN = ("kubernetes.default.svc.cluster.local", "web.shop.svc.cluster.local", "db.shop.svc.cluster.local",
         "outside.shop.svc.cluster.local", "10-244-1-5.shop.pod.cluster.local", "nope.shop.svc.cluster.local", "www.example.com",
         "alias.example.net", "nx.example.org", "six.example.com", "7.0.96.10.in-addr.arpa")


def both(w, path):
    text = path.read_text()
    bare = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    names = [*OFTEN, *sorted({n.lower() for n in NAME.findall(bare) if not re.fullmatch(r"[0-9.]+", n)})[:40]]
    case = Case(path, text)
    case.addresses = sorted({a for line in re.findall(r"^\s*bind (.*)$", bare, re.M) for a in re.findall(r"\d+\.\d+\.\d+\.\d+", line)}
                            - {"127.0.0.1", "0.0.0.0"})
    ports = sorted({int(p) for p in re.findall(r"^[^\s#{][^{]*?:(\d+)", bare, re.M)} or {53})[:3]
    to = " to=" + case.addresses[0] if case.addresses else ""
    case.asked = [Asked("query %s %s%s port=%d" % (n, t, to, p), None)
                  for p in ports for n in [*names, *("x." + n for n in names[len(OFTEN):])] for t in ("A", "AAAA")]
    results = []
    for program in (COREDNS, FAIRLEAD):
        try:
            results.append(case.run(w, program))
        except RuntimeError as error:
            results.append(str(error))
    theirs, ours = results
    if isinstance(theirs, str) or isinstance(ours, str):
        if isinstance(theirs, str) and isinstance(ours, str):
            print("%s: neither starts" % path.name)
            return True
        print("%s: %s does not start: %s" % (path.name, "CoreDNS" if isinstance(theirs, str) else "Fairlead",
                                             (theirs if isinstance(theirs, str) else ours).strip().splitlines()[-1]))
        return isinstance(theirs, str)
    different = [(a, t, o) for a, t, o in zip(case.asked, theirs, ours)
                 if comparable(t) != comparable(o) and not known.heading_of(a.question, t, o)]
    print("%s: %d of %d differ" % (path.name, len(different), len(case.asked)))
    for a, t, o in different[:6]:
        print("  " + a.line)
        for mark, lines in (("<", t), (">", o)):
            for line in lines:
                print("    %s %s" % (mark, line))
    return not different


def mutated(w, case, count, seed):
    bases = case.asked
    rng = random.Random("%s %d" % (case.path.name, seed))
    case.asked = [base.mutated(mutate.question(rng, base.question)) for base in rng.choices(bases, k=count)]
    theirs, ours = (case.run(w, program, 0.5) for program in (COREDNS, FAIRLEAD))
    differences = tally.Tally()
    made_up = re.search(r"^\s*dns64\b", case.corefile, re.M)
    for asked, *replies in zip(case.asked, theirs, ours):
        # docs/differences.md: the case of made-up owner names, and RA of made-up addresses
        replies = [[line.lower() if n else line.replace(" ra", "") if made_up else line for n, line in enumerate(comparable(r))]
                   for r in replies]
        differences.add(asked.question, *replies)
    return differences.report(case.path.stem, 3)[1] == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--record", action="store_true")
    p.add_argument("--both", action="store_true")
    p.add_argument("--mutated", type=int, metavar="N")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("files", nargs="+", type=pathlib.Path)
    opts = p.parse_args()
    passed = failed = 0
    try:
        w = world.World(cluster.OBJECTS)
    except world.NotHere as error:
        print("SKIPPED: %s" % error)
        return NOT_HERE
    try:
        for path in opts.files:
            try:
                if opts.both:
                    good = both(w, path)
                elif opts.mutated:
                    good = mutated(w, Case.read(path), opts.mutated, opts.seed)
                elif opts.record:
                    case = Case.read(path)
                    case.record(case.run(w, COREDNS))
                    good = True
                else:
                    good = check(w, Case.read(path))
            except RuntimeError as error:
                print("%s: %s" % (path.name, error))
                good = False
            passed, failed = passed + good, failed + (not good)
            sys.stdout.flush()
    finally:
        w.end()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
