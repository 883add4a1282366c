"""Rights that the server's role lacks: said in the log with verb and resource, and on /ready."""
import unittest

from api_server import OBJECTS, ApiServer
from harness import COREFILE, ServerTest

WHY = ('cannot watch endpointslices: 403 endpointslices.discovery.k8s.io is forbidden: '
       'User "system:serviceaccount:kube-system:coredns" cannot watch resource "endpointslices" in API group '
       '"discovery.k8s.io" at the cluster scope; the role needs the verbs list and watch on endpointslices')


class Rights(ServerTest):
    def start_with(self, denied):
        api = ApiServer(OBJECTS, denied)
        self.addCleanup(api.end)
        return api, self.start(COREFILE.replace("manifests {dir}/cluster", "endpoint %s\n startup_timeout 1s" % api.url))

    def test_a_missing_right_is_named(self):
        api, server = self.start_with({"endpointslices"})
        status, body = server.wait("/ready says why", lambda: (r := server.try_get("ready", "/ready")) and "403" in r[1] and r)
        self.assertEqual((status, body), (503, "kubernetes\nkubernetes: " + WHY))
        server.logged("[WARNING] plugin/kubernetes: " + WHY + "\n")
        for _ in range(20):  # probes
            self.assertEqual(server.get("ready", "/ready")[0], 503)
        line = 'plugin/ready: Plugins not ready: "kubernetes"; kubernetes: ' + WHY + "\n"
        server.wait("the log says why", lambda: line in server.log())
        self.assertEqual(server.log().count(line), 1)
        # What is known is served; what is not known is not denied.
        server.wait("what is known is served", lambda: (r := server.try_ask("web.shop.svc.cluster.local"))
                    and r.addresses == ["10.96.0.7"])
        self.assertEqual(server.ask("db-0.db.shop.svc.cluster.local").rcode, 2)
        self.assertEqual(server.get("ready", "/ready")[0], 503)
        api.denied = set()
        server.wait("readiness", lambda: server.get("ready", "/ready") == (200, "OK"))
        self.assertEqual(server.ask("db-0.db.shop.svc.cluster.local").addresses, ["10.244.1.7"])
        server.wait("the log says so", lambda: "listing endpointslices succeeded again" in server.log())

    def test_every_missing_right_is_named(self):
        _, server = self.start_with({"namespaces", "services", "endpointslices"})
        body = server.wait("all are told", lambda: (r := server.try_get("ready", "/ready")) and r[1].count("403") == 3 and r[1])
        for resource in ("namespaces", "services", "endpointslices"):
            self.assertRegex(body, r"(?m)^kubernetes: cannot watch %s: 403 .* verbs list and watch on %s$" % (resource, resource))


if __name__ == "__main__":
    unittest.main()
