#!/usr/bin/env python3
"""Starts a DNS server and waits for what it can say.

  first_answer.py NAME HOST:PORT READY SETTLE COMMAND...

From the start of the process, prints as one line: ms until the first right answer about NAME, ms until /ready says 200 (of a server
that has no such page READY is `-`), and SETTLE seconds later the resident memory and its highest in MB, and the CPU time in ms. Then the server is ended.
"""
import http.client
import socket
import struct
import subprocess
import sys
import time


def question(name):
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + wire + b"\0" + struct.pack("!HH", 1, 1)


def answered(sock, query):
    try:
        sock.send(query)
        reply = sock.recv(4096)
        return reply[3] & 15 == 0 and struct.unpack("!H", reply[6:8])[0] > 0
    except socket.timeout:
        return False
    except OSError:  # nobody listens yet
        time.sleep(.001)
        return False


def is_ready(address):
    try:
        connection = http.client.HTTPConnection(address, timeout=1)
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False


def memory(pid, key):
    with open("/proc/%d/status" % pid) as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key))


def cpu_ms(pid):
    with open("/proc/%d/stat" % pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 10


def main(name, server, ready, settle, *command):
    query, (host, port) = question(name), server.rsplit(":", 1)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((host, int(port)))
    sock.settimeout(.002)
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answered(sock, query):
            if process.poll() is not None or time.perf_counter() - begin > 300:
                sys.exit("%s: no answer" % command[0])
        first = time.perf_counter() - begin
        while ready != "-" and not is_ready(ready):
            time.sleep(.001)
        until_ready = time.perf_counter() - begin
        time.sleep(float(settle))
        print("%.0f %.0f %.1f %.1f %d" % (first * 1000, until_ready * 1000, memory(process.pid, "VmRSS"),
                                          memory(process.pid, "VmHWM"), cpu_ms(process.pid)))
    finally:
        process.terminate()
        process.wait()


if len(sys.argv) < 6:
    sys.exit(__doc__)
main(*sys.argv[1:])
