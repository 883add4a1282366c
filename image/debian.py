"""Files of a Debian system and the packages they come from. The system may be another one than this: a folder with its root."""
import functools
import os
import posixpath

LOOPS = 40  # links that a path may lead through, as in the kernel


class Debian:
    def __init__(self, root="/"):
        self.root = root
        self._stanzas = {}  # "name" and "name:architecture" -> dict of fields
        with open(self.host("/var/lib/dpkg/status"), encoding="utf-8") as status:
            for paragraph in status.read().split("\n\n"):
                self._learn(paragraph)

    def _learn(self, paragraph):
        fields, name = {}, None
        for line in paragraph.splitlines():
            if line[:1] in (" ", "\t"):
                fields[name] += "\n" + line
            elif ":" in line:
                name, value = line.split(":", 1)
                fields[name] = value.strip()
        if fields.get("Status", "").endswith(" installed"):
            self._stanzas[fields["Package"] + ":" + fields["Architecture"]] = fields
            self._stanzas[fields["Package"]] = fields

    def host(self, path):
        """Where a path of that system is on this one; links are followed as that system follows them."""
        path, loops = posixpath.normpath("/" + path), 0
        done, rest = "/", path.split("/")[1:]
        while rest:
            at = posixpath.join(done, rest[0])
            on_host = os.path.join(self.root, at.lstrip("/"))
            if os.path.islink(on_host) and loops < LOOPS:
                loops += 1
                target = posixpath.normpath(posixpath.join(done, os.readlink(on_host)))
                rest = target.split("/")[1:] + rest[1:]
                done = "/"
            else:
                done, rest = at, rest[1:]
        return os.path.join(self.root, done.lstrip("/"))

    def exists(self, path):
        return os.path.exists(self.host(path))

    def read(self, path):
        with open(self.host(path), "rb") as file:
            return file.read()

    def folder(self, path):
        return sorted(os.listdir(self.host(path)))

    def package(self, name):
        return self._stanzas[name]

    def owner(self, path):
        """The fields of the package that a file came with; KeyError says that it came with none."""
        real = "/" + os.path.relpath(self.host(path), self.root)
        # Before /lib became a link to /usr/lib, packages were made with files in either.
        for name in (real, path, real[4:] if real.startswith("/usr/") else "/usr" + real):
            if name in self._owners():
                return self._stanzas[self._owners()[name]]
        raise KeyError("%s belongs to no installed package" % path)

    @functools.lru_cache(maxsize=None)
    def _owners(self):
        """Path -> name of the package, of every installed file."""
        owners, info = {}, self.host("/var/lib/dpkg/info")
        for file in sorted(os.listdir(info)):
            if file.endswith(".list"):
                with open(os.path.join(info, file), encoding="utf-8", errors="surrogateescape") as lines:
                    owners.update(dict.fromkeys(lines.read().split("\n"), file[:-len(".list")]))
        return owners
