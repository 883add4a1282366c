"""Log lines, metrics and the endpoints' bodies, as users of CoreDNS know them."""
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

    def test_first_lines(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.wait("the version", lambda: "Fairlead-" in server.log())
        self.assertRegex(server.log(), r"(?m)^cluster\.local\. on 127\.0\.0\.1:\d+$")
        self.assertRegex(server.log(), r"(?m)^\[INFO\] plugin/reload: Running configuration SHA512 = [0-9a-f]{128}$")

    def test_unanswered_query_is_an_error(self):
        corefile = COREFILE.replace("manifests {dir}/cluster", "manifests {dir}/cluster\n fallthrough")
        server = self.start(corefile)
        server.wait_served()
        self.assertEqual(server.ask("nope.shop.svc.cluster.local").rcode, 2)
        server.wait("an error line", lambda: "[ERROR] plugin/errors: 2 nope.shop.svc.cluster.local. A: "
                                             "plugin/kubernetes: no next plugin found" in server.log())


if __name__ == "__main__":
    unittest.main()
