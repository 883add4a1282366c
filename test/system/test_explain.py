"""`fairlead explain`: over manifests, over an API server, and beside a running server."""
import os
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from api_server import OBJECTS, ApiServer, metadata
from harness import BINARY, COREFILE, MANIFESTS, ServerTest
from upstream import listen


def explain(*arguments, stdin=None, cwd=None):
    return subprocess.run([BINARY, "explain", *arguments], input=stdin, text=True, capture_output=True, timeout=60, cwd=cwd)


class Upstream:
    """Says one thing to every query: the bytes behind the question, and counts."""

    def __init__(self, flags, counts, rest):
        self.udp, self.tcp = listen()
        self.flags, self.counts, self.rest, self.truncate = flags, counts, rest, False
        threading.Thread(target=self.serve_udp, daemon=True).start()
        threading.Thread(target=self.serve_tcp, daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.udp.getsockname()[1]

    def reply(self, asked, truncated):
        end = asked.index(b"\0", 12) + 5
        if truncated:
            return asked[:2] + struct.pack("!5H", self.flags | 0x0200, 1, 0, 0, 0) + asked[12:end]
        return asked[:2] + struct.pack("!5H", self.flags, 1, *self.counts) + asked[12:end] + self.rest

    def serve_udp(self):
        while True:
            try:
                asked, client = self.udp.recvfrom(4096)
            except OSError:
                return
            self.udp.sendto(self.reply(asked, self.truncate), client)

    def serve_tcp(self):
        while True:
            try:
                peer = self.tcp.accept()[0]
            except OSError:
                return
            with peer:
                size = struct.unpack("!H", peer.recv(2))[0]
                reply = self.reply(peer.recv(size), False)
                peer.sendall(struct.pack("!H", len(reply)) + reply)

    def end(self):
        self.udp.close()
        self.tcp.close()


class Explain(ServerTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        with open(os.path.join(self.dir, "objects.yaml"), "w") as out:
            out.write(MANIFESTS)
        self.corefile = os.path.join(self.dir, "Corefile")
        with open(self.corefile, "w") as out:
            out.write(".:53 {\n    kubernetes cluster.local {\n        manifests %s\n        ttl 30\n    }\n"
                      "    forward . 192.0.2.1\n}\n" % self.dir)

    def test_answer_and_status(self):
        result = explain("web.shop.svc.cluster.local", "-conf", self.corefile)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, """\
web.shop.svc.cluster.local. A
  block       zone . on :53 (%s:1)
  kubernetes  the name is in the zone cluster.local. (%s:2)
  from        Service shop/web (ClusterIP)
  hint        Service shop/web has no EndpointSlice: the Service has no selector, so whoever made it has to give it endpoints
  answer      NOERROR, authoritative
              web.shop.svc.cluster.local. 30 IN A 10.96.0.7
""" % (self.corefile, self.corefile))
        for name, rtype, status, text in (
                ("web.shoop.svc.cluster.local", "A", 1, "  because     namespace 'shoop' does not exist\n"),
                ("web.shop.svc.cluster.local", "AAAA", 1, "type AAAA has no records: NODATA: it has no IPv6 address\n"),
                ("example.com", "A", 0, "goes to forward . 192.0.2.1:53 (")):
            with self.subTest(name=name):
                result = explain(name, rtype, "-conf", self.corefile)
                self.assertEqual((result.returncode, result.stderr), (status, ""))
                self.assertIn(text, result.stdout)

    def test_usage_and_configuration_errors(self):
        for arguments, error in (((), "explain needs a name"), (("a", "-nonsense", "x"), "flag provided but not defined"),
                                 (("a", "-conf", "/nonexistent"), "/nonexistent"),
                                 (("a.cluster.local", "-conf", self.corefile, "-manifests", "/nonexistent"), "/nonexistent"),
                                 (("a.cluster.local", "-conf", self.corefile, "-kubeconfig", "/nonexistent"), "/nonexistent")):
            with self.subTest(arguments=arguments):
                result = explain(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertIn(error, result.stderr)
        self.assertIn("Usage: fairlead explain NAME", explain("-h").stdout)

    def test_corefile_of_the_folder_and_of_stdin(self):
        self.assertEqual(explain("web.shop.svc.cluster.local", cwd=self.dir).returncode, 0)
        with open(self.corefile) as text:
            self.assertEqual(explain("web.shop.svc.cluster.local", "-conf", "stdin", stdin=text.read()).returncode, 0)

    def test_api_server(self):
        api = ApiServer(OBJECTS)
        self.addCleanup(api.end)
        corefile = "cluster.local {\n kubernetes {\n  endpoint %s\n }\n}\n" % api.url
        result = explain("db-0.db.shop.svc.cluster.local", "-conf", "stdin", stdin=corefile)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("  from        EndpointSlice shop/db-x7k2p: 10.244.1.7 (hostname db-0, Pod shop/db-0)\n", result.stdout)
        self.assertIn("  answer      NOERROR, authoritative\n", result.stdout)

    def test_missing_right(self):
        api = ApiServer(OBJECTS, {"endpointslices"})
        self.addCleanup(api.end)
        corefile = "cluster.local {\n kubernetes {\n  endpoint %s\n }\n}\n" % api.url
        result = explain("db-0.db.shop.svc.cluster.local", "-conf", "stdin", "-timeout", "1", stdin=corefile)
        self.assertEqual(result.returncode, 1)
        self.assertIn("  trouble     cannot watch endpointslices: 403 ", result.stdout)
        self.assertIn("; the role needs the verbs list and watch on endpointslices\n", result.stdout)
        self.assertIn("  answer      SERVFAIL", result.stdout)
        # A service that has an answer all the same: nothing is said of endpoints that nobody could read.
        result = explain("web.shop.svc.cluster.local", "-conf", "stdin", "-timeout", "4", stdin=corefile)
        self.assertEqual(result.returncode, 0)
        self.assertIn("  hint        endpointslices have not been read: whether it has endpoints is not known here\n", result.stdout)
        self.assertNotIn("selector", result.stdout)

    def objects(self):
        """Those of the API server, with a slice that is not ready, one that is empty, and pods."""
        def of(service):
            return {"kubernetes.io/service-name": service}
        pods = [{"metadata": metadata("web-1", "shop", labels={"app": "web"}), "status": {"phase": "Running", "podIP": "10.244.1.9"},
                 "spec": {"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}}}]
        services = [dict(OBJECTS["services"][0], spec=dict(OBJECTS["services"][0]["spec"], selector={"app": "webb"})), OBJECTS["services"][1]]
        slices = [{"metadata": metadata("db-1", "shop", labels=of("db")), "addressType": "IPv4", "ports": [],
                   "endpoints": [{"addresses": ["10.244.0.19"], "hostname": "db-0", "conditions": {"ready": False},
                                  "targetRef": {"kind": "Pod", "name": "db-0", "namespace": "shop"}}]},
                  {"metadata": metadata("web-1", "shop", labels=of("web")), "addressType": "IPv4", "ports": [], "endpoints": []}]
        return dict(OBJECTS, services=services, endpointslices=slices, pods=pods)

    def test_endpoints_that_are_not_published(self):
        api = ApiServer(self.objects())
        self.addCleanup(api.end)
        corefile = "cluster.local {\n kubernetes {\n  endpoint %s\n }\n}\n" % api.url
        said = explain("db.shop.svc.cluster.local", "-conf", "stdin", stdin=corefile).stdout
        self.assertIn("  hint        EndpointSlice shop/db-1: 1 endpoint, none ready: pod shop/db-0 (10.244.0.19)\n", said)
        said = explain("web.shop.svc.cluster.local", "-conf", "stdin", stdin=corefile).stdout
        self.assertIn("  hint        the slice shop/web-1 is empty: no pod matches selector app=webb\n"
                      "              there are pods with the label app=web: is that meant?\n", said)
        # The search list of a namespace, and of a pod with an ndots of its own.
        said = explain("web", "-namespace", "shop", "-conf", "stdin", stdin=corefile).stdout
        self.assertIn("  1           web.shop.svc.cluster.local.: NOERROR, the answer\n  costs       1 name, 2 questions", said)
        said = explain("web.shop", "-pod", "shop/web-1", "-conf", "stdin", stdin=corefile).stdout
        self.assertIn("  1           web.shop.: REFUSED\n", said)
        self.assertIn("              ndots:1", said)
        missing = explain("web", "-pod", "shop/none", "-conf", "stdin", stdin=corefile)
        self.assertEqual((missing.returncode, missing.stderr), (2, "there is no pod shop/none\n"))
        api.denied.add("pods")
        denied = explain("web", "-pod", "shop/web-1", "-conf", "stdin", stdin=corefile)
        self.assertEqual(denied.returncode, 2)
        self.assertIn("pod shop/web-1: cannot list pods: 403 pods is forbidden", denied.stderr)

    def test_corefile_of_the_cluster(self):
        text = ".:53 {\n    kubernetes cluster.local\n    forward . 192.0.2.1\n}\n"
        api = ApiServer(dict(OBJECTS, configmaps=[{"metadata": metadata("coredns", "kube-system"), "data": {"Corefile": text}}]))
        self.addCleanup(api.end)
        kubeconfig = os.path.join(self.dir, "config")
        with open(kubeconfig, "w") as out:
            out.write("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
                      "clusters: [{name: c, cluster: {server: '%s'}}]\nusers: [{name: u, user: {}}]\n" % api.url)
        empty = tempfile.TemporaryDirectory()
        self.addCleanup(empty.cleanup)
        result = explain("web.shop.svc.cluster.local", "-kubeconfig", kubeconfig, cwd=empty.name)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("Corefile: the ConfigMap kube-system/coredns\n\n"), result.stdout)
        self.assertIn("  kubernetes  the name is in the zone cluster.local. (ConfigMap kube-system/coredns:2)\n", result.stdout)
        api.denied.add("configmaps")
        result = explain("example.com", "-kubeconfig", kubeconfig, cwd=empty.name)
        self.assertRegex(result.stdout, r"^Corefile: none here, and no ConfigMap kube-system/coredns with one \(cannot list configmaps: 403 .*\)\. "
                                        r"This is about the built-in one, which has whoami and log and no cluster\n")
        result = explain("example.com", cwd=empty.name)
        self.assertTrue(result.stdout.startswith("Corefile: none here. This is about the built-in one"), result.stdout)

    def test_upstreams_of_a_running_server(self):
        upstream = Upstream(0x8183, (0, 0, 0), b"")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            dead = "127.0.0.1:%d" % gone.getsockname()[1]
        self.addCleanup(upstream.end)
        server = self.start(".:{dns} {\n    prometheus 127.0.0.1:{metrics}\n    ready 127.0.0.1:{ready}\n"
                            "    forward . %s %s {\n        policy sequential\n        max_fails 1\n    }\n}\n" % (dead, upstream.address))
        server.wait_served()
        address = "127.0.0.1:%d" % server.ports["dns"]
        conf = os.path.join(server.dir, "Corefile")

        def asked():
            return explain("example.com", "-conf", conf, "-server", address).stdout
        server.wait("upstream is told to be down", lambda: "  upstream    %s: is down" % dead in asked())
        self.assertIn("  upstream    %s: is up" % upstream.address, asked())
        server.stop()
        self.assertRegex(asked(), r"  upstreams   not known: http://127\.0\.0\.1:\d+/metrics: ")

    def test_running_server(self):
        server = self.start(COREFILE)
        server.wait_served()
        address = "127.0.0.1:%d" % server.ports["dns"]
        conf = os.path.join(server.dir, "Corefile")
        result = explain("web.shop.svc.cluster.local", "-conf", conf, "-server", address)
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"(?m)^  server      %s says NOERROR, authoritative \(UDP, [0-9.]+ ms\)$" % address)
        self.assertIn("  same        the server says what this Corefile and cluster say\n", result.stdout)
        # Another cluster here: both are told, the status is the server's.
        with open(os.path.join(self.dir, "objects.yaml"), "w") as out:
            out.write(MANIFESTS.replace("10.96.0.7", "10.96.0.8"))
        result = explain("web.shop.svc.cluster.local", "-conf", conf, "-server", address, "-manifests", self.dir)
        self.assertEqual(result.returncode, 0)
        self.assertIn("  differs     only here: web.shop.svc.cluster.local. 5 IN A 10.96.0.8\n", result.stdout)
        self.assertIn("  differs     only there: web.shop.svc.cluster.local. 5 IN A 10.96.0.7\n", result.stdout)
        # No Corefile here.
        result = explain("nope.shop.svc.cluster.local", "-server", address, cwd=tempfile.gettempdir())
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"(?s)^nope\.shop\.svc\.cluster\.local\. A\n  server      \S+ says NXDOMAIN, authoritative.*"
                                        r"authority: cluster\.local\. 5 IN SOA ")

    def test_truncated_reply_and_extended_error(self):
        opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 4 + 2 + 5) + struct.pack("!HHH", 15, 7, 22) + b"d\x07wn!"
        upstream = Upstream(0x8182, (0, 0, 1), opt)
        self.addCleanup(upstream.end)
        for upstream.truncate, transport in ((False, "UDP"), (True, "TCP")):
            result = explain("example.com", "-server", upstream.address, cwd=tempfile.gettempdir())
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stdout, r"says SERVFAIL, not authoritative \(%s, " % transport)
            self.assertIn("              extended error 22 (d?wn!)\n", result.stdout)

    def test_nobody_there(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % udp.getsockname()[1]
            result = explain("example.com", "-conf", self.corefile, "-server", address)
        self.assertEqual(result.returncode, 1)
        self.assertIn("  server      %s: no reply within 2 s\n" % address, result.stdout)


if __name__ == "__main__":
    unittest.main()
