"""dnstap as its readers see it: who asked whom, when, in which order, whatever the reader does."""
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import unittest

import certificates
import dnsmessage as dns
from forwarding import CLUSTER_NAME, ForwardTest, series

CONTENT = b"protobuf:dnstap.Dnstap"
ACCEPT, START, STOP, READY, FINISH = range(1, 6)
CQ, CR, FQ, FR = 5, 6, 7, 8


def control(kind, content=b""):
    body = struct.pack("!I", kind) + (struct.pack("!II", 1, len(content)) + content if content else b"")
    return struct.pack("!II", 0, len(body)) + body


def fields(octets):
    """Number, wire type and value of each field of a protobuf message."""
    at, all_fields = 0, {}

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            octet = octets[at]
            at += 1
            value |= (octet & 127) << shift
            shift += 7
            if octet < 128:
                return value

    while at < len(octets):
        key = varint()
        if key & 7 == 0:
            value = varint()
        elif key & 7 == 5:
            value, at = struct.unpack("<I", octets[at:at + 4])[0], at + 4
        else:
            size = varint()
            value, at = octets[at:at + size], at + size
        all_fields[key >> 3] = (key & 7, value)
    return all_fields


class Frame:
    def __init__(self, octets):
        outer = fields(octets)
        self.said = {n: outer[n][1].decode() for n in (1, 2, 3) if n in outer}
        self.fields = fields(outer[14][1])

    def __getitem__(self, number):
        return self.fields[number][1] if number in self.fields else None

    @property
    def kind(self):
        return self[1]


class Reader:
    """One conversation over a connected socket."""

    def __init__(self, link, content=CONTENT):
        self.link, self.frames, self.ended_with = link, [], None
        link.settimeout(30)
        self.first = self.frame()
        link.sendall(control(ACCEPT, content))
        self.thread = threading.Thread(target=self.run, daemon=True)

    def read(self, size):
        octets = b""
        while len(octets) < size:
            more = self.link.recv(size - len(octets))
            if not more:
                raise EOFError
            octets += more
        return octets

    def frame(self):
        """A data frame's octets, or (the number of a control frame, the rest of it)."""
        size = struct.unpack("!I", self.read(4))[0]
        if size:
            return self.read(size)
        body = self.read(struct.unpack("!I", self.read(4))[0])
        return struct.unpack("!I", body[:4])[0], body[4:]

    def run(self):
        try:
            while True:
                frame = self.frame()
                if isinstance(frame, tuple):
                    self.ended_with = frame[0]
                    if frame[0] == STOP:
                        return
                else:
                    self.frames.append(Frame(frame))
        except (EOFError, OSError):
            pass

    def start(self):
        self.thread.start()
        return self

    def kinds(self):
        return [frame.kind for frame in self.frames]


class DnstapTest(ForwardTest):
    def listener(self, folder=None):
        path = os.path.join(folder or self.folder(), "tap")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(path)
        listener.listen(5)
        listener.settimeout(30)
        return path, listener

    def folder(self):
        import tempfile
        folder = tempfile.mkdtemp(prefix="fairlead-test-")
        self.addCleanup(shutil.rmtree, folder, True)
        return folder

    def reader(self, listener, **kwargs):
        link = listener.accept()[0]
        self.addCleanup(link.close)
        return Reader(link, **kwargs)

    def tapped(self, options="", arguments="full", extra=""):
        """A server and its reader, with a conversation under way and no frames yet."""
        path, listener = self.listener()
        server = self.serve("dnstap unix://%s %s {\n%s\n}\n%s" % (path, arguments, options, extra))
        reader = self.reader(listener).start()
        server.wait("frames of the first question", lambda: len(reader.frames) >= 2)
        time.sleep(0.5)
        reader.frames.clear()
        return server, reader

    def wait_frames(self, server, reader, count):
        server.wait("%d frames" % count, lambda: len(reader.frames) >= count)
        time.sleep(0.5)
        self.assertEqual(len(reader.frames), count, reader.kinds())
        return reader.frames


