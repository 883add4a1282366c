"""Questions as values, how one is put on the wire, and what of a reply is compared."""
import dataclasses
import random
import re
import socket
import struct

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype


@dataclasses.dataclass(frozen=True)
class Question:
    """One query. edns is (version, size, do, options) or None; flags are bits of the header's second word."""
    name: dns.name.Name
    rdtype: int
    rdclass: int = 1
    tcp: bool = False
    flags: int = dns.flags.RD
    opcode: int = 0
    edns: tuple = None

    def wire(self):
        head = struct.pack("!HHHHHH", random.getrandbits(16), self.flags | self.opcode << 11, 1, 0, 0,
                           1 if self.edns else 0)
        body = self.name.to_wire() + struct.pack("!HH", self.rdtype, self.rdclass)
        if self.edns:
            version, size, do, options = self.edns
            data = b"".join(struct.pack("!HH", code, len(value)) + value for code, value in options)
            body += b"\0" + struct.pack("!HHIH", 41, size, version << 16 | (0x8000 if do else 0), len(data)) + data
        return head + body

    def text(self):
        """The line of a recording; parse_question is its inverse."""
        parts = ["query", self.name.to_text(), dns.rdatatype.to_text(self.rdtype)]
        if self.rdclass != 1:
            parts.append("class=" + dns.rdataclass.to_text(self.rdclass))
        if self.opcode:
            parts.append("opcode=%d" % self.opcode)
        if self.tcp:
            parts.append("tcp")
        for bit, word in ((dns.flags.CD, "cd"), (dns.flags.AD, "ad"), (0x40, "z")):
            if self.flags & bit:
                parts.append(word)
        if not self.flags & dns.flags.RD:
            parts.append("nord")
        if self.flags & ~0x170:
            parts.append("flags=0x%x" % (self.flags & ~0x170))
        if self.edns:
            version, size, do, options = self.edns
            parts.append("edns=%d" % size + (",do" if do else "") + (",version=%d" % version if version else ""))
            parts += ["option=%d:%s" % (code, value.hex()) for code, value in options]
        return " ".join(parts)


def parse_question(line):
    """The Question that a line 'query NAME TYPE ...' of a recording says."""
    _, name, rdtype, *words = line.split(" ")
    found = {"flags": dns.flags.RD}
    bits = {"cd": dns.flags.CD, "ad": dns.flags.AD, "z": 0x40}
    version, size, do, options = 0, None, False, []
    for key, _, value in (w.partition("=") for w in words):
        if key in bits:
            found["flags"] |= bits[key]
        elif key == "flags":
            found["flags"] |= int(value, 16)
        elif key == "nord":
            found["flags"] &= ~dns.flags.RD
        elif key == "class":
            found["rdclass"] = dns.rdataclass.from_text(value)
        elif key == "opcode":
            found["opcode"] = int(value)
        elif key == "tcp":
            found["tcp"] = True
        elif key == "edns":
            size, *rest = value.split(",")
            do, version = "do" in rest, next((int(r[8:]) for r in rest if r.startswith("version=")), 0)
        elif key == "option":
            code, _, data = value.partition(":")
            options.append((int(code), bytes.fromhex(data)))
    if size is not None:
        found["edns"] = (version, int(size), do, tuple(options))
    return Question(dns.name.from_text(name), dns.rdatatype.from_text(rdtype), **found)


def ask(address, question, timeout=2.0, six=False):
    """The reply's bytes, or None when there is none (one repetition over UDP)."""
    wire = question.wire()
    try:
        return _tcp(address, wire, timeout) if question.tcp else _udp(address, wire, timeout, six)
    except OSError:
        return None


def _udp(address, wire, timeout, six):
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(address)
        s.settimeout(timeout / 2)
        for _ in range(2):
            s.send(wire)
            try:
                while True:
                    reply = s.recv(65535)
                    if reply[:2] == wire[:2]:
                        return reply
            except socket.timeout:
                continue
    return None


def _tcp(address, wire, timeout):
    with socket.create_connection(address, timeout) as s:
        s.settimeout(timeout)
        s.sendall(struct.pack("!H", len(wire)) + wire)
        with s.makefile("rb") as f:
            head = f.read(2)
            return f.read(struct.unpack("!H", head)[0]) if len(head) == 2 else None


FLAGS = ((0x400, "aa"), (0x200, "tc"), (0x100, "rd"), (0x80, "ra"), (0x40, "z"), (0x20, "ad"), (0x10, "cd"))
SOA = re.compile(r"(\sSOA \S+ \S+) \d+ ")


def records(section):
    """Every record of a section as sorted text; an SOA's serial becomes '*'."""
    lines = []
    for rrset in section:
        for rdata in rrset:
            text = "%s %d %s %s" % (rrset.name.to_text(), rrset.ttl, dns.rdatatype.to_text(rrset.rdtype), rdata.to_text())
            lines.append(SOA.sub(r"\1 * ", text))
    return sorted(lines)


def reply_lines(asked, wire):
    """The reply to 'asked' as the lines of a recording. A truncated one shows only its header."""
    if wire is None:
        return ["noreply"]
    if len(wire) < 12:
        return ["reply short"]
    bits = struct.unpack("!H", wire[2:4])[0]
    words = [w for bit, w in FLAGS if bits & bit]
    if bits >> 11 & 15:
        words.append("opcode=%d" % (bits >> 11 & 15))
    if not bits & 0x8000:
        words.append("notareply")
    try:        # as a plain answer, whatever its opcode
        plain = wire[:2] + struct.pack("!H", bits & 0x87FF) + wire[4:]
        m = dns.message.from_wire(plain, one_rr_per_rrset=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError) as e:
        return ["reply unreadable rcode=%d %s" % (bits & 15, type(e).__name__)]
    lines = [" ".join(["reply", dns.rcode.to_text(m.rcode()), *words])]
    if [(q.name.labels, q.rdtype, q.rdclass) for q in m.question] != [(asked.name.labels, asked.rdtype, asked.rdclass)]:
        lines.append("question " + ("; ".join(q.to_text() for q in m.question) or "none"))
    if m.edns >= 0:
        codes = "".join(" option=%d" % o.otype for o in m.options)
        lines.append("edns version=%d size=%d%s%s" % (m.edns, m.payload, " do" if m.ednsflags & 0x8000 else "", codes))
    if bits & 0x200:
        return lines
    for word, section in (("answer", m.answer), ("authority", m.authority), ("additional", m.additional)):
        lines += ["%s %s" % (word, r) for r in records(section)]
    return lines
