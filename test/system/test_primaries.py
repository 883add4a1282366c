"""What primaries do that no rule forbids, or only some rule that few keep: their zones are followed all the same."""
import base64
import hashlib
import hmac
import struct
import time
import unittest

import dnsmessage as dns
import peers
from harness import Listener, free_port
from primary import AXFR, IXFR, SOA, ZONE, FollowerTest

SECRET, KEY = peers.SECRET, peers.KEY
BLOCK = """\
example.org:%d {
    bind 127.0.0.1
    tsig {
        secret %s %s
    }
    transfer {
        to *
    }
    secondary {
        transfer from 127.0.0.1:%d
        %s
    }
}
"""
MORE = 400  # messages of one record, so that most of a signed transfer has no signature of its own
NEWEST = 4  # of the versions that a zone has; the first is 1


def serial(version):
    """It wraps around on the way to the newest (RFC 1982)."""
    return (version - 3) % 2 ** 32


def mixed(name):
    return "".join(c.upper() if i % 2 else c for i, c in enumerate(name))


class Zone:
    """Records of a version of example.org as octets, with names as `name` writes them."""

    def __init__(self, name=dns.name_octets):
        self.name = name

    def soa(self, version):
        numbers = struct.pack("!5I", serial(version), 3600, 1, 86400, 30)
        return dns.record(self.name(ZONE), "SOA", self.name("ns." + ZONE) + self.name("h." + ZONE) + numbers)

    def a(self, label, last):
        return dns.record(self.name(label + "." + ZONE), "A", bytes((192, 0, 2, last)))

    def records(self, version):
        """All but the SOA."""
        here = lambda label: self.name(label + "." + ZONE)
        record = dns.record
        return [record(self.name(ZONE), "NS", here("ns")), record(self.name(ZONE), "MX", b"\0\1" + here("mail")),
                self.a("ns", 1), self.a("www", version), record(here("alias"), "CNAME", here("www")),
                record(here("_sip._udp"), "SRV", struct.pack("!3H", 1, 2, 5060) + here("www")),
                record(here("people"), 17, here("admin") + here("text")), record(here("afs"), 18, b"\0\1" + here("www")),
                record(here("old"), 39, here("new")), record(here("naptr"), 35, b"\0\1\0\2\1u\0\0" + here("www")),
                record(here("sub"), "NS", here("ns.sub")), self.a("ns.sub", 9),
                record(here("kx"), 36, b"\0\1" + here("www")), record(here("*.wild"), "TXT", b"\1a\1b"),
                record(here("odd"), 65400, b"\1\2\3"), record(here("none"), 65401, b""),
                record(here("svc"), 65, b"\0\1\0" + struct.pack("!HH", 3, 2) + b"\1\xbb")] + [
                    record(here("host-%d" % i), "TXT", b"\7" + b"%07d" % i) for i in range(MORE)]

    def whole(self, version):
        return [self.soa(version), *self.records(version), self.soa(version)]

    def step(self, old, new):
        return [self.soa(old), self.a("www", old), self.soa(new), self.a("www", new)]

    def changes(self, old, new):
        return [self.soa(new), *self.step(old, new), self.soa(new)]


def pointed(name):
    """Ends with a pointer to the question's name, which is that of the zone."""
    labels = name[:-len(ZONE)].rstrip(".")
    return (dns.name_octets(labels)[:-1] if labels else b"") + b"\xc0\x0c"


def pieces(records, size):
    return [records[i:i + size] for i in range(0, len(records), size)]


