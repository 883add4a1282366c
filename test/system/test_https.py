"""DNS over HTTPS as clients see it: curl and kdig speak either version of HTTP, and h2load many streams at once."""
import base64
import os
import shutil
import socket
import subprocess
import time
import unittest

import certificates
import dnsmessage as dns
import test_tls
from forwarding import CLUSTER_NAME

COREFILE = """\
.:{dns} https://.:{other} {
    bind 127.0.0.1
    log . "{name} {proto} {rcode}"
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
%s
    kubernetes cluster.local {
        manifests {dir}/cluster
    }
%s
}
"""
TLS = "    tls {dir}/pki/dns.test.pem {dir}/pki/dns.test.key"


def encoded(message):
    return base64.urlsafe_b64encode(message).rstrip(b"=").decode()


class Response:
    """What curl prints with -i."""

    def __init__(self, octets):
        head, self.body = octets.split(b"\r\n\r\n", 1)
        while head.startswith(b"HTTP/1.1 100"):
            head, self.body = self.body.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        self.version, self.status = first.split()[:2]
        self.fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def message(self):
        return dns.Message(self.body)


class HttpsTest(test_tls.TlsTest):
    def serve(self, tls=TLS, lines="", **kwargs):
        return super().serve(tls, lines, COREFILE, **kwargs)

    def curl(self, server, *arguments, path="/dns-query", scheme="https", body=None):
        """The version is HTTP/2 unless it is among the arguments."""
        if not any(a.startswith("--http") for a in arguments):
            arguments = ("--http2" if scheme == "https" else "--http2-prior-knowledge", *arguments)
        said = subprocess.run(
            ["curl", "-s", "-S", "-i", "--path-as-is", "--cacert", self.pki(server, "ca.pem"), *arguments,
             "%s://127.0.0.1:%d%s" % (scheme, server.ports["other"], path)], capture_output=True, input=body, timeout=60)
        self.assertEqual(said.returncode, 0, said.stderr)
        return Response(said.stdout)

    def get(self, server, *arguments, name=CLUSTER_NAME, rtype="A", **kwargs):
        return self.curl(server, *arguments, path="/dns-query?dns=" + encoded(dns.query(name, rtype)), **kwargs)

    def post(self, server, body, *arguments, **kwargs):
        return self.curl(server, "--data-binary", "@-", *arguments, body=body, **kwargs)

    def assert_served(self, response):
        self.assertEqual(response.status, "200")
        self.assertEqual(response.fields["content-type"], "application/dns-message")
        self.assertEqual(response.fields["content-length"], str(len(response.body)))
        self.assertEqual(response.message.addresses, ["10.96.0.7"])
        self.assertEqual(response.message.ident, 4711)


