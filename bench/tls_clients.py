#!/usr/bin/env python3
"""Connections over TLS to a DNS server, made one after another or held.

tls_clients.py one PORT SECONDS [resume]   a question on each, then closed; prints how many, and how many of them were resumed
tls_clients.py hold PORT COUNT             a question on each, from a hundred addresses in turn, then held until standard
                                           input ends; prints "held COUNT"
tls_clients.py flood PORT COUNT            COUNT handshakes begun at a time and never ended, from a hundred addresses in turn,
                                           until standard input ends; prints "answered COUNT": those that the server went into
"""
import select
import socket
import ssl
import struct
import sys
import time

QUESTION = struct.pack("!6H", 1, 0x100, 1, 0, 0, 0) + b"\1a\4test\0" + struct.pack("!2H", 1, 1)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_alpn_protocols(["dot"])
    return made


def asked(settings, port, session=None, source="127.0.0.1"):
    """A connection on which one question was answered."""
    plain = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
    link = settings.wrap_socket(plain, session=session)
    link.sendall(struct.pack("!H", len(QUESTION)) + QUESTION)
    reply = b""
    while len(reply) < 2 or len(reply) < 2 + struct.unpack("!H", reply[:2])[0]:
        more = link.recv(4096)
        if not more:
            raise SystemExit("closed without an answer")
        reply += more
    return link


def one(port, seconds, resume):
    settings, session, count, resumed = context(), None, 0, 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with asked(settings, port, session) as link:
            count, resumed = count + 1, resumed + link.session_reused
            session = link.session if resume else None
    print(count, "resumed", resumed)


def hold(port, count):
    settings = context()
    links = [asked(settings, port, source="127.0.0.%d" % (2 + i % 100)) for i in range(count)]
    print("held", len(links), flush=True)
    sys.stdin.read()


def hello():
    """What a client says first; a server that knows nobody takes it from everybody."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context().wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def flood(port, count):
    first, links, poller, begun, answered = hello(), {}, select.epoll(), 0, 0
    poller.register(sys.stdin, select.EPOLLIN)
    while True:
        while len(links) < count:
            link = socket.socket()
            link.bind(("127.0.0.%d" % (2 + begun % 100), 0))
            begun += 1
            try:
                link.connect(("127.0.0.1", port))
                link.sendall(first)
            except OSError:
                link.close()
                break
            links[link.fileno()] = link
            poller.register(link, select.EPOLLIN)
        for number, _ in poller.poll(1):
            if number == sys.stdin.fileno():
                print("answered", answered)
                return
            link = links.pop(number)
            try:
                answered += len(link.recv(4096)) > 0
            except OSError:
                pass
            link.close()


if __name__ == "__main__":
    if sys.argv[1] == "flood":
        flood(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "one":
        one(int(sys.argv[2]), float(sys.argv[3]), "resume" in sys.argv)
    else:
        hold(int(sys.argv[2]), int(sys.argv[3]))
