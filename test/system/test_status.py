"""fairlead status: what a running server says of itself to whoever is beside it, and the second line of /ready."""
import os
import re
import signal
import subprocess
import unittest

from api_server import OBJECTS, ApiServer
from forwarding import ForwardTest
from harness import BINARY, COREFILE, free_port


def status(*arguments, **options):
    done = subprocess.run([BINARY, "status", *arguments], text=True, capture_output=True, timeout=60, **options)
    return done.returncode, done.stdout, done.stderr


def lines(text):
    """What is said of each thing: the lines behind the first column."""
    found = {}
    for line in text.splitlines():
        about = line[:10].strip() or about
        found.setdefault(about, []).append(line[10:])
    return found


class Status(ForwardTest):
    def of(self, server, code):
        def ask():
            done = status("-pid", str(server.process.pid))
            return done if done[0] == code and done[1] else None
        _, out, err = server.wait("status %d" % code, ask)
        self.assertEqual(err, "")
        return lines(out)

    def test_a_server_that_is_well(self):
        server = self.start(COREFILE)
        server.wait_served()
        said = self.of(server, 0)
        self.assertEqual(list(said), ["server", "ready", "corefile", "reload", "cluster"])
        self.assertRegex(said["server"][0], r"^Fairlead-[\d.]+, process %d, up for \d+s$" % server.process.pid)
        self.assertEqual((said["ready"], said["reload"]), (["yes"], ["ok"]))
        served = re.fullmatch(r"served for \d+s, SHA512 ([0-9a-f]{12})\.\.\.", said["corefile"][0])
        server.logged("SHA512 = " + served[1])
        self.assertEqual(said["cluster"][0], "read from %s/cluster" % server.dir)
        self.assertEqual([re.sub(r", last heard of \d+s ago$", "", line) for line in said["cluster"][1:]],
                         ["namespaces: 1", "services: 1", "endpointslices: 0", "pods: 0"])

    def test_a_reload_that_fails(self):
        server = self.start(COREFILE)
        server.wait_served()
        with open(server.dir + "/Corefile") as corefile:
            good = corefile.read()
        self.assertEqual(server.get("ready", "/ready"), (200, "OK"))
        server.write_corefile(good.replace("loadbalance", "loadbalnce"))
        server.signal(signal.SIGUSR1)
        error = "%s/Corefile:10 - Error during parsing: Unknown directive 'loadbalnce'" % server.dir
        body = server.wait("/ready says so", lambda: (r := server.get("ready", "/ready")[1]) != "OK" and r)
        self.assertTrue(body.startswith("OK\nreload: " + error), body)
        self.assertEqual(body.count("\n"), 1)
        said = self.of(server, 0)
        self.assertRegex(said["reload"][0], r"^fails for \d+s: " + re.escape(error))
        self.assertNotIn("trouble", said)
        # The same file as before is no change, and nothing is wrong any more.
        server.write_corefile(good)
        server.wait("/ready is as before", lambda: server.get("ready", "/ready") == (200, "OK"))
        self.assertEqual(self.of(server, 0)["reload"], ["ok"])
        # Nor is it after a reload that succeeds.
        server.write_corefile("nonsense {")
        server.wait("/ready says so", lambda: "\nreload: " in server.get("ready", "/ready")[1])
        server.write_corefile(good.replace("loadbalance", ""))
        server.wait("/ready is as before", lambda: server.get("ready", "/ready") == (200, "OK"))
        self.assertEqual(self.of(server, 0)["reload"], ["ok"])

    def test_a_cluster_that_cannot_be_read(self):
        api = ApiServer(OBJECTS, {"endpointslices"})
        self.addCleanup(api.end)
        server = self.start(COREFILE.replace("manifests {dir}/cluster", "endpoint %s\n startup_timeout 10s" % api.url))
        said = self.of(server, 1)
        self.assertEqual(said["ready"], ["no: starting, waits for the Kubernetes API"])
        server.wait_served()
        said = server.wait("the missing right is told", lambda: (r := self.of(server, 1)) and "trouble" in r and r)
        self.assertEqual(said["ready"], ["no: kubernetes"])
        self.assertRegex(said["trouble"][0], r"^kubernetes: cannot watch endpointslices: 403 .* verbs list and watch on endpointslices$")
        self.assertEqual(said["cluster"][0], "not read yet from the API server")
        # A reload that fails is told also of a server that is not ready.
        server.write_corefile("nonsense {")
        server.signal(signal.SIGUSR1)
        server.wait("/ready says so", lambda: re.search(r"\Akubernetes\nkubernetes: .*\nreload: .*\Z", server.get("ready", "/ready")[1]))
        api.denied = set()
        said = self.of(server, 0)
        self.assertEqual(said["cluster"][0], "read from the API server")
        self.assertRegex(said["cluster"][2], r"^services: \d+, last heard of \d+s ago$")

    def test_upstreams(self):
        upstream = self.upstream()
        gone = "127.0.0.1:%d" % free_port()
        server = self.serve("forward . %s %s {\n policy sequential\n}" % (gone, upstream.address))
        self.assertEqual(self.of(server, 0)["upstream"],
                         ["%s is up, and has not answered yet" % to for to in (gone, upstream.address)])
        self.ask(server, "a.test")
        said = server.wait("it is down", lambda: (r := self.of(server, 0)) and "is down" in r["upstream"][0] and r["upstream"])
        self.assertRegex(said[0], r"^%s is down for \d+s: read udp 127\.0\.0\.1:\d+->%s: read: connection refused$" % (gone, gone))
        self.assertRegex(said[1], r"^%s is up, and answers in [\d.]+(µs|ms)$" % upstream.address)
        server.logged("[WARNING] plugin/forward: upstream %s is down: read udp " % gone)

    def test_who_may_ask(self):
        server = self.start(COREFILE)
        server.wait_served()
        pid = ("-pid", str(server.process.pid))
        if os.geteuid() == 0:
            code, out, err = status(*pid, user=65534, group=65534, extra_groups=[])
            self.assertEqual((code, out), (1, ""))
            self.assertIn("does not answer this user", err)
        # Of another process namespace, as other containers of a node's network are.
        inside = subprocess.run(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", BINARY, "status", *pid],
                                text=True, capture_output=True, timeout=60, check=False)
        if "unshare:" not in inside.stderr:
            self.assertEqual((inside.returncode, inside.stdout), (1, ""))
            self.assertIn("no server with process ID %d runs here" % server.process.pid, inside.stderr)
        self.assertEqual(status(*pid)[0], 0)

    def test_mistakes(self):
        self.assertEqual(status("-pid", str(os.getpid()))[0], 1)
        code, _, err = status("now")
        self.assertEqual(code, 2)
        self.assertIn("Usage: fairlead status", err)
        self.assertEqual(status("-help")[0], 0)
        servers = [self.start(COREFILE), self.start(COREFILE)]
        for server in servers:
            server.wait_served()
        code, out, err = status()
        self.assertEqual((code, out), (2, ""))
        for server in servers:
            self.assertIn(str(server.process.pid), err)


if __name__ == "__main__":
    unittest.main()
