"""Starts the program under test on free loopback ports, asks it, stops it by pid. Python's standard library only."""
import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

BINARY = os.environ.get("FAIRLEAD_BINARY", os.path.join(os.path.dirname(__file__), "../../build/fairlead"))
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "TXT": 16, "AAAA": 28, "SRV": 33}
PATIENCE = 30  # seconds until a condition that must come true is given up

MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], ports: [{name: http, port: 80, protocol: TCP}]}
"""


_claims = []  # names in the kernel's own space: a claim ends with the process


def claim(port):
    """Keeps other tests that run now off a port. False when one of them has it."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind("\0fairlead-test-port-%d" % port)
    except OSError:
        name.close()
        return False
    _claims.append(name)
    return True


def free_port():
    """A port that is free for UDP and TCP, and stays so: below those that the kernel gives to whoever asks for any."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as limits:
        first_ephemeral = int(limits.read().split()[0])
    while True:
        port = random.randrange(max(1024, first_ephemeral - 16384), first_ephemeral)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
        if claim(port):
            return port


def find(program):
    """The path of another server or tool."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise AssertionError("%s is not installed (dev test installs it)" % program)
    return path


def query(name, rtype="A", ident=4711, rclass=1):
    labels = b"".join(bytes([len(l)]) + l.encode() for l in name.rstrip(".").split(".") if l)
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", rtype if isinstance(rtype, int) else TYPES[rtype], rclass)


class Reply:
    """The header of a reply, and the addresses among its A records (whose owner is the compressed qname)."""

    def __init__(self, octets, asked):
        self.ident, self.flags, _, self.answers, self.authorities, self.additionals = struct.unpack("!6H", octets[:12])
        self.rcode = self.flags & 15
        self.addresses = []
        at = len(asked)
        for _ in range(self.answers):
            if octets[at] < 0xC0:
                break
            rtype, _, _, size = struct.unpack("!HHIH", octets[at + 2:at + 12])
            if rtype == 1:
                self.addresses.append(socket.inet_ntoa(octets[at + 12:at + 16]))
            at += 12 + size


class Server:
    """A running program. `corefile` may use {dns}, {health}, {ready}, {metrics} for ports and {dir} for its folder."""

    def __init__(self, corefile, manifests=MANIFESTS, arguments=(), files=None):
        self.ports = {name: free_port() for name in ("dns", "health", "ready", "metrics", "other")}
        self.expected_status = 0
        self.dir = tempfile.mkdtemp(prefix="fairlead-test-")
        os.mkdir(os.path.join(self.dir, "cluster"))
        self.write_manifests(manifests)
        self.write_corefile(corefile)
        for name, text in (files or {}).items():
            self._replace(name, text)
        self.log_path, self.arguments = os.path.join(self.dir, "log"), arguments
        self.run()

    def run(self):
        """Starts it, or starts it again."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([BINARY, "-conf", os.path.join(self.dir, "Corefile"), *self.arguments],
                                            stdout=log, stderr=subprocess.STDOUT)

    def text(self, corefile):
        for name, port in self.ports.items():
            corefile = corefile.replace("{%s}" % name, str(port))
        return corefile.replace("{dir}", self.dir)

    def write_corefile(self, corefile):
        self._replace("Corefile", self.text(corefile))

    def write_manifests(self, text):
        self._replace("cluster/objects.yaml", text)

    def _replace(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path + ".new", "w") as out:
            out.write(text)
        os.rename(path + ".new", path)

    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def logged(self, text):
        """Until the log has it, whose lines are written by a thread of their own."""
        self.wait("in the log: " + text, lambda: text in self.log())

    def logged_as(self, expression):
        self.wait("in the log: " + expression, lambda: re.search(expression, self.log()))

    def ask(self, name, rtype="A", port="dns", timeout=2):
        asked = query(name, rtype)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(timeout)
            udp.connect(("127.0.0.1", self.ports[port]))
            udp.send(asked)
            return Reply(udp.recv(4096), asked)

    def try_ask(self, *args, **kwargs):
        try:
            return self.ask(*args, timeout=0.2, **kwargs)
        except OSError:
            return None

    def get(self, port, path):
        """`port`: a number, or the name of one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports.get(port, port), timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def try_get(self, port, path):
        try:
            return self.get(port, path)
        except OSError:
            return None

    def wait(self, what, condition):
        """Until `condition()` is true; fails when the process ends or patience does."""
        end = time.monotonic() + PATIENCE
        while True:
            over = time.monotonic() > end or self.process.poll() is not None
            value = condition()
            if value:
                return value
            if over:
                raise AssertionError("never: %s\n%s" % (what, self.log()))
            time.sleep(0.02)

    def wait_served(self, name="web.shop.svc.cluster.local", port="dns"):
        return self.wait(name + " is answered", lambda: self.try_ask(name, port=port))

    def edit_corefile(self, old, new):
        """Reloads it with `new` in place of `old`, and returns when that is done."""
        with open(os.path.join(self.dir, "Corefile")) as corefile:
            text = corefile.read()
        self.write_corefile(text.replace(old, new))
        self.reload()

    def reload(self):
        """By SIGUSR1; returns when it is done."""
        done = self.log().count("Reloading complete")
        self.signal(signal.SIGUSR1)
        self.wait("the reload", lambda: self.log().count("Reloading complete") > done)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


class Listener:
    """A TCP server of a test: what connects is given to serve(), each in a thread of its own."""

    def __init__(self, test, port=0):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen(20)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        test.addCleanup(self.close)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()


class ServerTest(unittest.TestCase):
    def start(self, *args, **kwargs):
        server = Server(*args, **kwargs)
        self.addCleanup(self._end, server)
        return server

    def _end(self, server):
        """A crash, and what a sanitizer found, fail the test by the exit status; the log says what it was."""
        status, log = server.stop(), server.log()
        shutil.rmtree(server.dir, ignore_errors=True)
        self.assertEqual(status, server.expected_status, log)


COREFILE = """\
cluster.local:{dns} {
    bind 127.0.0.1
    errors
    health 127.0.0.1:{health}
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    kubernetes cluster.local {
        manifests {dir}/cluster
    }
    loadbalance
    reload 2s 0s
}
"""
