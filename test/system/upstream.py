"""A DNS server that does what a test tells it, good or bad: every name has a behaviour, every question is remembered.

A behaviour is a function of a question and the link it came by. It runs on a thread of its own, so it may wait.
The names of the behaviours of this module say what they do; `answer` is what names without one get.
"""
import random
import socket
import ssl
import struct
import threading
import time

import dnsmessage as dns

PORTS_TRIED = 50


class Asked:
    """One question as it arrived."""

    def __init__(self, octets, transport, source):
        self.message = dns.Message(octets)
        self.name, self.type, self.ident = self.message.name, self.message.type, self.message.ident
        self.question = octets[dns.HEADER:len(dns.question_octets(self.name, self.type)) + dns.HEADER]  # in its letter case
        self.edns = self.message.opt is not None
        self.transport, self.source, self.when = transport, source, time.monotonic()
        self.nth = 0    # how often this name and type was asked before

    def reply(self, answers=(), authorities=(), additionals=(), rcode=0, flags=0, ident=None, question=None, counts=None):
        flags |= dns.QR | dns.RA | (self.message.flags & dns.RD) | rcode
        return dns.message(self.ident if ident is None else ident, flags,
                           self.question if question is None else question, (answers, authorities, additionals), counts)

    def good(self, ttl=300):
        """What `answer` sends."""
        if self.type == "A":
            return self.reply([dns.a(self.name, address_of(self.name), ttl)])
        return self.reply(authorities=[dns.soa("test.", ttl)])


def address_of(name):
    """The address that `answer` gives to a name: a different one for nearly every name."""
    number = sum((i + 1) * octet for i, octet in enumerate(name.lower().rstrip(".").encode())) & 0xFFFF
    return "203.0.%d.%d" % (number >> 8, number & 255)


class DatagramLink:
    def __init__(self, sock, peer):
        self.sock, self.peer = sock, peer

    def send(self, octets):
        self.sock.sendto(octets, self.peer)

    def send_from_another_port(self, octets):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            other.sendto(octets, self.peer)

    def close(self):
        pass

    reset = close


