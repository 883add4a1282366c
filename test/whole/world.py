"""A machine for a server under test, and the world around it, as namespaces.

The server's machine has NODE, 127.0.0.1, the addresses it is told to have, and a root folder whose changes are thrown away; whatever it
sends elsewhere reaches this process, which answers DNS at every address of the internet and is the cluster's API server. Needs root;
nothing of it is seen outside.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "system"), str(HERE.parent / "differential")]

import api_server       # noqa: E402
import certificates     # noqa: E402
import internet         # noqa: E402

NODE, NODE6, CLIENT, CLIENT6 = "10.7.0.2", "fd00:7::2", "10.7.0.1", "fd00:7::1"
API, API_NAME = "10.96.0.1", "kubernetes.default.svc"
FILES = {"/etc/resolv.conf": "nameserver 10.9.0.53\nsearch lab.example\n",
         "/run/secrets/kubernetes.io/serviceaccount/token": "a-token",
         "/run/secrets/kubernetes.io/serviceaccount/namespace": "kube-system"}
COREFILE = "/etc/coredns/Corefile"
NEWNS, NEWNET = 0x20000, 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def unshare(flags):
    if LIBC.unshare(flags):
        raise OSError(ctypes.get_errno(), "namespaces need root")


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class NotHere(Exception):
    """This machine lets nobody make such a world; says what failed."""


class World:
    """Made once by a process, which lives in the world from then on. Raises NotHere."""

    def __init__(self, cluster):
        try:
            self._make()
        except (PermissionError, subprocess.CalledProcessError) as error:
            raise NotHere(str(error)) from error
        certificates.make(self.folder, API_NAME, addresses=(API,))
        self.api = api_server.ApiServer(cluster, (), (API, 443), certificates.server_context(self.folder, API_NAME))
        self.internet = internet.Internet()

    def _make(self):
        unshare(NEWNET | NEWNS)
        run("mount", "--make-rprivate", "/")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-world-"))
        run("mount", "-t", "tmpfs", "tmpfs", str(self.folder))
        for command in ("link set lo up", "link add world type veth peer name eth0", "addr add %s/24 dev world" % CLIENT,
                        "-6 addr add %s/64 dev world nodad" % CLIENT6, "link set world up"):
            run("ip", *command.split())
        self.node = self._node()
        for family, network in (("-4", "0.0.0.0/1"), ("-4", "128.0.0.0/1"), ("-6", "2000::/3")):
            run("ip", family, "route", "add", "local", network, "dev", "lo")     # what is nobody else's is ours
        mounted = root_for(self.folder / "probe")
        run("umount", str(mounted))

    def _node(self):
        """A process that sleeps in the network namespace of the server's machine, which ends with it."""
        ready, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            unshare(NEWNET)
            LIBC.prctl(1, signal.SIGKILL)     # PR_SET_PDEATHSIG
            os.write(told, b"x")
            while True:
                signal.pause()
        os.read(ready, 1)
        run("ip", "link", "set", "eth0", "netns", str(pid))
        for command in ("link set lo up", "addr add %s/24 dev eth0" % NODE, "-6 addr add %s/64 dev eth0 nodad" % NODE6,
                        "link set eth0 up", "route add default via %s" % CLIENT, "-6 route add default via %s" % CLIENT6):
            run("nsenter", "-t", str(pid), "-n", "ip", *command.split())
        return pid

    def has_address(self, address):
        """The server's machine has it, too."""
        family, bits, gateway = ("-6", "/128", NODE6) if ":" in address else ("-4", "/32", NODE)
        run("nsenter", "-t", str(self.node), "-n", "ip", family, "addr", "replace", address + bits, "dev", "lo")
        run("ip", family, "route", "replace", address + bits, "via", gateway)

    def end(self):
        os.kill(self.node, signal.SIGKILL)
        os.waitpid(self.node, 0)
        self.api.end()
        run("umount", "-R", "-l", str(self.folder))
        self.folder.rmdir()


def root_for(folder):
    """The machine's root folder, whose changes lie in `folder`, which is made."""
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(parents=True)
    options = "lowerdir=/,upperdir=%s,workdir=%s" % (folder / "upper", folder / "work")
    run("mount", "-t", "overlay", "overlay", "-o", options, str(folder / "root"))
    return folder / "root"


class Server:
    """`program` with a Corefile on the server's machine; `files`: text by absolute path, `environment`: more of it."""

    def __init__(self, world, program, corefile, files=None, environment=None):
        self.folder = world.folder / ("run-%d" % time.monotonic_ns())
        self.root = root_for(self.folder)
        for name in ("dev", "proc", "sys"):
            run("mount", "--rbind", "/" + name, str(self.root / name))
        account = {"/run/secrets/kubernetes.io/serviceaccount/ca.crt": (world.folder / "ca.pem").read_text()}
        for path, text in {**FILES, **account, COREFILE: corefile, **(files or {})}.items():
            self.write(path, text)
        shutil.copy(program, self.root / "usr/local/bin/server")
        self.log_path = self.folder / "log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["nsenter", "-t", str(world.node), "-n", "chroot", str(self.root), "/usr/local/bin/server", "-conf", COREFILE],
                env=dict(os.environ, KUBERNETES_SERVICE_HOST=API, KUBERNETES_SERVICE_PORT="443", **(environment or {})),
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def write(self, path, text):
        at = pathlib.Path(str(self.root) + path)
        at.parent.mkdir(parents=True, exist_ok=True)
        if at.is_symlink():
            at.unlink()
        at.write_text(text)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def alive(self):
        return self.process.poll() is None

    def close(self):
        self.process.kill()     # how it ends is not asked here, and lameduck would take its time
        self.process.wait()
        run("umount", "-R", "-l", str(self.root))
        shutil.rmtree(self.folder, ignore_errors=True)
