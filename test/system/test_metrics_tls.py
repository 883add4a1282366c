"""`tls` and `runtime_metrics` of `prometheus`: who may read the metrics, and what changes while the server runs."""
import base64
import contextlib
import http.client
import os
import socket
import ssl
import time
import unittest

import certificates
from harness import PATIENCE, ServerTest

COREFILE = """\
.:{dns} {
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:{metrics} {
        runtime_metrics
        tls {dir}/web.yml
    }
    whoami
}
"""
TLS = "tls_server_config:\n  cert_file: web.test.pem\n  key_file: web.test.key\n"
# Of "secret", with the cheapest cost; made by htpasswd -nBC 4.
SECRET = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"


MOST = 64  # connections of the HTTP server


def is_closed(connection):
    """What is closed with octets unread is reset."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()}


class MetricsTls(ServerTest):
    def serve(self, web, served=True):
        server = self.start(COREFILE, files={"empty": ""})
        certificates.make(server.dir, "web.test", addresses=["127.0.0.1"])
        certificates.make(server.dir, "client.test")
        certificates.make(server.dir, "other.test")
        server.wait("DNS", lambda: server.try_ask("a.test"))
        server._replace("web.yml", web)
        if served:
            server.wait("metrics", lambda: "Metrics handler started" in server.log())
        return server

    def client(self, server, shown=None):
        context = ssl.create_default_context(cafile=os.path.join(server.dir, "ca.pem"))
        if shown:
            context.load_cert_chain(os.path.join(server.dir, shown + ".pem"), os.path.join(server.dir, shown + ".key"))
        return context

    def get(self, server, shown=None, headers=None, path="/metrics"):
        with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", server.ports["metrics"], timeout=5,
                                                            context=self.client(server, shown))) as connection:
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode(), dict(response.getheaders())

    def test_a_file_that_comes_late_and_certificates_that_change(self):
        server = self.serve(TLS)
        server.logged("[ERROR] Invalid TLS config: open %s/web.yml: no such file or directory" % server.dir)
        status, text, _ = self.get(server)
        self.assertEqual(status, 200)
        for name in ("go_memstats_alloc_bytes", "go_memstats_sys_bytes", "go_sched_gomaxprocs_threads"):
            self.assertRegex(text, r"(?m)^%s \d+" % name)
        self.assertEqual(self.get(server, path="/")[0], 404)
        with self.assertRaises((http.client.HTTPException, OSError)):
            server.get("metrics", "/metrics")  # without TLS
        os.remove(os.path.join(server.dir, "ca.pem"))
        os.remove(os.path.join(server.dir, "ca.key"))
        certificates.make(server.dir, "web.test", addresses=["127.0.0.1"])
        self.assertEqual(self.get(server)[0], 200)  # of the new authority
        server._replace("web.yml", TLS + "nothing: 1\n")
        self.assertEqual(self.get(server)[0], 200)
        server.logged("[ERROR] Invalid TLS config: yaml: unmarshal errors: line 4: field nothing not found in type "
                      "web.Config; metrics are served as before")

    def test_client_certificates(self):
        server = self.serve(TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
                                  "  client_allowed_sans: [client.test]\n")
        self.assertEqual(self.get(server, shown="client.test")[0], 200)
        for shown in (None, "other.test"):
            with self.assertRaises((http.client.HTTPException, OSError), msg=shown):
                self.get(server, shown=shown)

    def test_passwords_headers_and_a_limit(self):
        server = self.serve(TLS + "http_server_config:\n  headers:\n    X-Frame-Options: deny\n"
                                  "basic_auth_users:\n  ann: '%s'\n" % SECRET)
        for headers in (None, basic("ann", "wrong"), basic("bob", "secret"), basic("ann", ""), {"Authorization": "Basic !"},
                        {"Authorization": "Bearer x"}):
            status, text, said = self.get(server, headers=headers)
            self.assertEqual((status, text, said["WWW-Authenticate"]), (401, "Unauthorized\n", "Basic"), headers)
        for _ in range(3):
            status, text, said = self.get(server, headers=basic("ann", "secret"))
            self.assertEqual((status, said["X-Frame-Options"]), (200, "deny"))
        server._replace("web.yml", TLS + "rate_limit:\n  interval: 1h\n  burst: 2\n")
        self.assertEqual([self.get(server)[0] for _ in range(4)], [200, 200, 429, 429])

    def test_stalled_handshakes(self):
        """They are bounded: each one more closes the oldest, and none keeps a scrape away."""
        server = self.serve(TLS)
        with contextlib.ExitStack() as open_ones:
            stalled = []
            for _ in range(2 * MOST):
                stalled.append(open_ones.enter_context(socket.create_connection(("127.0.0.1", server.ports["metrics"]), timeout=PATIENCE)))
                stalled[-1].sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a ClientHello
            self.assertEqual(self.get(server)[0], 200)
            for one in stalled[:MOST]:
                self.assertTrue(is_closed(one))
            stalled[-1].setblocking(False)
            with self.assertRaises(BlockingIOError):
                stalled[-1].recv(1)

    def test_versions(self):
        server = self.serve(TLS + "  min_version: TLS13\n")
        context = self.client(server)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises(ssl.SSLError):
            with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", server.ports["metrics"], timeout=5,
                                                                context=context)) as connection:
                connection.request("GET", "/metrics")
        self.assertEqual(self.get(server)[0], 200)

    def test_a_reload_takes_tls_away_and_back(self):
        server = self.serve(TLS)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.ports["metrics"], timeout=5)) as plain:
            server.edit_corefile("tls {dir}/web.yml".replace("{dir}", server.dir), "# none")
            plain.request("GET", "/metrics")
            self.assertEqual(plain.getresponse().read().count(b"coredns_build_info{"), 1)
            server.write_corefile(COREFILE)
            server.reload()
            with self.assertRaises((http.client.HTTPException, OSError)):  # a connection that was made without TLS
                plain.request("GET", "/metrics")
                plain.getresponse()
        self.assertEqual(self.get(server)[0], 200)

    def test_a_file_that_is_wrong(self):
        server = self.serve("tls_server_config:\n  cert_file: web.test.pem\n", served=False)
        server.wait("the error", lambda: "Invalid TLS config: missing one of key or key_file" in server.log())
        time.sleep(0.1)
        self.assertIsNone(server.try_get("metrics", "/metrics"))
        server.expected_status = 0


if __name__ == "__main__":
    unittest.main()