class Strange(Listener):
    """Each has a way of its own. `version` is the newest; it may be set."""
    zone, size = Zone(), 100  # records in a message
    flags = dns.QR | dns.AA
    key = closes = None
    fragments = None          # octets that are sent at once

    def __init__(self, test):
        self.version, self.asked = 1, []
        super().__init__(test)

    def records(self, asked):
        """All of the reply."""
        if asked == SOA:
            return [self.zone.soa(self.version)]
        if asked == IXFR:
            return self.changed(1)
        return self.zone.whole(self.version)

    def changed(self, old):
        return self.zone.changes(old, self.version)

    def messages(self, asked):
        return pieces(self.records(asked), self.size)

    def question(self, question, _number):
        return question

    def others(self):
        """What the authority and the additional section have."""
        return (), ()

    def serve(self, connection):
        try:
            with connection:
                while True:
                    self.reply(connection, dns.read_frame(connection))
                    if self.closes:
                        return
        except OSError:
            pass

    def reply(self, connection, octets):
        question = octets[dns.HEADER:octets.index(b"\0", dns.HEADER) + 5]
        asked, = struct.unpack("!H", question[-4:-2])
        self.asked.append(asked)
        signing = self.key and Signing(octets)
        messages = self.messages(asked)
        for number, records in enumerate(messages):
            reply = dns.message(octets[0] << 8 | octets[1], self.flags, self.question(question, number), (records, *self.others()))
            if signing:
                reply = signing.take(reply, number % 100 == 0 or number + 1 == len(messages))
            self.send(connection, struct.pack("!H", len(reply)) + reply)

    def send(self, connection, octets):
        for at in range(0, len(octets), self.fragments or len(octets)):
            connection.sendall(octets[at:at + (self.fragments or len(octets))])


class Signing:
    """TSIG with hmac-sha256 (RFC 8945 §4.3), of a query, or of a reply to `query` in some of its messages."""
    ALGORITHM = dns.name_octets("hmac-sha256")

    def __init__(self, query=None, key=KEY):
        self.name, self.first, self.octets = dns.name_octets(key), True, b""
        self.before = self.mac_of(query) if query else b""

    def mac_of(self, query):
        rdata = query[query.rindex(self.name + b"\0\xfa\0\xff") + len(self.name) + 10:]
        size, = struct.unpack("!H", rdata[len(self.ALGORITHM) + 8:len(self.ALGORITHM) + 10])
        return struct.pack("!H", size) + rdata[len(self.ALGORITHM) + 10:][:size]

    def take(self, message, signs):
        self.octets += message
        if not signs:
            return message
        when = struct.pack("!HIH", 0, int(time.time()), 300)
        words = self.name + struct.pack("!HI", 255, 0) + self.ALGORITHM + when + b"\0\0\0\0" if self.first else when
        mac = hmac.new(base64.b64decode(SECRET), self.before + self.octets + words, hashlib.sha256).digest()
        self.before = struct.pack("!H", len(mac)) + mac
        self.first, self.octets = False, b""
        record = dns.record(self.name, 250, self.ALGORITHM + when + self.before + message[:2] + b"\0\0\0\0", 0, 255)
        last = struct.unpack("!H", message[10:12])[0] + 1
        return message[:10] + struct.pack("!H", last) + message[12:] + record


class OneEach(Strange):
    """One record in a message, the question in the first only (RFC 5936 §2.2.1)."""
    size = 1

    def question(self, question, number):
        return b"" if number else question


class NoQuestion(Strange):
    def question(self, _question, _number):
        return b""


class Pointed(Strange):
    """Names are compressed wherever one stands, in types that RFC 3597 §4 forbids it for, too."""
    zone = Zone(pointed)


class Mixed(Strange):
    """Letters of both cases, others in the question; the last SOA is written in another way than the first."""
    zone = Zone(lambda name: dns.name_octets(mixed(name)))

    def question(self, question, _number):
        return question.replace(b"example", b"eXAMPLE")

    def records(self, asked):
        return [*super().records(asked)[:-1], Zone().soa(self.version)]


class NotAuthoritative(Strange):
    """No AA, but TC's neighbours: RD, RA, AD and CD."""
    flags = dns.QR | dns.RD | dns.RA | 0x30


