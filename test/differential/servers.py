"""DNS servers under test: a Corefile per variant, started on free ports of one local address."""
import atexit
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import dns.name

import fixtures
import kube
import wire

ZONES = "cluster.local in-addr.arpa ip6.arpa"
DEFAULT = ["pods insecure", "fallthrough in-addr.arpa ip6.arpa", "ttl 30"]
# name: (zones, options of the kubernetes directive)
VARIANTS = {
    "default": (ZONES, DEFAULT),
    "verified": (ZONES, ["pods verified", "endpoint_pod_names", "fallthrough in-addr.arpa ip6.arpa", "ttl 30"]),
    "plain": (ZONES, []),
    "namespaces": (ZONES, ["pods insecure", "namespaces alpha svc absent"]),
    "namespace-labels": (ZONES, ["pods insecure", "namespace_labels exposed=yes"]),
    "labels": (ZONES, ["pods insecure", "labels tier=front"]),
    "noendpoints": (ZONES, ["pods insecure", "noendpoints"]),
    "ignore-empty": (ZONES, ["ignore empty_service", "ttl 3600"]),
    "two-zones": ("second.example cluster.local 10.in-addr.arpa", ["pods insecure", "ttl 0"]),
}
PROGRAMS = {
    "coredns": str(kube.LAB / "bin/coredns"),
    "fairlead": os.environ.get("FAIRLEAD_BINARY", str(kube.HERE / "../../build/fairlead")),
}


def corefile(variant, port, source, extra=(), bind=None):
    """source: the line of the kubernetes directive that says where the objects are."""
    zones, options = VARIANTS[variant]
    lines = ["errors", "kubernetes %s {" % zones, "    " + source]
    lines += ["    " + o for o in options] + ["}"] + list(extra)
    if bind:
        lines.insert(0, "bind " + bind)
    return ".:%d {\n    %s\n}\n" % (port, "\n    ".join(lines))


def free_port(address="127.0.0.1"):
    while True:
        with socket.socket() as t, socket.socket(type=socket.SOCK_DGRAM) as u:
            t.bind((address, 0))
            try:
                u.bind((address, t.getsockname()[1]))
            except OSError:
                continue
            return t.getsockname()[1]


def isolate():
    """Moves this process into a network namespace of its own whose only addresses are 127.0.0.1 and LOCAL_IP, so that
    servers may listen on every address."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):      # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "unshare: a network namespace needs root")
    for command in ("link set lo up", "addr add %s/32 dev lo" % fixtures.LOCAL_IP):
        subprocess.run(["ip", *command.split()], check=True)


def isolate_with_api():
    """The same; the API server is reached there at its usual place."""
    pipe = "%s/fairlead-api-%d.sock" % (tempfile.gettempdir(), os.getpid())
    port = kube.API.rsplit(":", 1)[1]
    _relay("UNIX-LISTEN:%s,fork,unlink-early" % pipe, "TCP:127.0.0.1:" + port)
    isolate()
    _relay("TCP-LISTEN:%s,bind=127.0.0.1,fork,reuseaddr" % port, "UNIX-CONNECT:" + pipe)
    for _ in range(50):
        try:
            kube.call("GET", "/version")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the API server is not reachable from the namespace")


def _relay(listen, connect):
    process = subprocess.Popen(["socat", listen, connect], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    atexit.register(lambda: os.killpg(process.pid, signal.SIGTERM))


class Server:
    """A running server; .address is where it answers. Use as a context manager."""

    def __init__(self, program, variant, extra=(), bind=None, token_file=None, manifests=None, wait=True):
        """bind: the one address to listen on, instead of all. manifests: objects from there, not from the API server.
        wait: return only when the server says that it is ready."""
        self.program, self.folder = program, tempfile.TemporaryDirectory(prefix="fairlead-%s-" % program)
        folder = pathlib.Path(self.folder.name)
        host = bind or fixtures.LOCAL_IP
        self.address = (host, free_port(host))
        self.ready = "http://127.0.0.1:%d/ready" % free_port()
        source = "manifests %s" % manifests if manifests else "kubeconfig %s lab" % kube.kubeconfig(folder, token_file)
        text = corefile(variant, self.address[1], source, ["ready " + self.ready.split("/")[2], *extra], bind)
        (folder / "Corefile").write_text(text)
        self.log = folder / "log"
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen([PROGRAMS[program], "-conf", str(folder / "Corefile")],
                                            stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        if wait:
            self.wait()

    def is_ready(self):
        try:
            urllib.request.urlopen(self.ready, timeout=1).close()
            return True
        except OSError:
            return False

    def answers(self):
        """Something answers at the address: whatever question it is."""
        question = wire.Question(dns.name.from_text("localhost."), 1)
        return wire.ask(self.address, question, 0.5) is not None

    def wait(self, seconds=30):
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            if self.is_ready() and self.answers():
                return
            time.sleep(0.05)
        lines = self.log.read_text(errors="replace").splitlines()
        text = "\n".join(x for x in lines if "not ready" not in x)[-2000:]
        self.close()
        raise RuntimeError("%s did not become ready:\n%s" % (self.program, text))

    def alive(self):
        return self.process.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.folder.cleanup()
