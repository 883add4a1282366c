"""The container image: the same twice, small, complete, described, and its program serves from it without being root."""
import gzip
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.join(HERE, "../../image/build")
BINARY = os.path.realpath(os.environ.get("FAIRLEAD_BINARY", os.path.join(HERE, "../../build/fairlead")))
UNPACKED_MAX, COMPRESSED_MAX = 25e6, 9e6  # octets
EPOCH = 1700000000
MAY_BIND = struct.pack("<5I", 0x02000000, 1 << 10, 0, 0, 0)  # capabilities(7): cap_net_bind_service=p


def build(folder, *options):
    subprocess.run([BUILD, "--out", folder, "--revision", "0123abc", *options, BINARY], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})


def contents(folder):
    """Path -> octets of every file below a folder."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.out = os.path.join(cls.scratch.name, "one")
        build(cls.out, "--name", "registry.example/dns:1", "--label", "org.opencontainers.image.source=https://source.example")
        cls.files = contents(cls.out)
        top = json.loads(cls.files["oci/index.json"])["manifests"][0]
        cls.manifest = json.loads(cls.blob(top))
        cls.config = json.loads(cls.blob(cls.manifest["config"]))
        cls.layers = [gzip.decompress(cls.blob(layer)) for layer in cls.manifest["layers"]]
        cls.members, cls.data = {}, {}
        for layer in cls.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                for member in tar:
                    cls.members[member.name] = member
                    if member.isreg():
                        cls.data[member.name] = tar.extractfile(member).read()
        cls.bill = json.loads(cls.data["usr/share/sbom/fairlead.spdx.json"])

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def blob(cls, descriptor):
        data = cls.files["oci/blobs/sha256/" + descriptor["digest"].partition(":")[2]]
        assert len(data) == descriptor["size"] and "sha256:" + hashlib.sha256(data).hexdigest() == descriptor["digest"]
        return data

    def archive(self):
        name, = [name for name in self.files if name.endswith(".tar")]
        with tarfile.open(fileobj=io.BytesIO(self.files[name])) as tar:
            return {member.name: tar.extractfile(member).read() for member in tar}

    def test_the_same_twice(self):
        other = os.path.join(self.scratch.name, "two")
        build(other, "--name", "registry.example/dns:1", "--label", "org.opencontainers.image.source=https://source.example")
        self.assertEqual(self.files, contents(other))

    def test_size(self):
        unpacked = sum(len(data) for data in self.data.values())
        compressed = sum(layer["size"] for layer in self.manifest["layers"])
        print("%.1f MB unpacked, %.1f MB compressed" % (unpacked / 1e6, compressed / 1e6))
        self.assertLessEqual(unpacked, UNPACKED_MAX)
        self.assertLessEqual(compressed, COMPRESSED_MAX)

    def test_configuration(self):
        self.assertEqual(("amd64", "linux"), (self.config["architecture"], self.config["os"]))
        self.assertEqual(["sha256:" + hashlib.sha256(layer).hexdigest() for layer in self.layers], self.config["rootfs"]["diff_ids"])
        config = self.config["config"]
        self.assertEqual("65532:65532", config["User"])
        self.assertEqual(["/fairlead"], config["Entrypoint"])
        self.assertEqual({"53/tcp": {}, "53/udp": {}}, config["ExposedPorts"])
        labels = config["Labels"]
        self.assertEqual(labels, self.manifest["annotations"])
        self.assertEqual("fairlead", labels["org.opencontainers.image.title"])
        self.assertEqual("Apache-2.0", labels["org.opencontainers.image.licenses"])
        self.assertEqual("0123abc", labels["org.opencontainers.image.revision"])
        self.assertEqual("https://source.example", labels["org.opencontainers.image.source"])
        self.assertEqual("2023-11-14T22:13:20Z", labels["org.opencontainers.image.created"])
        said = subprocess.run([BINARY, "-version"], check=True, capture_output=True, text=True).stdout
        self.assertIn(labels["org.opencontainers.image.version"], said)

    def test_the_archive_reads_in_both_ways(self):
        files = self.archive()
        index = json.loads(files["index.json"])["manifests"][0]
        self.assertEqual("registry.example/dns:1", index["annotations"]["io.containerd.image.name"])
        self.assertEqual(self.manifest, json.loads(files["blobs/sha256/" + index["digest"][7:]]))
        saved, = json.loads(files["manifest.json"])
        self.assertEqual(["registry.example/dns:1"], saved["RepoTags"])
        self.assertEqual(self.config, json.loads(files[saved["Config"]]))
        self.assertEqual(self.layers, [gzip.decompress(files[path]) for path in saved["Layers"]])

    def test_the_program(self):
        program = self.members["fairlead"]
        self.assertEqual(0o755, program.mode)
        self.assertEqual(MAY_BIND.decode(), program.pax_headers["SCHILY.xattr.security.capability"])
        self.assertEqual("fairlead", self.members["coredns"].linkname)
        path = os.path.join(self.scratch.name, "program")
        with open(path, "wb") as out:
            out.write(self.data["fairlead"])
        sections = subprocess.run(["readelf", "-SW", path], check=True, capture_output=True, text=True).stdout
        self.assertIn(".text", sections)
        self.assertNotIn(".symtab", sections)

    def test_nobody_can_change_it(self):
        for name, member in self.members.items():
            self.assertEqual((0, 0, EPOCH), (member.uid, member.gid, member.mtime), name)
            if not member.issym() and name != "tmp":
                self.assertEqual(0, member.mode & 0o7022, name)

    def test_only_libraries_that_are_needed(self):
        said = subprocess.run(["ldd", BINARY], check=True, capture_output=True, text=True).stdout
        needed = {os.path.basename(path) for path in re.findall(r"(?:=> )?(/\S+) \(0x", said)}
        present = {os.path.basename(name) for name in self.data if ".so" in name}
        self.assertEqual(needed, present)

    def test_authorities(self):
        path = os.path.join(self.scratch.name, "authorities.pem")
        with open(path, "wb") as out:
            out.write(self.data["etc/ssl/certs/ca-certificates.crt"])
        said = subprocess.run(["openssl", "storeutl", "-noout", "-certs", path], check=True, capture_output=True, text=True).stdout
        self.assertGreater(int(re.search(r"Total found: (\d+)", said).group(1)), 100)
        self.assertEqual("/etc/ssl/certs/ca-certificates.crt", self.members["usr/lib/ssl/cert.pem"].linkname)

    def test_bill_of_materials(self):
        beside, = [name for name in self.files if name.endswith(".spdx.json")]
        self.assertEqual(self.bill, json.loads(self.files[beside]))
        packages = {package["SPDXID"]: package for package in self.bill["packages"]}
        files = {file["fileName"][2:]: file for file in self.bill["files"]}
        relations = {(r["spdxElementId"], r["relatedSpdxElement"]): r["relationshipType"] for r in self.bill["relationships"]}
        for name, data in self.data.items():
            if name.startswith(("usr/lib/", "usr/lib64/", "etc/ssl/")) or name == "fairlead":
                file = files[name]
                sums = {c["algorithm"]: c["checksumValue"] for c in file["checksums"]}
                self.assertEqual(hashlib.sha256(data).hexdigest(), sums["SHA256"], name)
                owner, = [packages[a] for (a, b), kind in relations.items() if b == file["SPDXID"] and kind == "CONTAINS"]
                self.assertEqual(self.owner(name), (owner["name"], owner["versionInfo"]))
        self.assertIn("libboost1.74-dev", [package["name"] for package in packages.values()])
        for package in packages.values():
            if package["name"] != "fairlead":
                self.assertRegex(package["externalRefs"][0]["referenceLocator"], "^pkg:deb/debian/")
            if package["filesAnalyzed"]:
                self.assertIn("usr/share/doc/%s/copyright" % package["name"], self.data)

    def owner(self, name):
        if name == "fairlead":
            return ("fairlead", self.config["config"]["Labels"]["org.opencontainers.image.version"])
        if name.startswith("etc/ssl/"):
            package = "ca-certificates"
        else:
            # The package database has the file's own name, and may have it below /lib.
            real = os.path.realpath("/" + name)
            found = subprocess.run(["dpkg-query", "-S", real, real[len("/usr"):]], capture_output=True, text=True, check=False)
            package = found.stdout.split(": ")[0]
        shown = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}", package], check=True, capture_output=True, text=True)
        return tuple(shown.stdout.split(" "))

    def test_scanners_find_the_packages(self):
        listed = {package["name"] for package in self.bill["packages"] if package["filesAnalyzed"]} - {"fairlead"}
        found = {os.path.basename(name) for name in self.data if name.startswith("var/lib/dpkg/status.d/")}
        self.assertEqual(listed, found)
        self.assertIn(b"VERSION_ID=\"12\"", self.data["usr/lib/os-release"])

    def test_it_serves(self):
        root = os.path.join(self.scratch.name, "root")
        os.mkdir(root)
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                tar.extractall(root)
        namespaces = ["--mount", "--net"]
        if os.geteuid() == 0:
            os.setxattr(os.path.join(root, "fairlead"), "security.capability", MAY_BIND)
        else:
            namespaces += ["--user", "--map-root-user"]
        done = subprocess.run(["unshare", *namespaces, sys.executable, "-B", os.path.join(HERE, "inside.py"), root],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual((0, "served\n"), (done.returncode, done.stdout), done.stderr)


if __name__ == "__main__":
    unittest.main()
