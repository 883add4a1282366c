"""transfer: whole zones over connections, as dig and other servers ask for them, and NOTIFY to those that are told."""
import base64
import hashlib
import hmac
import shutil
import signal
import socket
import struct
import subprocess
import unittest

import dnsmessage as dns
from harness import ServerTest, query

COREFILE = """\
example.org:{dns} {
    bind 127.0.0.1
    errors
    transfer {
        to * 127.0.0.1:{other}
    }
    file {dir}/db.example.org {
        reload 1s
    }
    prometheus 127.0.0.1:{metrics}
}
"""
SMALL = "@ 300 IN SOA ns1 hostmaster %d 7200 3600 1209600 30\n@ NS ns1\nns1 A 192.0.2.1\n"
LARGE, HUGE = (SMALL % 1 + "".join("host-%d TXT %s\n" % (i, " ".join(["x" * 250] * 4)) for i in range(count))
               for count in (3000, 15000))
RECORDS = 3003                                                           # of LARGE, the SOA once
NOTIFY_FLAGS = 0x2400
AXFR = 252
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
KEY_NAME, ALGORITHM = (dns.name_octets(name) for name in ("both", "hmac-sha512"))
TSIG_HEAD = KEY_NAME + struct.pack("!HHI", 250, 255, 0)


def tsig(octets, time, before=b""):
    """What is behind `octets`, which have been counted without it: a signature and its MAC (RFC 8945 §4.3)."""
    words = ALGORITHM + time + struct.pack("!H", 300)
    digest = hmac.new(base64.b64decode(SECRET), digestmod=hashlib.sha512)
    digest.update(before + octets + KEY_NAME + struct.pack("!HI", 255, 0) + words + bytes(4))
    mac = digest.digest()
    rdata = words + struct.pack("!H", len(mac)) + mac + octets[:2] + bytes(4)
    return TSIG_HEAD + struct.pack("!H", len(rdata)) + rdata, mac


def with_tsig(octets, record):
    return octets[:10] + struct.pack("!H", 1) + octets[12:] + record


def message(stream):
    size, = struct.unpack("!H", stream.read(2))
    return stream.read(size)


def messages(stream):
    """The messages of one reply, up to the second SOA."""
    soas = 0
    while soas < 2:
        octets = message(stream)
        soas += octets.count(b"\x00\x06\x00\x01\x00\x00\x01\x2c")        # type, class and TTL of the SOA
        yield octets


def framed(octets):
    return struct.pack("!H", len(octets)) + octets


