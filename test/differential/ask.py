#!/usr/bin/python3
"""Asks CoreDNS and Fairlead the same questions about the fixtures and reports where their replies differ.

The lab's control plane is up. Both servers run in a network namespace, with the same Corefile and the same API server.
Usage: ask.py [--random N] [--seed S] [--show N] [--against fairlead|coredns] [VARIANT...]
Ends with 'N passed, N failed'; a difference that docs/differences.md explains passes.
"""
import argparse
import concurrent.futures
import sys
import time

import fixtures
import known
import kube
import mutate
import questions
import servers
import wire
from tally import Tally, comparable


def both(addresses, question):
    replies = [wire.reply_lines(question, wire.ask(a, question)) for a in addresses]
    if comparable(replies[0]) != comparable(replies[1]):      # once more: a lost datagram is no difference
        replies = [wire.reply_lines(question, wire.ask(a, question)) for a in addresses]
    return replies


def compare(variant, opts):
    """Asks everything for one variant; the Tally of the replies."""
    asked = questions.systematic(variant)
    asked += mutate.questions(opts.random, opts.seed, asked)
    tally = Tally()
    with servers.Server("coredns", variant) as theirs, servers.Server(opts.against, variant) as ours:
        time.sleep(1)
        addresses = (theirs.address, ours.address)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for question, (a, b) in zip(asked, pool.map(lambda x: both(addresses, x), asked)):
                tally.add(question, a, b)
        tally.dead = [s.program for s in (theirs, ours) if not s.alive()]
    return tally


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--random", type=int, default=500, help="random questions per variant")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--show", type=int, default=2, help="examples of each kind of difference")
    p.add_argument("--against", default="fairlead", choices=list(servers.PROGRAMS))
    p.add_argument("variants", nargs="*", metavar="VARIANT", default=[])
    opts = p.parse_args()
    passed = failed = 0
    failed += known.report_missing_headings()
    fixtures.up()
    kube.grant()
    time.sleep(2)
    servers.isolate_with_api()
    for variant in opts.variants or servers.VARIANTS:
        good, bad = compare(variant, opts).report(variant, opts.show)
        passed, failed = passed + good, failed + bad
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
