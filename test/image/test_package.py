"""The Debian package: what it says of itself, what it installs, and that its program reads its configuration."""
import configparser
import gzip
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.realpath(os.environ.get("FAIRLEAD_BUILD", os.path.join(HERE, "../../build")))
FILES = {"etc/fairlead/Corefile", "usr/sbin/fairlead", "usr/lib/systemd/system/fairlead.service", "usr/lib/sysusers.d/fairlead.conf",
         "usr/share/man/man8/fairlead.8.gz", "usr/share/man/man5/Corefile.5.gz", "usr/share/doc/fairlead/copyright",
         "usr/share/doc/fairlead/changelog.gz", "usr/share/doc/fairlead/changelog.Debian.gz", "usr/share/lintian/overrides/fairlead"}


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def build(folder):
    run("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", folder, cwd=BUILD,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
    name, = [name for name in os.listdir(folder) if name.endswith(".deb")]
    return os.path.join(folder, name)


class Unit(configparser.ConfigParser):
    """A unit file: names in both cases, some of them more than once (of which the last is kept)."""
    optionxform = staticmethod(str)

    def __init__(self, path):
        super().__init__(strict=False, interpolation=None)
        self.read(path)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.deb = build(os.path.join(cls.scratch.name, "one"))
        cls.root = os.path.join(cls.scratch.name, "root")
        run("dpkg-deb", "-R", cls.deb, cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def path(self, name):
        return os.path.join(self.root, name)

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def test_the_same_twice(self):
        with open(self.deb, "rb") as one, open(build(os.path.join(self.scratch.name, "two")), "rb") as two:
            self.assertEqual(one.read(), two.read())

    def test_control(self):
        fields = dict(line.split(": ", 1) for line in run("dpkg-deb", "-f", self.deb).splitlines() if line[:1].isalpha())
        self.assertEqual("fairlead", fields["Package"])
        self.assertEqual("net", fields["Section"])
        for library in ("libc6 (", "libssl3 (", "libstdc++6 (", "libyaml-cpp0.7 (", "libsimdjson14 (", "libre2-9 (", "libnghttp2-14 ("):
            self.assertIn(library, fields["Depends"])
        self.assertEqual("/etc/fairlead/Corefile\n", self.text("DEBIAN/conffiles"))
        for script in ("postinst", "prerm", "postrm"):
            self.assertEqual(0o755, os.stat(self.path("DEBIAN/" + script)).st_mode & 0o7777)
            run("sh", "-n", self.path("DEBIAN/" + script))

    def test_files(self):
        found = set()
        for base, _, names in os.walk(self.root):
            found |= {os.path.relpath(os.path.join(base, name), self.root) for name in names}
        self.assertEqual(FILES, {name for name in found if not name.startswith("DEBIAN/")})
        for line in run("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual("root/root", owner, line)
            self.assertIn(mode, ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"), line)
        for name in FILES:
            if name.endswith(".gz"):
                with gzip.open(self.path(name)) as file:
                    self.assertTrue(file.read())

    def test_the_service(self):
        service = Unit(self.path("usr/lib/systemd/system/fairlead.service"))["Service"]
        program, flag, corefile = service["ExecStart"].split()
        self.assertIn(program[1:], FILES)
        self.assertEqual("-conf", flag)
        self.assertIn(corefile[1:], FILES)
        self.assertIn("-USR1", service["ExecReload"])
        self.assertEqual("CAP_NET_BIND_SERVICE", service["AmbientCapabilities"])
        self.assertEqual("CAP_NET_BIND_SERVICE", service["CapabilityBoundingSet"])
        kind, user = self.text("usr/lib/sysusers.d/fairlead.conf").splitlines()[-1].split()[:2]
        self.assertEqual(("u", service["User"]), (kind, user))

    def test_the_program_takes_the_corefile(self):
        program = self.path("usr/sbin/fairlead")
        self.assertIn("Fairlead", run(program, "-version"))
        done = subprocess.run([program, "-check", "-conf", self.path("etc/fairlead/Corefile")], capture_output=True, text=True, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))


if __name__ == "__main__":
    unittest.main()
