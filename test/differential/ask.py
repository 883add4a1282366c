#!/usr/bin/python3
"""Asks CoreDNS and Fairlead the same questions about the fixtures and reports where their replies differ.

The lab's control plane is up. Both servers run in a network namespace, with the same Corefile and the same API server.
Usage: ask.py [--random N] [--seed S] [--show N] [--against fairlead|coredns] [VARIANT...]
Ends with 'N passed, N failed'; a difference that docs/differences.md explains passes.
"""
import argparse
import collections
import concurrent.futures
import re
import sys
import time

import fixtures
import known
import kube
import mutate
import questions
import servers
import wire


DIFFERENCES = kube.HERE / "../../docs/differences.md"


def comparable(reply):
    """A reply without what may differ: the size in the OPT."""
    return [re.sub(r" size=\d+", "", line) for line in reply]


def both(addresses, question):
    replies = [wire.reply_lines(question, wire.ask(a, question)) for a in addresses]
    if comparable(replies[0]) != comparable(replies[1]):      # once more: a lost datagram is no difference
        replies = [wire.reply_lines(question, wire.ask(a, question)) for a in addresses]
    return replies


def kind(question, theirs, ours):
    """What differences are grouped by."""
    first = lambda r: " ".join(r[0].split()[:2])
    shape = ["rcode %s -> %s" % (first(theirs), first(ours))] if first(theirs) != first(ours) else []
    if theirs[0].split()[2:] != ours[0].split()[2:]:
        shape.append("flags %s -> %s" % (theirs[0].split()[2:], ours[0].split()[2:]))
    for section in ("question", "edns", "answer", "authority", "additional"):
        a, b = ([x for x in comparable(r) if x.startswith(section)] for r in (theirs, ours))
        if a != b:
            shape.append(section)
    return ", ".join(shape)


def compare(variant, opts):
    """Asks everything for one variant; returns (agreed, explained, groups of differences, servers that died)."""
    asked = questions.systematic(variant)
    asked += mutate.questions(opts.random, opts.seed, asked)
    explained, groups, agreed = collections.Counter(), collections.defaultdict(list), 0
    with servers.Server("coredns", variant) as theirs, servers.Server(opts.against, variant) as ours:
        time.sleep(1)
        addresses = (theirs.address, ours.address)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for question, (a, b) in zip(asked, pool.map(lambda x: both(addresses, x), asked)):
                if comparable(a) == comparable(b):
                    agreed += 1
                    continue
                heading = known.heading_of(question, a, b)
                if heading:
                    explained[heading] += 1
                else:
                    groups[kind(question, a, b)].append((question, a, b))
        dead = [s.program for s in (theirs, ours) if not s.alive()]
    return agreed, explained, groups, dead


def report(variant, result, show):
    agreed, explained, groups, dead = result
    bad = sum(map(len, groups.values()))
    print("%-18s %5d the same, %d known differences, %d unexplained" % (variant, agreed, sum(explained.values()), bad))
    for heading, count in explained.most_common():
        print("    %5d  %s" % (count, heading))
    for title, found in sorted(groups.items(), key=lambda x: -len(x[1])):
        print("FAIL  %d times: %s" % (len(found), title))
        for question, theirs, ours in found[:show]:
            print("      %s" % question.text())
            for line in theirs[:12]:
                print("        < %s" % line)
            for line in ours[:12]:
                print("        > %s" % line)
    for program in dead:
        print("FAIL  %s died" % program)
    return agreed + sum(explained.values()), bad + len(dead)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--random", type=int, default=500, help="random questions per variant")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--show", type=int, default=2, help="examples of each kind of difference")
    p.add_argument("--against", default="fairlead", choices=list(servers.PROGRAMS))
    p.add_argument("variants", nargs="*", metavar="VARIANT", default=[])
    opts = p.parse_args()
    passed = failed = 0
    for heading in known.missing_headings(DIFFERENCES.read_text() if DIFFERENCES.exists() else ""):
        print("FAIL  docs/differences.md has no heading '%s'" % heading)
        failed += 1
    fixtures.up()
    kube.grant()
    time.sleep(2)
    servers.isolate()
    for variant in opts.variants or servers.VARIANTS:
        good, bad = report(variant, compare(variant, opts), opts.show)
        passed, failed = passed + good, failed + bad
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