class Twice(Strange):
    """Each record but the SOA twice."""

    def records(self, asked):
        records = super().records(asked)
        return records if asked != AXFR else [records[0], *records[1:-1], *records[1:-1], records[-1]]


class Talkative(Strange):
    """Names of others between its own, and sections that a transfer does not have."""

    def records(self, asked):
        records = super().records(asked)
        return records if asked != AXFR else [records[0], dns.a("www.example.net", "192.0.2.66"), *records[1:]]

    def others(self):
        opt = dns.record(b"\0", "OPT", struct.pack("!HH", 3, 4) + b"nsid", 0, 4096)
        return [dns.record(ZONE, "NS", dns.name_octets("ns.example.net"))], [dns.a("www." + ZONE, "192.0.2.66"), opt]


class Drops(Strange):
    """Little by little, and the connection ends with the last octet."""
    fragments, closes = 7, True


class Silences(Strange):
    """Messages that say nothing between those that do."""

    def messages(self, asked):
        return [part for one in super().messages(asked) for part in (one, [])][:-1]


class Signed(Strange):
    """A signature in every hundredth message, and in the last."""
    size, key = 1, KEY


class SignedOld(Signed):
    """Knows signatures, and no EDNS: that it says without one, as it has read nothing (RFC 6891 §7)."""

    def reply(self, connection, octets):
        asked = dns.Message(octets)
        if not asked.opt:
            return super().reply(connection, octets)
        reply = dns.message(asked.ident, dns.QR | dns.FORMERR, b"")
        self.send(connection, struct.pack("!H", len(reply)) + reply)


class AllOfIt(Strange):
    """Knows no changes, and does not say so (RFC 1995 §4)."""
    size = 3

    def changed(self, old):
        return self.zone.whole(self.version)


class Steps(Strange):
    """A step for each version, in messages that end anywhere."""
    size = 1

    def changed(self, old):
        steps = [record for n in range(old, self.version) for record in self.zone.step(n, n + 1)]
        return [self.zone.soa(self.version), *steps, self.zone.soa(self.version)]


class Nothing(Strange):
    """Its changes are the SOA that the copy has: it lags behind what it said itself."""
    behind = 0

    def changed(self, old):
        return [self.zone.soa(old - self.behind)]


class Older(Nothing):
    """The same, with an older one."""
    behind = 1


class Keeps(Strange):
    """Has whole zones from before; it is its changes that lead to the newest (YADIFA)."""

    def records(self, asked):
        if asked == SOA or self.version == 1:
            return super().records(asked)
        before = self.version - 1
        return self.zone.changes(before, self.version) if self.asked.count(IXFR) > 1 else self.zone.whole(before)


class Several(Strange):
    """Of several behind one address one is older than the copy is."""

    def changed(self, old):
        return [self.zone.soa(old - 1)]

    def records(self, asked):
        lags = asked == AXFR and self.asked.count(AXFR) == 2
        return self.zone.whole(0) if lags else super().records(asked)


class Alone(Strange):
    """Over TCP, too, says no more than that there is something newer, and that was all."""
    closes = True

    def changed(self, old):
        return [self.zone.soa(self.version)]


class NotKnown(Strange):
    """Says that it does not know IXFR, by an error or by going away."""
    error = dns.NOTIMP

    def reply(self, connection, octets):
        asked = dns.Message(octets)
        if asked.type != "251":
            return super().reply(connection, octets)
        self.asked.append(IXFR)
        if self.error is None:
            raise ConnectionError
        opt = [dns.record(b"\0", "OPT", b"", 0, 1232)]
        reply = dns.message(asked.ident, dns.QR | self.error, dns.question_octets(ZONE, "SOA")[:-4] + b"\0\xfb\0\1", ((), (), opt))
        self.send(connection, struct.pack("!H", len(reply)) + reply)


class Refuses(NotKnown):
    error = dns.REFUSED


class FormatError(NotKnown):
    error = dns.FORMERR


class GoesAway(NotKnown):
    error = None


