"""What is in the image: the program, the shared libraries that it needs, and what these expect to find on a system."""
import io
import os
import struct
import tarfile

import elf
import sbom

USER = 65532
# vfs_cap_data, revision 2: CAP_NET_BIND_SERVICE may be used. It is not effective from the start: then a container that takes all
# capabilities away could not start the program at all.
MAY_BIND = struct.pack("<5I", 0x02000000, 1 << 10, 0, 0, 0)
HEADERS = ["/usr/include/boost/version.hpp"]  # of libraries that are compiled in


class Tree:
    """Entries of a root folder by path, without a leading slash."""

    def __init__(self, epoch):
        self.entries = {}
        self._epoch = epoch

    def _add(self, path, kind, mode, data=b"", target=""):
        for parent in [path[:i] for i, c in enumerate(path) if c == "/"]:
            if parent not in self.entries:
                self._add(parent, tarfile.DIRTYPE, 0o755)
        info = tarfile.TarInfo(path)
        info.type, info.mode, info.mtime, info.size, info.linkname = kind, mode, self._epoch, len(data), target
        self.entries[path] = (info, data)
        return info

    def file(self, path, data, mode=0o644):
        return self._add(path, tarfile.REGTYPE, mode, data.encode() if isinstance(data, str) else data)

    def link(self, path, target):
        self._add(path, tarfile.SYMTYPE, 0o777, target=target)

    def folder(self, path, mode=0o755):
        self._add(path, tarfile.DIRTYPE, mode)

    def files(self):
        return {path: data for path, (info, data) in self.entries.items() if info.isreg()}

    def size(self):
        return sum(len(data) for data in self.files().values())

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for _, (info, data) in sorted(self.entries.items()):
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    def unpack(self, folder):
        """Writes the tree with its rights and the program's capability; needs root."""
        for path, (info, data) in sorted(self.entries.items()):
            target = os.path.join(folder, path)
            if info.issym():
                os.symlink(info.linkname, target)
                continue
            if info.isdir():
                os.makedirs(target, exist_ok=True)
            else:
                with open(target, "wb") as out:
                    out.write(data)
            os.chmod(target, info.mode)
            if info.pax_headers:
                os.setxattr(target, "security.capability", MAY_BIND)


class Packages:
    """Takes files from a Debian system into a tree and remembers which package each came with."""

    def __init__(self, debian, tree):
        self._debian, self.tree = debian, tree
        self.fields = {}  # by name, in the order of the first file
        self.paths = {}   # by name: paths in the image

    def take(self, source, path=None, mode=0o644):
        self.add(self._debian.owner(source), path or source.lstrip("/"), self._debian.read(source), mode)

    def add(self, fields, path, data, mode=0o644):
        name = fields["Package"]
        self.fields[name] = fields
        self.paths.setdefault(name, []).append(path)
        self.tree.file(path, data, mode)


def _library(debian, triplet, name):
    for folder in ("/usr/lib/" + triplet, "/lib/" + triplet, "/usr/lib", "/lib"):
        if debian.exists(folder + "/" + name):
            return folder + "/" + name
    raise FileNotFoundError("the library %s for %s is in no package's folder" % (name, triplet))


def _libraries(debian, packages, program):
    """The loader and everything that is linked, directly or not."""
    triplet, loader = elf.machine(program)[1], elf.interpreter(program)
    packages.take(loader, "usr" + loader, 0o755)
    waiting, seen = elf.needed(program), {os.path.basename(loader)}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        source = _library(debian, triplet, name)
        packages.take(source, "usr/lib/%s/%s" % (triplet, name))
        waiting += elf.needed(debian.host(source))


def _authorities(debian, packages):
    """The certificates of Mozilla's list as Debian ships it, whatever the administrator of this system changed."""
    source = "/usr/share/ca-certificates/mozilla"
    if not debian.exists(source):
        raise FileNotFoundError("the package ca-certificates is missing")
    texts = [debian.read(source + "/" + name).strip() + b"\n" for name in debian.folder(source) if name.endswith(".crt")]
    packages.add(debian.package("ca-certificates"), "etc/ssl/certs/ca-certificates.crt", b"".join(texts))


def _system(debian, tree, packages):
    for folder in ("dev", "etc/coredns", "proc", "run", "sys"):
        tree.folder(folder)
    tree.folder("tmp", 0o1777)
    for name in ("lib", "lib64"):
        tree.folder("usr/" + name)
        tree.link(name, "usr/" + name)
    tree.link("usr/lib/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt")
    tree.link("usr/lib/ssl/certs", "/etc/ssl/certs")
    tree.file("etc/passwd", "root:x:0:0:root:/:/nologin\nfairlead:x:%d:%d:fairlead:/:/nologin\n" % (USER, USER))
    tree.file("etc/group", "root:x:0:\nfairlead:x:%d:\n" % USER)
    tree.file("etc/nsswitch.conf", "hosts: files dns\n")
    packages.take("/usr/lib/os-release")
    tree.link("etc/os-release", "../usr/lib/os-release")


def _records(debian, tree, packages):
    """Licences, and the package database in the form in which scanners look for it in images without dpkg."""
    for name, fields in packages.fields.items():
        tree.file("usr/share/doc/%s/copyright" % name, debian.read("/usr/share/doc/%s/copyright" % name))
        kept = [k for k in ("Package", "Status", "Maintainer", "Architecture", "Source", "Version") if k in fields]
        tree.file("var/lib/dpkg/status.d/" + name, "".join("%s: %s\n" % (k, fields[k]) for k in kept))


def base(debian, path, epoch):
    """(tree, packages) of the lower layer: all that does not change with the source of the program at `path`."""
    tree = Tree(epoch)
    packages = Packages(debian, tree)
    _system(debian, tree, packages)
    _libraries(debian, packages, path)
    _authorities(debian, packages)
    _records(debian, tree, packages)
    return tree, packages


def program(debian, path, packages, about):
    """(tree, SBOM) of the upper layer. `about` has version, revision, epoch, license (the text)."""
    tree = Tree(about["epoch"])
    info = tree.file("fairlead", elf.stripped(path), 0o755)
    info.pax_headers = {"SCHILY.xattr.security.capability": MAY_BIND.decode()}
    tree.link("coredns", "fairlead")
    tree.file("usr/share/doc/fairlead/copyright", about["license"])
    text = sbom.document(about, tree.files(), packages, [debian.owner(h) for h in HEADERS])
    tree.file("usr/share/sbom/fairlead.spdx.json", text)
    return tree, text
