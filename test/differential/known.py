"""Where Fairlead's answers are meant to differ from CoreDNS 1.15's; each row is a heading of docs/differences.md.

A row holds for a question when its function, given the question, CoreDNS's reply and ours (lines of wire.reply_lines),
says so; it must also say what our reply looks like, so that a wrong answer is not taken for a known difference.
"""
import pathlib

import dns.rdatatype

import fixtures

HEADING = {}


def row(heading):
    def add(function):
        HEADING[function] = heading
        return function
    return add


def rcode(reply):
    return reply[0].split()[1] if reply[0].startswith("reply") else reply[0]


def answers(reply):
    return [line for line in reply if line.startswith("answer")]


def nodata(reply):
    return rcode(reply) == "NOERROR" and not answers(reply) and any(" SOA " in line for line in reply)


def negative(reply):
    """NXDOMAIN, or what stands for it after a fallthrough to nothing."""
    return rcode(reply) in ("NXDOMAIN", "SERVFAIL")


def lower(question):
    return question.name.to_text().lower()


def is_type(question, *names):
    return dns.rdatatype.to_text(question.rdtype) in names


@row("TXT at an existing name without data")
def txt(question, theirs, ours):
    return is_type(question, "TXT") and negative(theirs) and nodata(ours)


@row("SOA at a name that does not exist")
def soa(question, theirs, ours):
    return is_type(question, "SOA") and nodata(theirs) and negative(ours)


@row("Other types at an existing reverse name")
def reverse(question, theirs, ours):
    return (lower(question).endswith(("in-addr.arpa.", "ip6.arpa.")) and not is_type(question, "PTR", "SOA", "TXT")
            and negative(theirs) and nodata(ours))


@row("Other types at dns-version")
def version(question, theirs, ours):
    return lower(question).startswith("dns-version.") and not is_type(question, "TXT") and negative(theirs) and nodata(ours)


@row("Classes other than IN")
def classes(question, theirs, ours):
    return question.rdclass != 1 and rcode(ours) == rcode(theirs) and not answers(ours)


@row("The protocol label of a named port")
def protocol_label(question, theirs, ours):
    return lower(question).startswith(("_tcp.", "_udp.", "_sctp.")) and negative(theirs) and nodata(ours)


@row("Letter case at the apex and ns.dns")
def letter_case(question, theirs, ours):
    name = question.name.to_text()
    if name == name.lower() or rcode(ours) != "NOERROR":
        return False
    if is_type(question, "NS"):
        return nodata(theirs) and any(" NS " in a for a in answers(ours))
    return name.lower().startswith("ns.dns.") and negative(theirs)


@row("ExternalName that is an IP address")
def external_address(question, theirs, ours):
    if not lower(question).startswith("ext-ip.alpha."):
        return False
    if is_type(question, "A"):
        return [a.split()[-1] for a in answers(ours)] == [fixtures.EXTERNAL["ip"]]
    return negative(theirs) and nodata(ours)


@row("The end of an ExternalName's chain")
def end_of_chain(question, theirs, ours):
    alone = len(answers(theirs)) == 1 and " CNAME " in answers(theirs)[0] and rcode(theirs) == "NOERROR"
    return alone and answers(ours) == answers(theirs) and rcode(ours) in ("NXDOMAIN", "SERVFAIL")


@row("An endpoint slice without a service label")
def orphan(question, theirs, ours):
    return theirs == ["noreply"] and negative(ours) and lower(question).endswith(".arpa.")


@row("Other types at ns.dns")
def name_server(question, theirs, ours):
    return lower(question).startswith("ns.dns.") and not is_type(question, "A", "AAAA", "TXT", "SOA") and negative(theirs) and nodata(ours)


@row("Opcodes other than QUERY")
def opcode(question, theirs, ours):
    return question.opcode != 0 and ours == ["reply NOTIMP opcode=%d" % question.opcode, "question none"]


def malformed(code, value):
    """The content of a client subnet, keepalive or extended error option is not what its RFC says."""
    if code == 8:
        return len(value) < 4 or value[:2] not in (b"\0\1", b"\0\2")
    return code == 11 and len(value) not in (0, 2) or code == 15 and len(value) < 2


@row("EDNS")
def edns(question, theirs, ours):
    if not question.edns:
        return False
    version, size, do, options = question.edns
    if version:
        return rcode(theirs) in ("BADVERS", "REFUSED", "FORMERR") and rcode(ours) == "BADVERS" and any(" do" in line for line in ours) == do
    if rcode(theirs) == "FORMERR" and rcode(ours) != "FORMERR" and any(malformed(*o) for o in options):
        return True
    if question.tcp:
        keepalive = [value for code, value in options if code == 11]
        return rcode(ours) == "FORMERR" if any(keepalive) else bool(keepalive) and any("option=11" in line for line in ours)
    return size > 1232 and rcode(theirs) == rcode(ours) and " tc" in ours[0] and " tc" not in theirs[0]


def heading_of(question, theirs, ours):
    """The row that explains the difference, or None."""
    return next((h for f, h in HEADING.items() if f(question, theirs, ours)), None)


def report_missing_headings():
    """Prints every row that has no heading in docs/differences.md; how many."""
    path = pathlib.Path(__file__).resolve().parent / "../../docs/differences.md"
    text = path.read_text() if path.exists() else ""
    titles = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")}
    missing = sorted(set(HEADING.values()) - titles)
    for heading in missing:
        print("FAIL  docs/differences.md has no heading '%s'" % heading)
    return len(missing)
