"""A server of a zone as a test makes it, for those that copy it."""
import struct
import time

import dnsmessage as dns
from harness import Listener, ServerTest

SOA, IXFR, AXFR = 6, 251, 252
ZONE = "example.org"


def soa(serial, refresh=3600, retry=2, expire=86400):
    numbers = struct.pack("!5I", serial, refresh, retry, expire, 30)
    return dns.record(ZONE, "SOA", dns.name_octets("ns." + ZONE) + dns.name_octets("h." + ZONE) + numbers)


def expire_option(seconds):
    """An OPT record with EXPIRE (RFC 7314)."""
    return dns.record(b"\0", "OPT", struct.pack("!HHI", 9, 4, seconds), 0, 1232)


class Primary(Listener):
    """A server of the zone over TCP. What it says to AXFR can be changed: `messages` of (records, pause before).
    `expire`: of EDNS, to who asks for it."""

    def __init__(self, test, port=0):
        self.expire = None
        self.serial, self.address, self.times, self.messages, self.changes = 1, "192.0.2.1", (), None, None
        self.asked = []
        super().__init__(test, port)

    def whole(self):
        return [([soa(self.serial, *self.times), dns.a("ns." + ZONE, self.address), dns.a("www." + ZONE, self.address),
                  soa(self.serial, *self.times)], 0)]

    def replies(self, _name, rtype):
        if rtype == SOA:
            return [([soa(self.serial, *self.times)], 0)]
        if rtype == IXFR and self.changes:
            return [(self.changes, 0)]
        return self.messages or self.whole()

    def serve(self, connection):
        try:
            with connection:
                octets = dns.read_frame(connection)
                ident, = struct.unpack("!H", octets[:2])
                question = octets[dns.HEADER:octets.index(b"\0", dns.HEADER) + 5]
                rtype, = struct.unpack("!H", question[-4:-2])
                self.asked.append(rtype)
                asked = dns.Message(octets)
                expires = self.expire is not None and asked.opt and struct.pack("!HH", 9, 0) in asked.opt.data
                opt = [expire_option(self.expire)] if expires else []
                for records, pause in self.replies(asked.name.rstrip("."), rtype):
                    time.sleep(pause)
                    reply = dns.message(ident, dns.QR | dns.AA, question, (records, (), opt))
                    connection.sendall(struct.pack("!H", len(reply)) + reply)
        except OSError:
            pass


class FollowerTest(ServerTest):
    def address(self, server, name="www"):
        reply = server.try_ask(name + "." + ZONE)
        return reply and (reply.addresses or [reply.rcode])[0]

    def wait_address(self, server, address):
        server.wait("the address " + str(address), lambda: self.address(server) == address)

    @staticmethod
    def notify(server, name=ZONE, tcp=False):
        return dns.exchange(server.ports["dns"], dns.notify(name), tcp=tcp)
