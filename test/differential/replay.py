#!/usr/bin/python3
"""Asks the program the recorded questions (test/data/coredns-1.15), with the recorded objects as manifests, and reports
where its replies differ from CoreDNS's. Needs neither an API server nor CoreDNS; needs root (a network namespace).

Usage: replay.py [--show N] [VARIANT...]     The program is build/fairlead or FAIRLEAD_BINARY.
Ends with 'N passed, N failed'; a difference that docs/differences.md explains passes.
"""
import argparse
import concurrent.futures
import sys

import kube
import servers
import wire
from tally import Tally

DATA = kube.HERE / "../data/coredns-1.15"
# filtered by the API server, which is not there
NEEDS_API = {"namespace-labels", "labels"}


def cases(path):
    """(Question, lines of the reply) of a recording."""
    for block in path.read_text().split("\n\n"):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("query "):
            yield wire.parse_question(lines[0]), lines[1:]


def replay(variant):
    tally = Tally()
    recorded = list(cases(DATA / (variant + ".txt")))
    with servers.Server("fairlead", variant, manifests=(DATA / "objects.yaml").resolve()) as server:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            replies = pool.map(lambda c: wire.reply_lines(c[0], wire.ask(server.address, c[0])), recorded)
            for (question, theirs), ours in zip(recorded, replies):
                tally.add(question, theirs, ours)
        tally.dead = [] if server.alive() else ["fairlead"]
    return tally


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--show", type=int, default=2, help="examples of each kind of difference")
    p.add_argument("variants", nargs="*", metavar="VARIANT")
    opts = p.parse_args()
    servers.isolate()
    passed = failed = 0
    for variant in opts.variants or [v for v in servers.VARIANTS if v not in NEEDS_API]:
        good, bad = replay(variant).report(variant, opts.show)
        passed, failed = passed + good, failed + bad
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
