"""Log lines, metrics and the endpoints' bodies, as users of CoreDNS know them."""
import hashlib
import json
import re
import shutil
import subprocess
import unittest

from harness import COREFILE, ServerTest


def sample(text, name, **labels):
    """The value of the one series of `name` with exactly these labels, in any order."""
    for line in text.splitlines():
        if line.startswith(name + "{"):
            found = dict(re.findall(r'(\w+)="([^"]*)"', line[line.index("{"):line.rindex("}")]))
            if found == labels:
                return float(line.split()[-1])
    return None


class Observability(ServerTest):
    def test_metrics_pass_promtool_and_count(self):
        server = self.start(COREFILE + "other.test:{other} {\n bind 127.0.0.1\n prometheus 127.0.0.1:{metrics}\n whoami\n}\n")
        server.wait_served()
        for _ in range(10):
            server.ask("web.shop.svc.cluster.local", "AAAA")
        server.ask("example.org")
        server.ask("example.org", port="other")
        server.ask("example.org", port="other")
        status, text = server.get("metrics", "/metrics")
        self.assertEqual(status, 200)
        labels = {"server": "dns://127.0.0.1:%d" % server.ports["dns"], "zone": "cluster.local.", "view": ""}
        self.assertEqual(sample(text, "coredns_dns_requests_total", **labels, proto="udp", family="1", type="AAAA"), 10)
        labels["zone"] = "dropped"
        self.assertEqual(sample(text, "coredns_dns_responses_total", **labels, rcode="REFUSED", plugin=""), 1)
        labels["server"] = "dns://127.0.0.1:%d" % server.ports["other"]
        self.assertEqual(sample(text, "coredns_dns_responses_total", **labels, rcode="REFUSED", plugin=""), 2)
        self.assertRegex(text, r'coredns_plugin_enabled\{[^}]*name="kubernetes"[^}]*\} 1')
        self.assertRegex(text, r'(?m)^coredns_build_info\{(?=.*version="[0-9.]+")(?=.*revision=")(?=.*goversion=".).*\} 1$')
        for name in ("process_resident_memory_bytes", "process_cpu_seconds_total", "coredns_reload_version_info",
                     "coredns_dns_request_duration_seconds_bucket", "coredns_panics_total"):
            self.assertIn(name, text)
        if promtool := shutil.which("promtool"):
            check = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True)
            self.assertEqual((check.returncode, check.stderr + check.stdout), (0, ""))
        else:
            self.fail("promtool is not installed (Debian package prometheus)")

    def test_log_line(self):
        server = self.start(COREFILE.replace("    errors\n", "    errors\n    log\n"))
        server.wait_served()
        line = server.wait("a log line", lambda: next((l for l in server.log().splitlines() if '"A IN' in l), None))
        self.assertRegex(line, re.compile(
            r'^\[INFO\] 127\.0\.0\.1:\d+ - 4711 "A IN web\.shop\.svc\.cluster\.local\. udp 44 false 512" '
            r'NOERROR qr,aa,rd \d+ 0\.\d+s$'))

    def test_json_lines(self):
        server = self.start(COREFILE.replace("    errors\n", "    errors\n    log\n"), arguments=("-log-format", "json"))
        server.wait_served()
        server.ask('we"b.shop.svc.cluster.local', "AAAA")
        server.wait("the log lines", lambda: "NXDOMAIN" in server.log())
        lines = [json.loads(line) for line in server.log().splitlines()]
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
            self.assertIn(line["level"], ("INFO", "WARN", "ERROR"))
        start = next(line for line in lines if "Fairlead-" in line["msg"])
        self.assertRegex(start["msg"], r"\Acluster\.local\.:\d+ on 127\.0\.0\.1\nFairlead-\S+\nlinux/[^\n]+\Z")
        self.assertTrue(any(line.get("plugin") == "reload" and line["msg"].startswith("Running configuration SHA512 = ")
                            for line in lines))
        asked = lines[-1]
        self.assertRegex(asked["msg"], r'^127\.0\.0\.1:\d+ - 4711 "AAAA IN we\\"b\.shop\.svc\.cluster\.local\. udp 45 false 512" '
                                       r'NXDOMAIN qr,aa,rd \d+ [0-9.]+s$')
        del asked["time"], asked["msg"]
        self.assertIsInstance(asked.pop("client_port"), int)
        self.assertIsInstance(asked.pop("response_size"), int)
        self.assertIsInstance(asked.pop("duration_seconds"), float)
        self.assertEqual(asked, {
            "level": "INFO", "plugin": "log", "client_ip": "127.0.0.1", "qname": 'we\\"b.shop.svc.cluster.local.',
            "qtype": "AAAA", "qclass": "IN", "protocol": "udp", "id": 4711, "opcode": 0, "request_size": 45,
            "dnssec_ok": False, "bufsize": 512, "rcode": "NXDOMAIN"})

    def test_first_lines(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.wait("the version", lambda: "Fairlead-" in server.log())
        server.logged_as(r"(?m)^cluster\.local\.:\d+ on 127\.0\.0\.1$")
        server.logged_as(r"(?m)^\[INFO\] plugin/reload: Running configuration SHA512 = [0-9a-f]{128}$")

    def test_the_hash_is_that_of_coredns(self):
        """Of the words of each directive with file and line, as JSON: test/data/coredns-1.15-hashes.txt has more of them."""
        server = self.start(".:{dns} {\n bind 127.0.0.1\n # x\n whoami\n import {dir}/x.conf\n prometheus 127.0.0.1:{metrics}\n}\n",
                            files={"x.conf": "reload 2s 0s\n"})
        server.wait_served()
        def words(line, *texts, path=""):
            return [{"File": path, "Line": line, "Text": text} for text in texts]
        block = {"Keys": [".:%d" % server.ports["dns"]], "Tokens": {
            "bind": words(2, "bind", "127.0.0.1"), "prometheus": words(6, "prometheus", "127.0.0.1:%d" % server.ports["metrics"]),
            "reload": words(1, "reload", "2s", "0s", path=server.dir + "/x.conf"), "whoami": words(4, "whoami")}}
        value = hashlib.sha512(json.dumps([block], separators=(",", ":")).encode()).hexdigest()
        self.assertEqual(sample(server.get("metrics", "/metrics")[1], "coredns_reload_version_info", hash="sha512", value=value), 1)
        server.logged("plugin/reload: Running configuration SHA512 = %s\n" % value)

    def test_a_zone_that_is_no_usual_name_is_told(self):
        server = self.start("x$y.test:{dns} {\n bind ::1\n whoami\n}\n")
        server.wait("the version", lambda: "Fairlead-" in server.log())
        server.logged_as(r'\AWarning: Domain "x\$y\.test\." does not follow RFC1035 preferred syntax\n'
                         r"x\$y\.test\.:\d+ on ::1\n")

    def test_directives_that_see_questions_are_enabled(self):
        server = self.start(COREFILE)
        server.wait_served()
        text = server.get("metrics", "/metrics")[1]
        self.assertEqual(sorted(re.findall(r'coredns_plugin_enabled\{[^}]*name="(\w+)"', text)),
                         ["errors", "kubernetes", "loadbalance", "prometheus"])

    def test_unanswered_query_is_an_error(self):
        corefile = COREFILE.replace("manifests {dir}/cluster", "manifests {dir}/cluster\n fallthrough")
        server = self.start(corefile)
        server.wait_served()
        self.assertEqual(server.ask("nope.shop.svc.cluster.local").rcode, 2)
        server.wait("an error line", lambda: "[ERROR] plugin/errors: 2 nope.shop.svc.cluster.local. A: "
                                             "plugin/kubernetes: no next plugin found" in server.log())


if __name__ == "__main__":
    unittest.main()