class Messages(DnstapTest):
    def test_a_question_and_its_reply(self):
        server, reader = self.tapped(options="identity me\nversion 1\nextra \"{name} {rcode} {/forward/upstream}\"")
        self.assertEqual(reader.first, (READY, struct.pack("!II", 1, len(CONTENT)) + CONTENT))
        before = time.time()
        self.ask(server, CLUSTER_NAME, edns=1232)
        query, response = self.wait_frames(server, reader, 2)
        self.assertEqual((query.kind, response.kind), (CQ, CR))
        for frame in (query, response):
            self.assertEqual((frame[2], frame[3], frame[4], frame[5]), (1, 1, b"\x7f\0\0\1", b"\x7f\0\0\1"))
            self.assertEqual((frame[7], frame.said[1], frame.said[2]), (server.ports["dns"], "me", "1"))
            self.assertLess(abs(frame[8] - before), 30)
            self.assertEqual(frame.fields[9][0], 5)  # fixed32
        self.assertEqual(query.said[3], CLUSTER_NAME + ". - -")
        self.assertEqual(response.said[3], CLUSTER_NAME + ". NOERROR -")
        self.assertEqual(dns.Message(query[10]).name, CLUSTER_NAME + ".")
        self.assertEqual(dns.Message(response[14]).addresses, ["10.96.0.7"])
        self.assertEqual((query[12], query[14], response[10]), (None, None, None))
        self.assertEqual(query[6], response[6])

    def test_without_messages_and_over_tcp(self):
        server, reader = self.tapped(arguments="")
        self.ask(server, CLUSTER_NAME, tcp=True)
        query, response = self.wait_frames(server, reader, 2)
        self.assertEqual((query[3], query[10], response[14]), (2, None, None))
        self.assertEqual(query.said[2][:9], "Fairlead-")
        self.assertEqual(query.said[1], socket.gethostname())

    def test_forwarded_and_from_the_cache(self):
        upstream = self.upstream()
        port = int(upstream.address.rpartition(":")[2])
        server, reader = self.tapped(extra="cache 30\nforward . %s" % upstream.address)
        self.ask(server, "a.test")
        frames = self.wait_frames(server, reader, 4)
        self.assertEqual([frame.kind for frame in frames], [CQ, FQ, FR, CR])
        for frame in frames[1:3]:
            self.assertEqual((frame[5], frame[7], frame[4], frame[3]), (b"\x7f\0\0\1", port, None, 1))
        self.assertEqual(dns.Message(frames[1][10]).name, "a.test.")
        self.assertEqual(dns.Message(frames[1][10]).ident, dns.Message(frames[2][14]).ident)
        reader.frames.clear()
        self.ask(server, "a.test")
        self.wait_frames(server, reader, 2)
        reader.frames.clear()
        self.ask(server, "b.test", tcp=True)
        frames = self.wait_frames(server, reader, 4)
        self.assertEqual(([frame.kind for frame in frames], frames[1][3]), ([CQ, FQ, FR, CR], 2))
        self.assertEqual(dns.Message(frames[1][10]).ident, dns.Message(frames[2][14]).ident)

    def test_replies_that_are_cut_or_errors_or_none(self):
        server, reader = self.tapped(extra="erratic {\n drop 3\n large\n}")
        self.assertRaises(OSError, self.ask, server, "a.test", timeout=1)
        self.assertTrue(self.ask(server, "a.test").addresses)
        self.assertEqual(self.ask(server, "a.test", "MX").rcode, dns.SERVFAIL)
        frames = self.wait_frames(server, reader, 5)    # each worker's in their order
        self.assertEqual(sorted(frame.kind for frame in frames), sorted([CQ, CQ, CR, CQ, CR]))
        self.assertEqual(sorted(dns.Message(frame[14]).rcode for frame in frames if frame.kind == CR), [dns.NOERROR, dns.SERVFAIL])


