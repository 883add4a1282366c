"""Counts the replies that agree, and groups those that do not."""
import collections
import re

import known


def comparable(reply):
    """A reply without what may differ: the size in the OPT."""
    return [re.sub(r" size=\d+", "", line) for line in reply]


def first(reply):
    return " ".join(reply[0].split()[:2])


def kind(theirs, ours):
    """What a difference is about; what differences are grouped by."""
    about = ["rcode %s -> %s" % (first(theirs), first(ours))] if first(theirs) != first(ours) else []
    if theirs[0].split()[2:] != ours[0].split()[2:]:
        about.append("flags %s -> %s" % (" ".join(theirs[0].split()[2:]), " ".join(ours[0].split()[2:])))
    for section in ("question", "edns", "answer", "authority", "additional"):
        a, b = ([x for x in comparable(r) if x.startswith(section)] for r in (theirs, ours))
        if a != b:
            about.append(section)
    return ", ".join(about)


class Tally:
    """All pairs of replies of one run. .dead names servers that ended before it did."""

    def __init__(self):
        self.agreed, self.explained, self.groups, self.dead = 0, collections.Counter(), collections.defaultdict(list), []

    def add(self, question, theirs, ours):
        if comparable(theirs) == comparable(ours):
            self.agreed += 1
            return
        heading = known.heading_of(question, theirs, ours)
        if heading:
            self.explained[heading] += 1
        else:
            self.groups[kind(theirs, ours)].append((question, theirs, ours))

    def report(self, title, show):
        """Prints it, with 'show' examples of every kind of difference; returns (passed, failed)."""
        bad = sum(map(len, self.groups.values()))
        good = self.agreed + sum(self.explained.values())
        print("%-18s %5d the same, %d known differences, %d unexplained" % (title, self.agreed, good - self.agreed, bad))
        for heading, count in self.explained.most_common():
            print("    %5d  %s" % (count, heading))
        for about, found in sorted(self.groups.items(), key=lambda x: -len(x[1])):
            print("FAIL  %d times: %s" % (len(found), about))
            for question, theirs, ours in found[:show]:
                print("      %s" % question.text())
                for mark, reply in (("<", theirs), (">", ours)):
                    for line in reply[:12]:
                        print("        %s %s" % (mark, line))
        for program in self.dead:
            print("FAIL  %s died" % program)
        return good, bad + len(self.dead)
