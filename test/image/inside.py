"""Runs in its own network and mount namespace: starts the program from an unpacked image, as its container would.

  inside.py ROOT

As root of the machine it becomes user 65532 and listens on port 53, by the program's file capability. As root of a user
namespace only, where there is no second user, it stays what it is and listens on a high port. Prints "served".
"""
import os
import re
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../system"))
import harness  # noqa: E402

COREFILE = ".:%d {\n bind 127.0.0.1\n hosts {\n  192.0.2.7 a.example\n }\n}\n"
QUESTION = harness.query("a.example")
with open("/proc/self/uid_map", encoding="ascii") as ids:
    IS_ROOT = ids.read().split() == ["0", "0", "4294967295"]


def addresses(port):
    """What UDP and TCP say, or None while nobody answers."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.2)
            udp.connect(("127.0.0.1", port))
            udp.send(QUESTION)
            by_udp = harness.Reply(udp.recv(4096), QUESTION).addresses
        with socket.create_connection(("127.0.0.1", port), timeout=5) as tcp:
            tcp.sendall(struct.pack("!H", len(QUESTION)) + QUESTION)
            by_tcp = harness.Reply(tcp.makefile("rb").read(len(QUESTION) + 18)[2:], QUESTION).addresses
    except OSError:
        return None
    return by_udp + by_tcp


def wait_for_answer(server, port):
    end = time.monotonic() + harness.PATIENCE
    while server.poll() is None and time.monotonic() < end:
        found = addresses(port)
        if found is not None:
            return found
        time.sleep(0.05)
    return None


def start(root, port, *limits):
    with open(os.path.join(root, "etc/coredns/Corefile"), "w", encoding="utf-8") as out:
        out.write(COREFILE % port)
    user = ["--userspec=65532:65532", "--groups="] if IS_ROOT else []
    subprocess.run(["mount", "--bind", root, root], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", root], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", os.path.join(root, "proc")], check=IS_ROOT)
    return subprocess.Popen([*limits, "chroot", *user, root, "/coredns", "-conf", "/etc/coredns/Corefile"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def stop(root, server):
    server.terminate()
    said = server.communicate(timeout=30)[1]
    subprocess.run(["umount", "-R", root], check=True)
    return said


def ready(root):
    """What `kubectl exec` would see: without a shell, a port or a file that could be written."""
    done = subprocess.run(["chroot", "--userspec=65532:65532", "--groups=", root, "/coredns", "status"],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 and "\nready     yes\n" in done.stdout, (done.stdout, done.stderr)


def served(root, port, *limits):
    """The capabilities that the program had while it answered."""
    server, status = start(root, port, *limits), ""
    try:
        found = wait_for_answer(server, port)
        if found:
            with open("/proc/%d/status" % server.pid, encoding="utf-8") as file:
                status = file.read()
            if IS_ROOT:
                ready(root)
    finally:
        said = stop(root, server)
    assert found == ["192.0.2.7", "192.0.2.7"] and server.returncode == 0, (found, said)
    if IS_ROOT:
        assert re.search(r"^Uid:\s+65532\s+65532\s+65532\s+65532$", status, re.M), status
    return int(re.search(r"^CapEff:\s+(\S+)", status, re.M).group(1), 16)


def refused(root, port, *limits):
    server = start(root, port, *limits)
    server.wait(timeout=30)
    said = stop(root, server)
    assert server.returncode == 1, said
    assert "NET_BIND_SERVICE" in said and "net.ipv4.ip_unprivileged_port_start" in said, said


def main():
    root = sys.argv[1]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w", encoding="utf-8") as limit:
        limit.write("1024")
    if IS_ROOT:
        assert served(root, 53) == 1 << 10
        refused(root, 53, "setpriv", "--no-new-privs")
        # A container that may nothing at all still starts the program, which is free to use other ports.
        assert served(root, 5353, "setpriv", "--bounding-set=-net_bind_service") == 0
    else:
        served(root, 5353)
    print("served")


main()