class Transfer(ServerTest):
    def serve(self, zone, corefile=COREFILE):
        server = self.start(corefile, files={"db.example.org": zone})
        server.wait_served("ns1.example.org")
        return server

    def connect(self, server):
        connection = socket.create_connection(("127.0.0.1", server.ports["dns"]), timeout=20)
        self.addCleanup(connection.close)
        return connection

    def rcode(self, server):
        """That of the first message of a transfer, whose rest nobody takes."""
        with self.connect(server) as connection, connection.makefile("rb") as stream:
            connection.sendall(framed(query("example.org", AXFR)))
            return message(stream)[3] & 15

    @staticmethod
    def dig(server, *words):
        return subprocess.run(["dig", "@127.0.0.1", "-p", str(server.ports["dns"]), *words], stdout=subprocess.PIPE, text=True,
                              timeout=60, check=False).stdout

    @unittest.skipUnless(shutil.which("dig"), "no dig here")
    def test_dig(self):
        server = self.serve(LARGE)
        lines = [line for line in self.dig(server, "example.org", "AXFR", "+nocmd", "+nostats", "+nocomments").splitlines() if line]
        self.assertEqual(len(lines), RECORDS + 1)
        self.assertEqual(lines[0], lines[-1])
        self.assertEqual(len(set(lines)), RECORDS)
        self.assertIn("; Transfer failed.", self.dig(server, "host-1.example.org", "AXFR"))
        self.assertIn("XFR size: 1 records", self.dig(server, "example.org", "IXFR=1"))
        self.assertIn("XFR size: %d records" % (RECORDS + 1), self.dig(server, "example.org", "IXFR=0"))
        server.logged('Outgoing transfer of %d records of zone "example.org." to 127.0.0.1 for 1 SOA serial' % (RECORDS + 1))

    @unittest.skipUnless(shutil.which("dig"), "no dig here")
    def test_changes(self):
        """T16: what has changed since a version, over TCP and UDP; metrics tell what was sent."""
        server = self.serve(LARGE)
        server._replace("db.example.org", LARGE.replace(" 1 7200", " 2 7200") + "new A 192.0.2.7\n")
        server.wait("the new name", lambda: getattr(server.try_ask("new.example.org"), "addresses", None) == ["192.0.2.7"])
        for transport in ("+tcp", "+notcp"):
            said = self.dig(server, "example.org", "IXFR=1", transport)
            self.assertEqual(said.count("\tSOA\t"), 4, said)
            self.assertEqual(said.count("\tA\t192.0.2.7"), 1, said)
        self.assertIn("XFR size: %d records" % (RECORDS + 2), self.dig(server, "example.org", "IXFR=0", "+tcp"))
        _, metrics = server.get("metrics", "/metrics")
        self.assertIn('fairlead_transfers_total{kind="ixfr"} 2', metrics)
        self.assertIn('fairlead_transfers_total{kind="axfr"} 1', metrics)
        self.assertIn("fairlead_transfer_journal_steps 1", metrics)

    @unittest.skipUnless(shutil.which("dig"), "no dig here")
    def test_signed_changes(self):
        """Over UDP changes and signature fit together, or the SOA says that there are some (RFC 1995 §2)."""
        server = self.serve(LARGE, COREFILE.replace("transfer {", "tsig {\n secret both %s\n }\n transfer {" % SECRET))
        server._replace("db.example.org", LARGE.replace(" 1 7200", " 2 7200") + "new TXT %s\n" % ("y" * 230))
        server.wait("the new name", lambda: getattr(server.try_ask("new.example.org"), "rcode", None) == dns.NOERROR)
        signed = ("-y", "hmac-sha512:both:" + SECRET)
        for soas, words in ((4, ("+noedns",)), (1, ("+noedns", *signed)), (4, ("+bufsize=1232", *signed)), (1, ("+bufsize=512", *signed))):
            said = self.dig(server, *words, "example.org", "IXFR=1", "+notcp", "+ignore")
            self.assertEqual(said.count("\tSOA\t"), soas, said)
            self.assertEqual(said.count("\tTXT\t"), soas // 4, said)
            self.assertNotIn("Couldn't verify signature", said)

    def test_a_record_for_no_message(self):
        """What has no room in any message ends the transfer, with a line that names it; questions are answered all the same."""
        huge = "huge TXT %s\n" % " ".join(['"%s"' % ("x" * 255)] * 254 + ['"yyyy"'])
        server = self.serve(SMALL % 1 + huge)
        with self.connect(server) as connection, connection.makefile("rb") as stream:
            connection.sendall(framed(query("example.org", AXFR)))
            stream.read()  # to the end
        server.logged('Failed to transfer zone "example.org." to 127.0.0.1: the record huge.example.org. TXT fits into no message')
        self.assertEqual(server.ask("ns1.example.org").rcode, dns.NOERROR)

    def test_one_connection(self):
        """T8, T12: replies come in order, whole, none larger than a message may be."""
        server = self.serve(LARGE)
        connection = self.connect(server)
        axfr = query("example.org", AXFR, ident=7)
        connection.sendall(framed(axfr) + framed(axfr) + framed(query("ns1.example.org", ident=8)))
        with connection.makefile("rb") as stream:
            for _ in range(2):
                sizes = [len(octets) for octets in messages(stream)]
                self.assertGreater(len(sizes), 30)
                self.assertLess(max(sizes), 32768)
            self.assertEqual(message(stream)[:2], struct.pack("!H", 8))

    def test_clients_that_go(self):
        """T14, T15: a bound on those who are slow, and none of it is lost when they go."""
        server = self.serve(HUGE)
        slow = [self.connect(server) for _ in range(16)]
        for connection in slow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(framed(query("example.org", AXFR)))
            connection.recv(2, socket.MSG_WAITALL)
        self.assertEqual(self.rcode(server), dns.SERVFAIL)
        self.assertEqual(server.ask("ns1.example.org").addresses, ["192.0.2.1"])
        for connection in slow:
            connection.close()

        server.wait("a transfer when the others have gone", lambda: self.rcode(server) == dns.NOERROR)

    def test_notify(self):
        """T10: at the start and for another serial, three times when nobody answers."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(10)
            server = self.serve(SMALL % 1, COREFILE.replace("{other}", str(peer.getsockname()[1])))
            heard = [peer.recvfrom(512) for _ in range(3)]
            for octets, _ in heard:
                ident, flags, *counts = struct.unpack("!6H", octets[:12])
                self.assertEqual((flags, counts), (NOTIFY_FLAGS, [1, 0, 0, 0]))
                self.assertEqual(octets[12:], b"\x07example\x03org\x00\x00\x06\x00\x01")
                self.assertEqual(octets[:2], heard[0][0][:2])
            server.wait("a line of the log", lambda: "was not accepted by" in server.log())
            server._replace("db.example.org", SMALL % 2)
            octets, address = peer.recvfrom(512)
            self.assertNotEqual(octets[:2], heard[0][0][:2])
            ident, = struct.unpack("!H", octets[:2])
            peer.sendto(struct.pack("!6H", ident, 0xa400, 1, 0, 0, 0) + octets[12:], address)
            peer.settimeout(3)
            with self.assertRaises(TimeoutError):
                peer.recvfrom(512)
            server.reload()                                              # nothing has changed
            with self.assertRaises(TimeoutError):
                peer.recvfrom(512)
            self.assertEqual(server.log().count("was not accepted by"), 1)

    def test_signed_notify(self):
        """With a key NOTIFY is signed, and heard is who signs his reply: not who says that it is well, nor who guesses."""
        corefile = COREFILE.replace("transfer {", """tsig {
        secret both %s
    }
    transfer {
        key both hmac-sha512""" % SECRET)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(20)
            server = self.serve(SMALL % 1, corefile.replace("{other}", str(peer.getsockname()[1])))
            octets, address = peer.recvfrom(512)
            time, reply, _ = self.check_signed(octets)
            peer.sendto(reply, address)
            self.assertEqual(peer.recvfrom(512)[0], octets)
            peer.sendto(with_tsig(reply, tsig(reply, time)[0]), address)       # not behind the MAC of what was sent
            self.assertEqual(peer.recvfrom(512)[0], octets)
            peer.sendto(reply, address)
            server.wait("a line of the log", lambda: "was not accepted by" in server.log())
            server.logged(": the reply is not signed")

            server._replace("db.example.org", SMALL % 2)
            octets, address = peer.recvfrom(512)
            time, reply, mac = self.check_signed(octets)
            peer.sendto(with_tsig(reply, tsig(reply, time)[0]), address)
            peer.sendto(with_tsig(reply, tsig(reply, time, struct.pack("!H", len(mac)) + mac)[0]), address)
            peer.settimeout(3)
            with self.assertRaises(TimeoutError):
                peer.recvfrom(512)
            self.assertEqual(server.log().count("was not accepted by"), 1)

    def check_signed(self, octets):
        """The time in a NOTIFY, the reply to it without a signature, and its MAC."""
        at = octets.index(TSIG_HEAD)
        bare = octets[:10] + bytes(2) + octets[12:at]
        self.assertEqual(struct.unpack("!6H", octets[:12])[1:], (NOTIFY_FLAGS, 1, 0, 0, 1))
        time_at = at + len(TSIG_HEAD) + 2 + len(ALGORITHM)
        time = octets[time_at:time_at + 6]
        record, mac = tsig(bare, time)
        self.assertEqual(octets[at:], record)
        return time, bare[:2] + struct.pack("!H", 0xa400) + bare[4:], mac


if __name__ == "__main__":
    unittest.main()
