"""DNS messages as octets and as values, so that a test can make what no library would. Standard library only."""
import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "OPT": 41, "AXFR": 252}
NAMES = {number: name for name, number in TYPES.items()}
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
NOTIFY = 4 << 11  # an opcode, where it stands among the flags
HEADER = 12


def name_octets(name):
    labels = [label.encode("latin-1") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question_octets(name, rtype):
    return name_octets(name) + struct.pack("!HH", TYPES[rtype], 1)


def record(owner, rtype, rdata, ttl=300, rclass=1):
    """One record; `owner` is a name, or octets as they are (a pointer, say)."""
    owner = owner if isinstance(owner, bytes) else name_octets(owner)
    number = rtype if isinstance(rtype, int) else TYPES[rtype]
    return owner + struct.pack("!HHIH", number, rclass, ttl, len(rdata)) + rdata


def a(owner, address, ttl=300):
    return record(owner, "A", socket.inet_aton(address), ttl)


def aaaa(owner, address, ttl=300):
    return record(owner, "AAAA", socket.inet_pton(socket.AF_INET6, address), ttl)


def cname(owner, target, ttl=300):
    return record(owner, "CNAME", name_octets(target), ttl)


def soa(owner, ttl=300, minimum=300):
    numbers = struct.pack("!5I", 1, 7200, 900, 86400, minimum)
    return record(owner, "SOA", name_octets("ns." + owner) + name_octets("root." + owner) + numbers, ttl)


def message(ident, flags, question, sections=((), (), ()), counts=None):
    """`question` and records are octets; `counts` replaces the true four counts of the header."""
    counts = counts or (1 if question else 0, *map(len, sections))
    return struct.pack("!HH4H", ident, flags, *counts) + question + b"".join(r for s in sections for r in s)


def notify(zone, flags=AA, sections=((), (), ())):
    """That there is news of a zone (RFC 1996)."""
    return message(7, NOTIFY | flags, question_octets(zone, "SOA"), sections)


def query(name, rtype="A", ident=4711, edns=0, flags=RD):
    opt = [record(b"\0", "OPT", b"", 0, edns)] if edns else []
    return message(ident, flags, question_octets(name, rtype), ((), (), opt))


class Record:
    def __init__(self, owner, rtype, rclass, ttl, data):
        self.owner, self.type, self.rclass, self.ttl, self.data = owner, rtype, rclass, ttl, data

    def __repr__(self):
        return "%s %d %s %s" % (self.owner, self.ttl, self.type, self.data)


class Message:
    """A parsed message. Raises ValueError (or what indexing raises) for octets that are none."""

    def __init__(self, octets):
        self.octets, self.at = octets, HEADER
        self.ident, self.flags, questions, *counts = struct.unpack("!6H", octets[:HEADER])
        self.rcode = self.flags & 15
        self.truncated = bool(self.flags & TC)
        self.questions = [self._question() for _ in range(questions)]
        self.answers, self.authorities, self.additionals = ([self._record() for _ in range(n)] for n in counts)
        if self.at != len(octets):
            raise ValueError("%d octets after the last record" % (len(octets) - self.at))
        self.opt = next((r for r in self.additionals if r.type == "OPT"), None)

    @property
    def name(self):
        return self.questions[0][0]

    @property
    def type(self):
        return self.questions[0][1]

    def data(self, rtype):
        """Of the answers of one type, sorted."""
        return sorted(r.data for r in self.answers if r.type == rtype)

    @property
    def addresses(self):
        return self.data("A")

    def ttls(self):
        """Of the answers, by type."""
        return {r.type: r.ttl for r in self.answers}

    def __repr__(self):
        return "rcode %d flags %04x %s answers %s authorities %s" % (
            self.rcode, self.flags, self.questions, self.answers, self.authorities)

    def _take(self, size):
        if self.at + size > len(self.octets):
            raise ValueError("message too short")
        self.at += size
        return self.octets[self.at - size:self.at]

    def _name(self):
        name, self.at = self._name_at(self.at)
        return name

    def _name_at(self, at):
        labels, end = [], None
        while True:
            size = self.octets[at]
            if size >= 0xC0:
                end, target = end or at + 2, (size & 0x3F) << 8 | self.octets[at + 1]
                if target >= at:
                    raise ValueError("pointer that does not go back")
                at = target
            elif size == 0:
                return ".".join(labels).lower() + ".", end or at + 1
            else:
                labels.append(self.octets[at + 1:at + 1 + size].decode("latin-1"))
                at += 1 + size

    def _question(self):
        name = self._name()
        rtype, _ = struct.unpack("!HH", self._take(4))
        return name, NAMES.get(rtype, str(rtype))

    def _record(self):
        owner = self._name()
        rtype, rclass, ttl, size = struct.unpack("!HHIH", self._take(10))
        begin, rtype = self.at, NAMES.get(rtype, str(rtype))
        octets = self._take(size)
        if rtype == "A":
            data = socket.inet_ntoa(octets)
        elif rtype == "AAAA":
            data = socket.inet_ntop(socket.AF_INET6, octets)
        elif rtype in ("CNAME", "NS", "PTR", "SOA"):
            data = self._name_at(begin)[0]      # of an SOA the first name
        elif rtype in ("MX", "SRV"):
            numbers = 2 if rtype == "MX" else 6
            data = octets[:numbers].hex() + " " + self._name_at(begin + numbers)[0]
        else:
            data = octets
        return Record(owner, rtype, rclass, ttl, data)


def exchange(port, octets, tcp=False, timeout=20, address="127.0.0.1"):
    """The reply to `octets`, parsed. OSError when there is none within `timeout` seconds."""
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as link:
        link.settimeout(timeout)
        link.connect((address, port))
        if not tcp:
            link.send(octets)
            return Message(link.recv(65535))
        link.sendall(struct.pack("!H", len(octets)) + octets)
        return Message(read_frame(link))


def read_exactly(link, size):
    octets = b""
    while len(octets) < size:
        more = link.recv(size - len(octets))
        if not more:
            raise ConnectionError("closed after %d of %d octets" % (len(octets), size))
        octets += more
    return octets


def read_frame(link):
    """One message of a TCP or TLS connection (RFC 1035 §4.2.2)."""
    return read_exactly(link, struct.unpack("!H", read_exactly(link, 2))[0])