class Requests(HttpsTest):
    def test_both_methods_of_both_versions(self):
        server = self.serve()
        for arguments, version in ((["--http2"], "HTTP/2"), (["--http1.1"], "HTTP/1.1"), (["--http1.0", "--no-alpn"], "HTTP/1.1")):
            response = self.get(server, *arguments)
            self.assertEqual(response.version, version)
            self.assert_served(response)
            self.assertEqual(response.fields["cache-control"], "max-age=5")
            self.assert_served(self.post(server, dns.query(CLUSTER_NAME), "-H", "Content-Type: application/dns-message", *arguments))
            self.assert_served(self.post(server, dns.query(CLUSTER_NAME), "-H", "Content-Type:", *arguments))
        server.logged("%s. tcp NOERROR" % CLUSTER_NAME)
        server.logged_as("(?m)^https://.:%d on 127.0.0.1$" % server.ports["other"])
        label = "https://127.0.0.1:%d" % server.ports["other"]
        self.assertEqual(self.metric(server, "coredns_dns_requests_total", server=label, proto="tcp"), 9)
        self.assertEqual(self.metric(server, "coredns_dns_https_responses_total", server=label, status="200"), 9)

    def test_status_codes(self):
        server = self.serve()
        good = dns.query(CLUSTER_NAME)
        answered = dns.message(1, dns.QR, dns.question_octets(CLUSTER_NAME, "A"))
        update = dns.message(1, 5 << 11, dns.question_octets(CLUSTER_NAME, "A"))
        kind = ("-H", "Content-Type: application/dns-message")
        rows = [
            ("400", (), "/dns-query", None), ("400", (), "/dns-query?dns=", None), ("400", (), "/dns-query?dns=AAAA", None),
            ("400", (), "/dns-query?dns=%s&dns=%s" % (2 * (encoded(good),)), None),
            ("400", (), "/dns-query?dns=" + encoded(answered), None), ("400", (), "/dns-query?dns=" + encoded(update), None),
            ("400", (), "/dns-query?dns=" + encoded(good[:-3]), None), ("200", (), "/dns-query?dns=" + encoded(good + b"behind it"), None),
            ("200", ("-H", "Accept: application/json"), "/dns-query?dns=" + encoded(good), None),
            ("404", (), "/dns-query/?dns=" + encoded(good), None), ("404", (), "/", None), ("404", (), "/resolve?name=a.test", None),
            ("405", ("-X", "PUT"), "/dns-query", None), ("405", ("-X", "DELETE"), "/dns-query?dns=" + encoded(good), None),
            ("405", ("-X", "OPTIONS"), "/dns-query", None), ("415", ("-H", "Content-Type: text/plain"), "/dns-query", good),
            ("413", kind, "/dns-query", good + bytes(65536)), ("200", kind, "/dns-query", good + bytes(65535 - len(good))),
            ("431", ("-H", "X: " + 17000 * "a"), "/dns-query?dns=" + encoded(good), None),
        ]
        for version in ("--http2", "--http1.1"):
            for status, arguments, path, body in rows:
                with self.subTest(version=version, path=path[:40], arguments=[a[:40] for a in arguments]):
                    if body is None:
                        response = self.curl(server, version, *arguments, path=path)
                    else:
                        response = self.post(server, body, version, *arguments, path=path)
                    self.assertEqual(response.status, status)
                    self.assertEqual(response.fields.get("allow"), "GET, HEAD, POST" if status == "405" else None)
            head = self.get(server, version, "-I")
            self.assertEqual((head.status, head.body), ("200", b""))
            self.assertEqual(int(head.fields["content-length"]), len(self.get(server, version).body))
        label = "https://127.0.0.1:%d" % server.ports["other"]
        for status in ("400", "404", "405", "413", "415", "431"):
            self.assertGreaterEqual(self.metric(server, "coredns_dns_https_responses_total", server=label, status=status), 2)

    def test_how_long_a_reply_may_be_kept(self):
        server = self.serve(lines="erratic {\n drop 1\n}")
        self.assertEqual(self.get(server, name="no.shop.svc.cluster.local").fields["cache-control"], "max-age=5")
        dropped = self.get(server, name="a.test")
        self.assertEqual((dropped.status, dropped.body), ("500", b"No response\n"))

    def test_large_answers_are_whole(self):
        many = "".join("10.0.%d.%d many.test\n" % (i // 250, i % 250 + 1) for i in range(1000))
        server = self.serve(lines="hosts {dir}/hosts", files={"hosts": many})
        for version in ("--http2", "--http1.1"):
            response = self.get(server, version, name="many.test")
            self.assertEqual(len(response.message.addresses), 1000)
            self.assertEqual(response.message.flags & dns.TC, 0)

    def test_a_slow_answer_holds_up_nobody(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:  # it is asked as the server was, over a connection
            server = self.serve(lines="cancel 2s\nforward . 127.0.0.1:%d" % silent.getsockname()[1])
            slow = "https://127.0.0.1:%d/dns-query?dns=%s" % (server.ports["other"], encoded(dns.query("a.test")))
            fast = slow.replace(encoded(dns.query("a.test")), encoded(dns.query(CLUSTER_NAME)))
            said = subprocess.run(["curl", "-s", "--http2", "--parallel", "--parallel-immediate", "--cacert", self.pki(server, "ca.pem"), "-w",
                                   "%{url_effective} %{http_version} %{time_total}\n", "-o", "/dev/null", slow, "-o", "/dev/null", fast],
                                  capture_output=True, text=True, timeout=60)
            first, second = said.stdout.splitlines()
            self.assertTrue(first.startswith(fast + " 2 "), said)
            self.assertTrue(second.startswith(slow + " 2 "), said)

    def test_other_clients(self):
        server = self.serve()
        at = ["@127.0.0.1", "-p", str(server.ports["other"]), "+tls-ca=" + self.pki(server, "ca.pem"), "+tls-hostname=dns.test"]
        for option in ("+https", "+https-get"):
            said = subprocess.run(["kdig", *at, "+https", option, "+short", CLUSTER_NAME], capture_output=True, text=True, timeout=60)
            self.assertEqual(said.stdout.strip(), "10.96.0.7", said)
        said = subprocess.run(["dig", *at[:3], "+https", "+short", CLUSTER_NAME], capture_output=True, text=True, timeout=60)
        self.assertEqual(said.stdout.strip(), "10.96.0.7", said)
        if shutil.which("h2load"):
            url = "https://127.0.0.1:%d/dns-query?dns=%s" % (server.ports["other"], encoded(dns.query(CLUSTER_NAME)))
            said = subprocess.run(["h2load", "-n", "2000", "-c", "10", "-m", "50", url], capture_output=True, text=True, timeout=120)
            self.assertIn("2000 succeeded, 0 failed", said.stdout)
            self.assertIn("status codes: 2000 2xx", said.stdout)

    def test_other_directives_see_the_client(self):
        server = self.serve(lines="acl cluster.local {\n block type AAAA net 127.0.0.1\n}")
        self.assert_served(self.get(server))
        self.assertEqual(self.get(server, rtype="AAAA").message.rcode, dns.REFUSED)

    def test_a_transfer(self):
        server = self.serve(lines="erratic {\n drop 0\n}")
        response = self.get(server, name="example.org", rtype="AXFR")
        self.assertEqual(response.status, "200")
        self.assertEqual((response.message.rcode, len(response.message.answers)), (dns.NOERROR, 6))


class Connections(HttpsTest):
    def closed_after(self, link):
        begin = time.monotonic()
        while link.recv(4096):
            pass
        return time.monotonic() - begin

    def test_protocols_and_times(self):
        server = self.serve(lines="timeouts {\n read 1s\n idle 2s\n}")
        for offered, chosen in (((), None), (("h2",), "h2"), (("http/1.1",), "http/1.1"), (("http/1.1", "h2"), "h2")):
            self.assertEqual(self.connect(server, self.context(server, alpn=offered)).selected_alpn_protocol(), chosen)
        silent = self.connect(server)
        self.assertLess(abs(self.closed_after(silent) - 1.2), 0.8)
        half = self.connect(server)
        half.sendall(b"GET /dns-query HTTP/1.1\r\n")
        self.assertIn(b"HTTP/1.1 408 ", half.recv(4096))
        idle = self.connect(server)
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"HTTP/1.1 404 ", idle.recv(4096))
        self.assertLess(abs(self.closed_after(idle) - 2.2), 0.9)

    def test_a_limit_of_connections(self):
        server = self.serve(lines="https {\n max_connections 2\n max_streams 3\n}")
        links = [self.connect(server) for _ in range(2)]
        for link in links:
            link.sendall(b"GET /")  # busy
        server.wait("they are two", lambda: self.metric(server, "fairlead_tcp_connections") == 2)
        waiting = socket.create_connection(("127.0.0.1", server.ports["other"]), 20)
        waiting.settimeout(0.5)
        context = self.context(server)
        with self.assertRaises(OSError):
            context.wrap_socket(waiting, server_hostname="dns.test")
        waiting.close()
        for link in links:
            link.close()
        self.assert_served(self.get(server))

    def test_without_tls(self):
        server = self.serve(tls="")
        server.logged("speaks plain HTTP: its block has no tls directive")
        for version in ("--http1.1", "--http2-prior-knowledge"):
            self.assert_served(self.get(server, version, scheme="http"))

    def test_certificates_and_options_come_with_a_reload(self):
        server = self.serve()
        idle = self.connect(server, self.context(server, alpn=("http/1.1",)))
        request = ("GET /dns-query?dns=%s HTTP/1.1\r\nHost: x\r\n\r\n" % encoded(dns.query(CLUSTER_NAME))).encode()
        idle.sendall(request)
        self.assertIn(b"HTTP/1.1 200 OK", idle.recv(4096))
        server.edit_corefile("errors", "errors\nhttps {\n max_streams 5\n}")
        idle.sendall(request)  # an open connection goes on
        self.assertIn(b"HTTP/1.1 200 OK", idle.recv(4096))
        name = self.pki(server, "dns.test.pem")
        first = self.connect(server).getpeercert()["serialNumber"]
        certificates.make(os.path.dirname(name), "dns.test", addresses=("127.0.0.1",))
        server.wait("the new certificate is served", lambda: self.connect(server).getpeercert()["serialNumber"] != first)
        label = "https://127.0.0.1:%d" % server.ports["other"]
        self.assertEqual(self.metric(server, "coredns_dns_https_responses_total", server=label, status="200"), 2)

    def test_a_signal_lets_them_finish(self):
        server = self.serve()
        idle = self.connect(server, self.context(server, alpn=("h2",)))
        idle.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        self.assertNotEqual(idle.recv(4096), b"")
        server.stop()
        rest = b""
        while more := idle.recv(4096):
            rest += more
        self.assertIn(bytes([7, 0, 0, 0, 0, 0]), rest)  # GOAWAY on the connection


if __name__ == "__main__":
    unittest.main()
