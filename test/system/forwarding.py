"""What the tests of forward, cache, loop and hosts share: a cluster beside forwarded names, and scripted upstreams."""
import re
import shutil
import subprocess
import threading

import dnsmessage as dns
import upstream as scripted
from harness import MANIFESTS, ServerTest

COREFILE = """\
.:{dns} {
    bind 127.0.0.1
    errors
    health 127.0.0.1:{health}
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    kubernetes cluster.local {
        manifests {dir}/cluster
    }
%s
}
"""
CLUSTER_NAME = "web.shop.svc.cluster.local"
# The cluster with a service that is a name elsewhere.
EXTERNAL = MANIFESTS + """\
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: ExternalName, externalName: %s}
"""


def series(text, name, **labels):
    """The sum of the series of `name` that have these labels, maybe among others; None when there is none."""
    found = []
    for line in text.splitlines():
        matched = re.fullmatch(re.escape(name) + r"(?:\{(.*)\})? (\S+)", line)
        if matched:
            own = dict(re.findall(r'(\w+)="([^"]*)"', matched[1] or ""))
            if all(own.get(key) == value for key, value in labels.items()):
                found.append(float(matched[2]))
    return sum(found) if found else None


class ForwardTest(ServerTest):
    def upstream(self, *args, **kwargs):
        upstream = scripted.Upstream(*args, **kwargs)
        self.addCleanup(upstream.close)
        return upstream

    def serve(self, lines, **kwargs):
        """A running server with these lines in its block, that answers cluster names."""
        server = self.start(COREFILE % lines, **kwargs)
        server.wait_served(CLUSTER_NAME)
        return server

    def forward(self, *upstreams, options="", extra="", **kwargs):
        """A server that forwards everything to these; `options` of forward and `extra` directives, a line each."""
        to = " ".join(u.address for u in upstreams)
        return self.serve("forward . %s {\n%s\n}\n%s" % (to, options, extra), **kwargs)

    def ask(self, server, name, rtype="A", edns=0, tcp=False, timeout=30):
        return dns.exchange(server.ports["dns"], dns.query(name, rtype, edns=edns), tcp, timeout)

    def ask_together(self, server, names, **kwargs):
        """Asks for all the names at once; replies by name, None where none came."""
        replies = dict.fromkeys(names)

        def one(name):
            try:
                replies[name] = self.ask(server, name, **kwargs)
            except OSError:
                pass

        threads = [threading.Thread(target=one, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return replies

    def background(self, function):
        """Runs it on a thread; what is returned waits for it and gives its value."""
        values = []
        thread = threading.Thread(target=lambda: values.append(function()))
        thread.start()
        self.addCleanup(thread.join)

        def result():
            thread.join()
            return values[0]
        return result

    def assert_right(self, reply, name):
        """The reply is the one that the behaviour `answer` gives."""
        self.assertIsNotNone(reply, name)
        self.assertEqual((reply.rcode, reply.addresses), (dns.NOERROR, [scripted.address_of(name.rstrip(".") + ".")]), (name, reply))

    def assert_alive(self, server, name):
        """A good name is answered, and so is the cluster."""
        self.assert_right(self.ask(server, name), name)
        self.assert_cluster_served(server)

    def assert_cluster_served(self, server):
        self.assertEqual(self.ask(server, CLUSTER_NAME).addresses, ["10.96.0.7"])

    def metric(self, server, name, **labels):
        return series(server.get("metrics", "/metrics")[1], name, **labels)

    def assert_metrics_parse(self, server):
        """promtool (Debian package prometheus) has nothing to say. Returns the metrics."""
        text = server.get("metrics", "/metrics")[1]
        promtool = shutil.which("promtool")
        self.assertIsNotNone(promtool, "promtool is not installed (Debian package prometheus)")
        check = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True)
        self.assertEqual((check.returncode, check.stderr + check.stdout), (0, ""))
        return text
