#!/usr/bin/python3
"""Records what CoreDNS makes of Corefiles: the hash in its log and in coredns_reload_version_info.

  sudo test/differential/hashes.py PATH-OF-COREDNS

Writes the hashes into test/data/coredns-1.15-hashes.txt, whose cases are there already. The files lie where the cases say, below /srv,
on a file system of this process's own. A case that CoreDNS refuses is told, and keeps what it has.
"""
import os
import re
import subprocess
import sys
import time

CASES = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../data/coredns-1.15-hashes.txt")
PATIENCE = 20  # seconds


def octets(text):
    return re.sub(rb"\\(x..|\\)", lambda m: b"\\" if m[1] == b"\\" else bytes([int(m[1][1:], 16)]), text.encode())


def read(lines):
    """The environment and the files of one case, in their order."""
    environment, files = {}, {}
    for line in lines:
        if line.startswith("env "):
            name, value = line[4:].split("=", 1)
            environment[name] = value
        elif line.startswith("file "):
            files[line[5:]] = last = []
        elif line[:1] in (" ", "-"):
            last.append(octets(line[1:]) + (b"\n" if line[0] == " " else b""))
    return environment, {path: b"".join(text) for path, text in files.items()}


def hash_of(program, environment, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(text)
    corefile = next(iter(files))
    server = subprocess.Popen([program, "-conf", corefile], env={**os.environ, **environment}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace")
    said, end = [], time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end and (line := server.stdout.readline()):
            said.append(line)
            if found := re.search(r"SHA512 = ([0-9a-f]{128})", line):
                return found[1], said
        return None, said
    finally:
        server.terminate()
        server.wait()
        for path in files:
            os.remove(path)


def main():
    if sys.argv[2:] != ["inside"]:
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", __file__, sys.argv[1], "inside"])
    subprocess.run(["mount", "-t", "tmpfs", "none", "/srv"], check=True)
    with open(CASES, encoding="ascii") as file:
        head, *cases = re.split(r"(?m)^(?=case )", file.read())
    for i, case in enumerate(cases):
        found, said = hash_of(sys.argv[1], *read(case.splitlines()[1:]))
        if found:
            cases[i] = re.sub(r"(?m)^hash .*$", "hash " + found, case)
        else:
            print("refused: " + case.splitlines()[0] + "\n" + "".join(said))
    with open(CASES, "w", encoding="ascii") as out:
        out.write(head + "".join(cases))


main()
