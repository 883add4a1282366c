"""Flags, exit codes, and errors of the Corefile with their place."""
import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

from harness import BINARY


def run(*arguments, stdin="", cwd=None):
    return subprocess.run([BINARY, *arguments], input=stdin, text=True, capture_output=True, timeout=60, cwd=cwd)


class Cli(unittest.TestCase):
    def test_version_and_plugins(self):
        self.assertRegex(run("-version").stdout, r"^Fairlead-\d+\.\d+\.\d+\nlinux/")
        names = run("--plugins").stdout.split()
        self.assertEqual(names, sorted(set(names)))
        self.assertIn("kubernetes", names)

    def test_log_format(self):
        accepted = run("-log-format=text", "-check", "-conf=stdin", stdin=".:53 {\n whoami\n}\n")
        self.assertEqual((accepted.returncode, accepted.stderr), (0, ""))
        wrong = run("-log-format", "xml", "-conf=stdin")
        self.assertEqual(wrong.returncode, 2)
        self.assertTrue(wrong.stderr.startswith('unknown log format "xml": expected text or json\n'))
        fatal = run("-log-format", "json", "-conf=stdin", stdin=".:53 {\n whoami\n")
        self.assertEqual(fatal.returncode, 1)
        said = json.loads(fatal.stderr)
        self.assertEqual((said["level"], said["msg"]),
                         ("FATAL", "stdin:2 - Error during parsing: Unexpected end of file, expecting '}' for the '{' at stdin:1"))

    def test_warnings(self):
        corefile = ("x$y.example:53 {\n prometheus :99999\n kubernetes in-addr.arpa ip6.arpa {\n"
                    " endpoint http://127.0.0.1:1 http://127.0.0.1:2\n }\n}\n")
        result = run("-check", "-conf=stdin", stdin=corefile)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr.splitlines(), [
            "[WARNING] plugin/prometheus: address :99999: invalid port",
            "[WARNING] plugin/kubernetes: no cluster domain among the zones: services have no names but below in-addr.arpa.",
            "[WARNING] plugin/kubernetes: Multiple endpoints have been deprecated, only the first specified endpoint "
            "'http://127.0.0.1:1' is used",
            '[WARNING] Domain "x$y.example." does not follow RFC1035 preferred syntax'])

    def test_warnings_of_a_zone_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "db")
            with open(path, "w") as out:
                out.write("@ 300 SOA ns h 1 2 3 4 5\na 300 DS 1 13 2 zz\n")
            result = run("-check", "-conf=stdin", stdin="example.org:53 {\n file %s\n}\n" % path)
            self.assertEqual((result.returncode, result.stderr), (
                0, '[WARNING] plugin/file: A record is left out: %s: dns: bad DS Digest: "zz" at line: 2:18\n' % path))

    def test_names_that_are_none(self):
        for key, line in (("\\999.example", "whoami"), (".", "forward \\999.example 127.0.0.1"), (".", "cache 30 a\\1b"),
                          (".", "forward . 127.0.0.1 {\n except \\256\n }"), (".", "log \\999.example"),
                          (".", "forward . 127.0.0.1 {\n health_check 1s domain \\999.\n }"),
                          (".", "kubernetes \\999.local"), (".", "hosts /dev/null \\999.local"),
                          (".", "acl \\999.local {\n allow\n }")):
            with self.subTest(key=key, line=line):
                result = run("-check", "-conf=stdin", stdin="%s:53 {\n %s\n}\n" % (key, line))
                self.assertEqual(result.returncode, 1)
                self.assertRegex(result.stderr, r"stdin:\d+ - Error during parsing: ")

    def test_unknown_flag(self):
        result = run("-nonsense")
        self.assertEqual(result.returncode, 2)
        self.assertIn("flag provided but not defined: -nonsense", result.stderr)

    def test_check_accepts(self):
        result = run("-check", "-conf=stdin", stdin=".:53 {\n errors\n whoami\n}\n")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_check_names_file_and_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "Corefile")
            with open(path, "w") as out:
                out.write(".:53 {\n errors\n kuberntes cluster.local\n}\n")
            for arguments in (("-check", "-conf", path), ("-conf", path)):
                result = run(*arguments)
                self.assertEqual(result.returncode, 1)
                self.assertIn("Corefile:3 - Error during parsing: Unknown directive 'kuberntes'", result.stderr)
                self.assertIn("kubernetes", result.stderr.split("'kuberntes'")[1])

    def test_check_tells_all_of_it(self):
        corefile = (".:53 {\n forward . 192.0.2.1 {\n  maxfails 2\n }\n route53 a b\n cach 30\n}\n"
                    "cluster.local {\n kubernetes {\n  kubeconfig /nonexistent/config\n  zonl\n }\n}\n")
        result = run("-check", "-conf", "stdin", stdin=corefile)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        lines = result.stderr.splitlines()
        for line, text in zip(lines, ("plugin/forward: stdin:3 - Error during parsing: unknown property 'maxfails' (did you mean 'max_fails'?)",
                                      "stdin:5 - Error during parsing: ",
                                      "stdin:6 - Error during parsing: Unknown directive 'cach' (did you mean 'cache'?)",
                                      "plugin/kubernetes: stdin:11 - Error during parsing: unknown property 'zonl' (did you mean 'zonal'?)",
                                      "/nonexistent/config")):
            self.assertIn(text, line)
        self.assertEqual((len(lines), lines[-1]), (6, "5 errors"))
        # The server itself begins with the first that it meets, and ends there.
        started = run("-conf", "stdin", stdin=corefile)
        self.assertEqual((started.returncode, len(started.stderr.splitlines())), (1, 1))
        said = run("-check", "-log-format=json", "-conf", "stdin", stdin=". {\n cach\n}\n").stderr.splitlines()
        self.assertEqual([json.loads(line)["msg"] for line in said][1], "1 error")

    def test_commands(self):
        self.assertIn("\n  explain NAME [TYPE] [flags]\n", run("-help").stdout)
        mistyped = run("explian", "web")
        self.assertEqual((mistyped.returncode, mistyped.stderr), (2, 'unknown command "explian", did you mean "explain"?\n'))

    def test_missing_corefile(self):
        result = run("-conf", "/nonexistent/Corefile")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nonexistent/Corefile", result.stderr)

    def test_bad_kubeconfig_is_told(self):
        corefile = "cluster.local:53 {\n kubernetes {\n kubeconfig /nonexistent/config\n }\n}\n"
        result = run("-check", "-conf", "stdin", stdin=corefile)
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nonexistent/config", result.stderr)

    def test_check_reads_what_the_corefile_names(self):
        with tempfile.TemporaryDirectory() as folder:
            manifest = os.path.join(folder, "bad.yaml")
            with open(manifest, "w") as out:
                out.write("kind: Namespace\n---\na: [\n")
            for option, error in (("manifests " + manifest, manifest + ": document 1, line 1: "),
                                  ("endpoint https://host:port", 'API server URL "https://host:port": bad port'),
                                  ("endpoint https://host\n tls %s %s %s" % (3 * (folder + "/none",)), folder + "/none: cannot be read")):
                result = run("-check", "-conf", "stdin", stdin="cluster.local:53 {\n kubernetes {\n %s\n }\n}\n" % option)
                self.assertEqual(result.returncode, 1)
                self.assertIn(error, result.stderr)

    def test_distributions_are_as_documented(self):
        """docs/migrate.md says of each Corefile in test/data/corefiles that it passes, or which directive is missing."""
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
        with open(os.path.join(root, "docs/migrate.md")) as doc:
            rows = [line.split("|")[1:3] for line in doc if line.startswith("| ")]
        files = sorted(glob.glob(os.path.join(root, "test/data/corefiles/*.Corefile")))
        self.assertGreaterEqual(len(files), 12)
        for path in files:
            name = os.path.basename(path).removesuffix(".Corefile")
            with self.subTest(name=name), open(path) as text:
                said = [row[1] for row in rows if "`%s`" % name in row[0]]
                self.assertEqual(len(said), 1)
                result = run("-check", "-conf", "stdin", stdin=text.read().replace("/etc/resolv.conf", "192.0.2.1"))
                missing = re.findall(r"directive '(\w+)' is not supported yet", result.stderr)
                if missing:
                    for directive in missing:
                        self.assertIn("`%s`" % directive, said[0])
                    self.assertIn("not supported yet", said[0])
                    self.assertEqual(result.stderr.count("Error during parsing"), len(missing))
                else:
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertTrue(said[0].strip().startswith("passes"))

    def test_translate_kube_dns(self):
        text = ("kind: ConfigMap\ndata:\n  federations: a=b\n  upstreamNameservers: '[\"192.0.2.1\"]'\n"
                "  stubDomains: |\n    {\"acme.local\": [\"192.0.2.2\", \"192.0.2.3:54\"]}\n")
        result = run("-translate-kube-dns", "-", stdin=text)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr, "[WARNING] stdin: data.federations left out: federations are no longer part of "
                                        "Kubernetes\n")
        self.assertIn("    forward . 192.0.2.1 {\n", result.stdout)
        self.assertTrue(result.stdout.endswith("acme.local:53 {\n    errors\n    cache 30\n    loop\n    forward . 192.0.2.2 "
                                               "192.0.2.3:54 {\n        max_concurrent 1000\n    }\n}\n"))
        check = run("-check", "-conf", "stdin", stdin=result.stdout)
        self.assertEqual((check.returncode, check.stdout, check.stderr), (0, "", ""))

    def test_translate_kube_dns_errors(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kube-dns.yaml")
            with open(path, "w") as out:
                out.write("kind: ConfigMap\ndata: {stubDomains: '{'}\n")
            for name, error in ((path, path + ": data.stubDomains: not JSON: "), (folder, folder + ": cannot be read"),
                                (path + ".none", path + ".none: cannot be read")):
                result = run("-translate-kube-dns", name)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertTrue(result.stderr.startswith(error), result.stderr)

    def test_busy_port(self):
        import socket
        with socket.socket() as tcp:
            tcp.bind(("127.0.0.1", 0))
            tcp.listen()
            port = tcp.getsockname()[1]
            result = run("-conf", "stdin", stdin=".:%d {\n bind 127.0.0.1\n whoami\n}\n" % port)
        self.assertEqual(result.returncode, 1)
        self.assertIn("address already in use", result.stderr)


if __name__ == "__main__":
    unittest.main()