class StreamLink:
    def __init__(self, sock):
        self.sock, self.lock = sock, threading.Lock()

    def send(self, octets):
        self._write(struct.pack("!H", len(octets)) + octets)

    def send_from_another_port(self, octets):
        pass

    def drip(self, octets, pause):
        """An octet at a time, `pause` seconds apart; other replies wait."""
        with self.lock:
            for octet in struct.pack("!H", len(octets)) + octets:
                self.sock.sendall(bytes([octet]))
                time.sleep(pause)

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def reset(self):
        """The peer sees the connection reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def _write(self, octets):
        with self.lock:
            self.sock.sendall(octets)


class Upstream:
    """Listens on one free loopback port, UDP and TCP; TLS instead of both with `tls`, a server's SSLContext."""

    def __init__(self, behaviour=None, tls=None):
        self.behaviour, self.tls = behaviour or answer, tls
        self.behaviours, self.asked, self.connections = {}, [], 0
        self.lock, self.gate = threading.Lock(), threading.Event()
        self.links = set()
        self.udp, self.tcp = listen()
        self.port = self.tcp.getsockname()[1]
        if tls:
            self.udp.close()
        else:
            self._thread(self._datagrams)
        self._thread(self._accept)

    @property
    def address(self):
        return "%s127.0.0.1:%d" % ("tls://" if self.tls else "", self.port)

    def on(self, name, behaviour):
        self.behaviours[name.rstrip(".") + "."] = behaviour

    def close(self):
        """Nobody listens any more: datagrams are told so by ICMP, connections are refused."""
        self.gate.set()
        for link in [self.udp, self.tcp, *self.links]:
            try:
                link.shutdown(socket.SHUT_RDWR)     # wakes the thread that waits on it
            except OSError:
                pass
            link.close()

    def of(self, name, rtype=None):
        """The questions for a name so far."""
        with self.lock:
            return [q for q in self.asked if q.name == name.rstrip(".") + "." and rtype in (None, q.type)]

    def count(self, name, rtype=None):
        return len(self.of(name, rtype))

    def questions(self):
        """All but the health probes."""
        with self.lock:
            return [q for q in self.asked if q.name != "."]

    def probes(self):
        return self.count(".")

    def _thread(self, function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _datagrams(self):
        while True:
            try:
                octets, peer = self.udp.recvfrom(65535)
            except OSError:
                return
            if not octets and not peer:
                return
            self._take(octets, "udp", peer[1], DatagramLink(self.udp, peer))

    def _accept(self):
        while True:
            try:
                link, peer = self.tcp.accept()
            except OSError:
                return
            self._thread(self._connection, link, peer)

    def _connection(self, link, peer):
        self.links.add(link)
        try:
            if self.tls:
                raw, link = link, self.tls.wrap_socket(link, server_side=True)
                self.links.discard(raw)
                self.links.add(link)
            with self.lock:
                self.connections += 1
            stream = StreamLink(link)
            while True:
                self._take(dns.read_frame(link), "tls" if self.tls else "tcp", peer[1], stream)
        except (OSError, ValueError):
            pass
        finally:
            self.links.discard(link)
            link.close()

    def _take(self, octets, transport, source, link):
        try:
            asked = Asked(octets, transport, source)
        except (ValueError, IndexError, struct.error):
            return
        with self.lock:
            asked.nth = sum(q.name == asked.name and q.type == asked.type for q in self.asked)
            self.asked.append(asked)
        behaviour = self.behaviours.get(asked.name, answer if asked.name == "." else self.behaviour)
        self._thread(self._behave, behaviour, asked, link)

    def _behave(self, behaviour, asked, link):
        try:
            behaviour(asked, link, self)
        except OSError:
            pass        # the peer has gone


def listen():
    """A UDP and a TCP socket on the same free port."""
    for _ in range(PORTS_TRIED):
        udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        udp.bind(("127.0.0.1", 0))
        try:
            tcp.bind(udp.getsockname())
            tcp.listen(256)
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()
    raise OSError("no free port")


# Behaviours: what is done with a question.

def answer(asked, link, upstream):
    link.send(asked.good())


def silent(asked, link, upstream):
    pass


def gated(asked, link, upstream):
    """Waits until the test opens the gate."""
    upstream.gate.wait()
    link.send(asked.good())


def slow(seconds):
    def behave(asked, link, upstream):
        time.sleep(seconds)
        link.send(asked.good())
    return behave


def lossy(part, seed=1):
    """Loses `part` of the questions."""
    chance = random.Random(seed)
    return lambda asked, link, upstream: None if chance.random() < part else link.send(asked.good())


def first_lost(asked, link, upstream):
    if asked.nth > 0:
        link.send(asked.good())


def after(*junk):
    """Sends the junk (functions of a question), then the right answer."""
    def behave(asked, link, upstream):
        for make in junk:
            link.send(make(asked))
        link.send(asked.good())
    return behave


def sends(*make):
    """Sends what the functions make of the question, nothing else."""
    def behave(asked, link, upstream):
        for function in make:
            link.send(function(asked))
    return behave


def forged_from_another_port(asked, link, upstream):
    for _ in range(3):
        link.send_from_another_port(forged(asked))
    link.send(asked.good())


def whole_over_tcp(count):
    """Truncated and empty over UDP; `count` addresses over TCP."""
    def behave(asked, link, upstream):
        if asked.transport == "udp":
            link.send(asked.reply(flags=dns.TC))
        else:
            link.send(many(count)(asked))
    return behave


def resets(asked, link, upstream):
    link.reset()


def first_reset(asked, link, upstream):
    link.reset() if asked.nth == 0 else link.send(asked.good())


def dripping(pause):
    return lambda asked, link, upstream: link.drip(asked.good(), pause)


def closing(asked, link, upstream):
    """One answer, then the connection is closed."""
    link.send(asked.good())
    link.close()


def formerr_to_edns(asked, link, upstream):
    link.send(asked.reply(rcode=dns.FORMERR) if asked.edns else asked.good())


# Replies: functions of a question.

FORGED = "198.51.100.66"


def forged(asked):
    return asked.reply([dns.a(asked.name, FORGED)])


def garbage(asked):
    return bytes(random.Random(asked.ident).randrange(256) for _ in range(80))


def short(asked):
    return asked.good()[:7]


def wrong_id(asked):
    return asked.reply([dns.a(asked.name, FORGED)], ident=asked.ident ^ 0x0101)


def wrong_question(asked):
    name = "x." + asked.name
    return asked.reply([dns.a(name, FORGED)], question=dns.question_octets(name, asked.type))


def a_query(asked):
    return dns.message(asked.ident, dns.RD, asked.question)


def truncated(asked):
    return asked.reply(flags=dns.TC)


def many(count, ttl=300):
    return lambda asked: asked.reply([dns.a(b"\xc0\x0c", "10.%d.%d.1" % (i >> 8, i & 255), ttl) for i in range(count)])


def code(rcode):
    return lambda asked: asked.reply(rcode=rcode)


def nxdomain(asked):
    return asked.reply(authorities=[dns.soa("test.", 60, 60)], rcode=dns.NXDOMAIN)


def cname_loop(asked):
    return asked.reply([dns.cname(asked.name, "b." + asked.name), dns.cname("b." + asked.name, asked.name)])


def chain(links):
    def make(asked):
        names = [asked.name] + ["c%d.%s" % (i, asked.name) for i in range(links)]
        return asked.reply([dns.cname(o, t) for o, t in zip(names, names[1:])] + [dns.a(names[-1], "203.0.113.100")])
    return make


def poison(victim):
    """A right answer, and records that nobody asked for, in every section."""
    def make(asked):
        return asked.reply([dns.a(asked.name, address_of(asked.name)), dns.a(victim, FORGED)],
                           [dns.record("test.", "NS", dns.name_octets(victim))], [dns.a(victim, FORGED)])
    return make


def long_name(asked):
    """A CNAME whose owner comes to more than 255 octets by pointers."""
    labels = b"".join(b"\x3f" + bytes([97 + i]) * 63 for i in range(4))
    target = labels + b"\xc0\x0c"
    return asked.reply([dns.record(asked.name, "CNAME", target), dns.a(target, FORGED)])


def forged_counts(asked):
    return asked.reply([dns.a(asked.name, FORGED)], counts=(1, 65535, 65535, 65535))


def bad_rdata(asked):
    return asked.reply([dns.record(asked.name, "A", b"\1\2\3")])


def pointer_loop(asked):
    own = dns.HEADER + len(asked.question)
    return asked.reply([dns.record(struct.pack("!H", 0xC000 | own), "A", b"\1\2\3\4")])
