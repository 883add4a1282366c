"""Start, readiness, lameduck, stop."""
import signal
import socket
import unittest

from harness import COREFILE, MANIFESTS, ServerTest

LAMEDUCK = COREFILE.replace("health 127.0.0.1:{health}", "health 127.0.0.1:{health} {\n lameduck 3s\n }")
NEW_SERVICE = MANIFESTS + """\
---
apiVersion: v1
kind: Service
metadata: {name: late, namespace: shop}
spec: {clusterIP: 10.96.0.8, ports: [{port: 80}]}
"""


class Lifecycle(ServerTest):
    def test_answers_over_udp_and_is_ready(self):
        server = self.start(COREFILE)
        reply = server.wait_served()
        self.assertEqual((reply.rcode, reply.addresses), (0, ["10.96.0.7"]))
        self.assertEqual(server.get("ready", "/ready"), (200, "OK"))
        self.assertEqual(server.get("health", "/health"), (200, "OK"))
        self.assertEqual(server.ask("nope.shop.svc.cluster.local").rcode, 3)
        self.assertEqual(server.ask("example.org").rcode, 5)

    def test_without_its_metrics_and_readiness_addresses_dns_is_served(self):
        with socket.create_server(("127.0.0.1", 0)) as metrics, socket.create_server(("127.0.0.1", 0)) as ready:
            ports = [taken.getsockname()[1] for taken in (metrics, ready)]
            server = self.start(COREFILE.replace("{metrics}", str(ports[0])).replace("{ready}", str(ports[1])))
            server.ports.update(metrics=ports[0], ready=ports[1])
            self.assertEqual(server.wait_served().addresses, ["10.96.0.7"])
            server.logged("[ERROR] Failed to start metrics handler: listen tcp 127.0.0.1:%d: bind: address already in use\n" % ports[0])
            server.logged("[ERROR] plugin/ready: Failed to start the handler of /ready: listen tcp 127.0.0.1:%d: bind: "
                          "address already in use\n" % ports[1])
            self.assertEqual(server.get("health", "/health"), (200, "OK"))
        server.wait("/ready is there", lambda: server.try_get("ready", "/ready") == (200, "OK"))
        self.assertIn("coredns_build_info", server.get("metrics", "/metrics")[1])

    def test_of_an_unknown_host_dns_is_served(self):
        server = self.start(COREFILE.replace("prometheus 127.0.0.1", "prometheus no.such.host.invalid"))
        self.assertEqual(server.wait_served().addresses, ["10.96.0.7"])
        server.logged("[ERROR] Failed to start metrics handler: listen tcp no.such.host.invalid:")

    def test_without_its_health_address_nothing_is(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            server = self.start(COREFILE.replace("{health}", str(taken.getsockname()[1])))
            server.expected_status = 1
            self.assertEqual(server.process.wait(20), 1)
        server.logged("bind: address already in use\n")

    def test_sigterm_without_lameduck_exits_0(self):
        server = self.start(COREFILE)
        server.wait_served()
        self.assertEqual(server.stop(), 0)

    def test_lameduck_serves_live_data_and_is_not_ready(self):
        server = self.start(LAMEDUCK)
        server.wait_served()
        server.signal(signal.SIGTERM)
        server.wait("/ready says 503", lambda: (server.try_get("ready", "/ready") or (0, ""))[0] == 503)
        self.assertEqual(server.get("health", "/health"), (200, "OK"))
        server.write_manifests(NEW_SERVICE)
        server.wait("the new service is answered",
                    lambda: getattr(server.try_ask("late.shop.svc.cluster.local"), "addresses", None) == ["10.96.0.8"])
        self.assertEqual(server.process.wait(20), 0)

    def test_second_signal_ends_at_once(self):
        server = self.start(LAMEDUCK.replace("3s", "60s"))
        server.wait_served()
        server.signal(signal.SIGTERM)
        server.wait("lameduck", lambda: "lameduck mode for 1m0s" in server.log())
        server.signal(signal.SIGTERM)
        server.expected_status = 2
        self.assertEqual(server.process.wait(20), 2)

    def test_sighup_changes_nothing(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.signal(signal.SIGHUP)
        self.assertEqual(server.ask("web.shop.svc.cluster.local").rcode, 0)

    def test_api_away_at_start_is_servfail_not_nxdomain(self):
        corefile = COREFILE.replace("manifests {dir}/cluster", "endpoint http://127.0.0.1:{other}\n startup_timeout 1s")
        server = self.start(corefile)
        server.wait("/ready says 503", lambda: (server.try_get("ready", "/ready") or (0, ""))[0] == 503)
        self.assertEqual(server.get("health", "/health"), (200, "OK"))
        self.assertEqual(server.wait_served().rcode, 2)
        server.logged("starting server with unsynced Kubernetes API")
        self.assertEqual(server.get("ready", "/ready")[1].splitlines()[0], "kubernetes")
        server.wait("/ready says why",
                    lambda: "listing services: connecting: Connection refused" in server.get("ready", "/ready")[1])


if __name__ == "__main__":
    unittest.main()
