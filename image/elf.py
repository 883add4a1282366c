"""What an ELF file says of itself, read with binutils; works for programs of other architectures."""
import os
import re
import shutil
import struct
import subprocess
import tempfile

# e_machine -> (architecture of the image, Debian's triplet)
MACHINES = {62: ("amd64", "x86_64-linux-gnu"), 183: ("arm64", "aarch64-linux-gnu")}


def machine(path):
    with open(path, "rb") as file:
        head = file.read(20)
    if head[:4] != b"\x7fELF":
        raise ValueError("%s is not an ELF file" % path)
    number = struct.unpack("<H", head[18:20])[0]
    if number not in MACHINES:
        raise ValueError("%s is built for machine %d; known are %s" % (path, number, MACHINES))
    return MACHINES[number]


def _readelf(option, path):
    return subprocess.run(["readelf", option, "-W", path], check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", _readelf("-d", path))


def interpreter(path):
    return re.search(r"interpreter: (.+)\]", _readelf("-l", path)).group(1)


def stripped(path):
    """The octets of the program without symbols."""
    triplet = machine(path)[1]
    tool = shutil.which(triplet + "-strip")
    if not tool:
        raise ValueError("%s-strip is missing (Debian: binutils or binutils-%s)"
                         % (triplet, triplet.replace("_", "-")))
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "stripped")
        subprocess.run([tool, "-o", out, path], check=True)
        with open(out, "rb") as file:
            return file.read()