WAYS = [Strange, OneEach, NoQuestion, Pointed, Mixed, NotAuthoritative, Twice, Talkative, Drops, Silences, Signed, SignedOld, AllOfIt,
        Steps, Nothing, Older, Keeps, Several, Alone, NotKnown, Refuses, FormatError, GoesAway]


class ManyTest(FollowerTest):
    """A primary and a port of ours for each way."""

    def follow(self, ways):
        self.primaries = [way(self) for way in ways]
        self.ports = [free_port() for _ in ways]
        self.server = self.start("".join(
            BLOCK % (port, KEY, SECRET, one.port, "key " + KEY if one.key else "") for port, one in zip(self.ports, self.primaries)))
        for port, one in zip(self.ports, self.primaries):
            self.wait_version(port, one, 1)

    @staticmethod
    def address_at(port):
        try:
            return dns.exchange(port, dns.query("www." + ZONE)).addresses
        except OSError:
            return None

    def wait_version(self, port, what, version):
        self.server.wait("version %d of %s" % (version, what), lambda: self.address_at(port) == ["192.0.2.%d" % version])


class Primaries(ManyTest):
    def zone_at(self, port):
        """All that is handed on; records of one set have no order, names no case."""
        reply = dns.exchange(port, dns.query(ZONE, "AXFR"), tcp=True)
        self.assertEqual(reply.rcode, dns.NOERROR)
        return sorted(repr(record).lower() for record in reply.answers)

    def check_zones(self):
        first = self.zone_at(self.ports[0])
        for port, one in zip(self.ports, self.primaries):
            self.assertEqual(self.zone_at(port), first, one)

    def test_zones(self):
        """The same zone from all of them: at first, and when it has changed."""
        self.follow(WAYS)
        self.check_zones()
        for port, one in zip(self.ports, self.primaries):
            one.version = NEWEST
            self.assertEqual(dns.exchange(port, dns.notify(ZONE)).rcode, dns.NOERROR)
        for port, one in zip(self.ports, self.primaries):
            self.wait_version(port, one, NEWEST)
            self.assertEqual([asked for asked in one.asked if asked != SOA][:2], [AXFR, IXFR], one)
        self.check_zones()
        self.assertIn("the zone is older than the copy", self.server.log())
        self.assertEqual(self.server.log().count("Transferred: "), 2 * len(WAYS) + 1)


class Notices(ManyTest):
    HEARD = {
        "with the SOA": dns.notify(ZONE, sections=([Zone().soa(NEWEST)], (), ())),
        "with an older SOA": dns.notify(ZONE, sections=([Zone().soa(1)], (), ())),
        "with compressed names": dns.notify(ZONE, sections=([Zone(pointed).soa(NEWEST)], (), ())),
        "not authoritative": dns.notify(ZONE, flags=0),
        "flags of a query": dns.notify(ZONE, flags=dns.AA | dns.RD | 0x30),
        "in mixed case": dns.notify(mixed(ZONE)),
        "with EDNS": dns.notify(ZONE, sections=((), (), [dns.record(b"\0", "OPT", struct.pack("!HH", 10, 8) + b"12345678", 0, 4096)])),
        "signed": Signing().take(dns.notify(ZONE), True),
    }

    def test_heard(self):
        """However it is said that there is news."""
        said = [(what, octets, tcp) for what, octets in self.HEARD.items() for tcp in (False, True)]
        self.follow([Strange] * len(said))
        for port, one, (what, octets, tcp) in zip(self.ports, self.primaries, said):
            one.version = 2
            reply = dns.exchange(port, octets, tcp=tcp)
            self.assertEqual((reply.rcode, reply.ident, reply.flags & 0x7800), (dns.NOERROR, 7, dns.NOTIFY), what)
        for port, (what, _, tcp) in zip(self.ports, said):
            self.wait_version(port, (what, tcp), 2)


if __name__ == "__main__":
    unittest.main()