class Readers(DnstapTest):
    def test_a_reader_of_something_else(self):
        path, listener = self.listener()
        server = self.serve("dnstap %s full" % path)
        wrong = self.reader(listener, content=b"protobuf:other").start()
        wrong.thread.join(20)
        self.assertIsNone(wrong.ended_with)
        right = self.reader(listener).start()
        self.ask(server, CLUSTER_NAME)
        server.wait("frames", lambda: right.frames)
        server.logged("[ERROR] plugin/dnstap: No connection to dnstap endpoint: no Frame Streams")

    def test_nobody_is_there(self):
        server = self.serve("dnstap %s/none full" % self.folder())
        for _ in range(200):
            self.ask(server, CLUSTER_NAME)
        server.logged("plugin/dnstap: No connection to dnstap endpoint: dial unix")

    def test_a_reader_that_stops_for_a_while(self):
        path, listener = self.listener()
        server = self.serve("dnstap %s full" % path)
        reader = self.reader(listener)
        for _ in range(3000):
            self.ask(server, CLUSTER_NAME)
        reader.start()
        server.wait("all frames", lambda: len(reader.frames) >= 6000)
        text = server.get("metrics", "/metrics")[1]
        self.assertEqual(series(text, "fairlead_dnstap_messages_total", result="dropped"), 0)
        self.assertEqual(series(text, "fairlead_dnstap_connections_total"), 1)

    def test_the_end(self):
        server, reader = self.tapped()
        self.ask(server, CLUSTER_NAME)
        server.stop()
        reader.thread.join(20)
        self.assertEqual((reader.kinds(), reader.ended_with), ([CQ, CR], STOP))

    def test_many_readers_that_connect(self):
        path = os.path.join(self.folder(), "tap")
        server = self.serve("dnstap listen %s full" % path)

        def connect():
            link = socket.socket(socket.AF_UNIX)
            self.addCleanup(link.close)
            link.connect(path)
            return link

        silent = connect()
        readers = [Reader(connect()).start() for _ in range(2)]
        server.wait("the readers", lambda: series(server.get("metrics", "/metrics")[1], "fairlead_dnstap_connections_total") == 2)
        self.ask_together(server, ["n%d.shop.svc.cluster.local" % i for i in range(50)])
        for reader in readers:
            server.wait("all frames", lambda: len(reader.frames) >= 100)
            names = {dns.Message(frame[14]).name for frame in reader.frames if frame.kind == CR}
            self.assertGreaterEqual(len(names), 50)
        silent.close()

    def test_tls(self):
        folder = self.folder()
        certificates.make(folder, "tap.test", addresses=("127.0.0.1",))
        server = self.serve("dnstap listen tls://127.0.0.1:{other} full {\n tls %s/tap.test.pem %s/tap.test.key\n}" % (folder, folder))
        context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
        link = context.wrap_socket(socket.create_connection(("127.0.0.1", server.ports["other"]), 20), server_hostname="tap.test")
        self.addCleanup(link.close)
        reader = Reader(link).start()
        server.wait("the reader", lambda: series(server.get("metrics", "/metrics")[1], "fairlead_dnstap_connections_total") == 1)
        self.ask(server, CLUSTER_NAME)
        self.wait_frames(server, reader, 2)

    @unittest.skipUnless(shutil.which("fstrm_capture"), "fstrm_capture is not installed")
    def test_a_reader_that_is_not_ours(self):
        folder = self.folder()
        path, written = os.path.join(folder, "tap"), os.path.join(folder, "written")
        capture = subprocess.Popen(["fstrm_capture", "-t", CONTENT.decode(), "-u", path, "-w", written],
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(capture.wait)
        self.addCleanup(capture.kill)
        while not os.path.exists(path):
            time.sleep(0.05)
        server = self.serve("dnstap %s full" % path)
        self.ask(server, CLUSTER_NAME)
        server.stop()
        capture.terminate()
        capture.wait(20)
        self.assertGreater(os.path.getsize(written), 200)


if __name__ == "__main__":
    unittest.main()
