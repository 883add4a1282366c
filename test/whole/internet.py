"""DNS at every address of the world: what it says of a name follows from the name's letters.

A: 192.0.2.N. Names that contain
  six        have an AAAA, too            nx     do not exist
  nodata     have nothing                 fail   SERVFAIL        refused  REFUSED
  alias      are a CNAME of target.NAME   short  have a TTL of 7
  silent     get no reply
Others have no AAAA. TXT tells which address and port was asked and what of EDNS came. SRV, MX, PTR name HOST.names.example.
"""
import socket
import struct
import threading
import zlib

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

PKTINFO, PKTINFO6 = 8, 50
PORTS = (53, 1053, 5300, 5353, 5354, 8053, 8600, 9053, 10053)


def denial(reply, name):
    zone = dns.name.Name(name.labels[-3:] if len(name.labels) > 3 else name.labels)
    text = "ns.%s admin.%s 1 7200 1800 86400 60" % (zone, zone) if zone.labels != (b"",) else "a. b. 1 2 3 4 60"
    reply.authority.append(dns.rrset.from_text(zone, 60, "IN", "SOA", text))


def fill(reply, name, rdtype, asked):
    """The records; `asked`: (address, port, the query)."""
    text, ttl = name.to_text().lower(), 7 if "short" in name.to_text().lower() else 300
    def add(owner, kind, data):
        reply.answer.append(dns.rrset.from_text(owner, ttl, asked[2].question[0].rdclass, kind, data))
    if "nx" in text:
        reply.set_rcode(dns.rcode.NXDOMAIN)
        return denial(reply, name)
    kind = dns.rdatatype.to_text(rdtype)
    if "alias" in text and not text.startswith("target."):
        target = dns.name.from_text("target", None) + name
        add(name, "CNAME", target.to_text())
        name = target
    number = zlib.crc32(text.encode()) % 200 + 1
    options = sorted("%d:%s" % (o.otype, o.to_wire().hex()) for o in asked[2].options)
    data = {"A": "192.0.2.%d" % number, "TXT": '"asked %s port %d edns %s"' % (asked[0], asked[1], " ".join(options)),
            "MX": "10 mail.names.example.", "SRV": "0 5 80 web.names.example.", "PTR": "host-%d.names.example." % number,
            "NS": "ns.names.example.", "AAAA": "2001:db8::%x" % number if "six" in text else None}.get(kind)
    if kind == "CNAME" or "nodata" in text or data is None:
        return None if reply.answer else denial(reply, name)
    return add(name, kind, data)


def answer(octets, address, port):
    """The reply's octets, or None."""
    try:
        query = dns.message.from_wire(octets, continue_on_error=True)     # clients' options are passed on
    except (dns.exception.DNSException, ValueError):
        return octets[:2] + b"\x80\x01" + bytes(8) if len(octets) > 1 else None     # FORMERR
    if not query.question:
        return None
    name, rdtype = query.question[0].name, query.question[0].rdtype
    text = name.to_text().lower()
    if "silent" in text:
        return None
    reply = dns.message.make_response(query, recursion_available=True)
    reply.flags |= query.flags & dns.flags.CD
    for word, code in (("fail", dns.rcode.SERVFAIL), ("refused", dns.rcode.REFUSED)):
        if word in text:
            reply.set_rcode(code)
            return reply.to_wire()
    if query.question[0].rdclass not in (dns.rdataclass.IN, dns.rdataclass.CH, dns.rdataclass.ANY):
        reply.set_rcode(dns.rcode.REFUSED)
        return reply.to_wire()
    try:
        fill(reply, name, rdtype, (address, port, query))
    except dns.exception.DNSException:      # an alias' target that is too long
        reply.set_rcode(dns.rcode.SERVFAIL)
    return reply.to_wire()


class Internet:
    def __init__(self):
        for port in PORTS:
            for family in (socket.AF_INET, socket.AF_INET6):
                self._open(family, port)

    def _open(self, family, port):
        six = family == socket.AF_INET6
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp = socket.socket(family, socket.SOCK_STREAM)
        for s in (udp, tcp):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if six:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(("::" if six else "0.0.0.0", port))
        if six:
            udp.setsockopt(socket.IPPROTO_IPV6, 49, 1)     # IPV6_RECVPKTINFO
        else:
            udp.setsockopt(socket.IPPROTO_IP, PKTINFO, 1)
        tcp.listen(64)
        for function, s in ((self._datagrams, udp), (self._accept, tcp)):
            threading.Thread(target=function, args=(s, port, six), daemon=True).start()

    @staticmethod
    def _datagrams(udp, port, six):
        while True:
            octets, control, _, peer = udp.recvmsg(65535, 256)
            address, back = None, []
            for level, kind, data in control:
                if kind == PKTINFO and not six:
                    address = socket.inet_ntoa(data[8:12])
                    back = [(level, kind, struct.pack("=I4s4s", 0, data[8:12], b"\0" * 4))]
                elif kind == PKTINFO6 and six:
                    address = socket.inet_ntop(socket.AF_INET6, data[:16])
                    back = [(level, kind, data[:16] + struct.pack("=I", 0))]
            reply = answer(octets, address, port)
            if reply:
                udp.sendmsg([reply], back, 0, peer)

    def _accept(self, tcp, port, six):
        while True:
            link, _ = tcp.accept()
            threading.Thread(target=self._connection, args=(link, port), daemon=True).start()

    @staticmethod
    def _connection(link, port):
        with link, link.makefile("rb") as f:
            while True:
                head = f.read(2)
                if len(head) < 2:
                    return
                reply = answer(f.read(struct.unpack("!H", head)[0]), link.getsockname()[0], port)
                if reply:
                    link.sendall(struct.pack("!H", len(reply)) + reply)
