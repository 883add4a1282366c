#!/usr/bin/env python3
"""Whole zones as their followers take them: octets, messages and records of the reply, its seconds, and the server's CPU ms.

  transfer.py HOST:PORT PID ZONE plain|compact
"""
import os
import socket
import struct
import sys
import time

AXFR = 252
EPOCH, COMPACT = 65187, 65188  # plugins/transfer/README.md


def query(zone, compact):
    name = b"".join(bytes([len(label)]) + label.encode() for label in zone.split(".")) + b"\0"
    options = struct.pack("!HHHHB", EPOCH, 0, COMPACT, 1, 1) if compact else b""
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options if compact else b""
    return struct.pack("!6H", 1, 0, 1, 0, 0, 1 if compact else 0) + name + struct.pack("!HH", AXFR, 1) + opt


def read(connection, size):
    octets = b""
    while len(octets) < size:
        more = connection.recv(size - len(octets))
        if not more:
            sys.exit("the server has closed the connection")
        octets += more
    return octets


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xc0:
            return at + 2
        at += message[at] + 1
    return at + 1


def records(message):
    """How many are answers, and of these how many are SOA."""
    questions, answers = struct.unpack("!HH", message[4:8])
    at, soas = 12, 0
    for _ in range(questions):
        at = skip_name(message, at) + 4
    for _ in range(answers):
        at = skip_name(message, at)
        kind, _, _, size = struct.unpack("!HHIH", message[at:at + 10])
        soas += kind == 6
        at += 10 + size
    return answers, soas


def cpu_ms(pid):
    with open("/proc/%s/stat" % pid) as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def main():
    (host, port), pid, zone = sys.argv[1].rsplit(":", 1), sys.argv[2], sys.argv[3]
    asked = query(zone, sys.argv[4] == "compact")
    before, begin = cpu_ms(pid), time.time()
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(struct.pack("!H", len(asked)) + asked)
        octets = messages = count = ends = 0
        while ends < 2:
            message = read(connection, *struct.unpack("!H", read(connection, 2)))
            if message[3] & 15:
                sys.exit("the server says code %d" % (message[3] & 15))
            answers, soas = records(message)
            octets, messages, count, ends = octets + 2 + len(message), messages + 1, count + answers, ends + soas
    print(octets / 1e6, messages, count, time.time() - begin, cpu_ms(pid) - before)


main()
