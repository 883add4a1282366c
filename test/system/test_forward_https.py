"""Forwarding over DNS over HTTPS: dnsdist, Unbound, this server and servers that misbehave as upstreams."""
import os
import re
import socket
import threading
import unittest

import certificates
import dnsmessage as dns
import test_https
import upstream as scripted
from forwarding import CLUSTER_NAME
from harness import free_port
from test_real_upstreams import RealUpstream, find

TYPE = "application/dns-message"
WORKERS = len(os.sched_getaffinity(0))  # at most: each has connections of its own


def response(body, status="200 OK", content_type=TYPE, more=""):
    return ("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n" % (status, content_type, len(body), more)).encode() + body


class HttpUpstream:
    """HTTP/1.1 with TLS on a free loopback port. `behaviour` gets what was asked, and says what is sent; None: nothing."""

    def __init__(self, context, behaviour):
        self.context, self.behaviour, self.asked, self.connections, self.resumed = context, behaviour, [], 0, 0
        self.lock, self.links = threading.Lock(), []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        for link in (self.socket, *self.links):
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link.close()

    def questions(self):
        with self.lock:
            return [q for q in self.asked if q.name != "."]

    def _accept(self):
        while True:
            try:
                link = self.socket.accept()[0]
            except OSError:
                return
            self.links.append(link)
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, raw):
        try:
            with self.context.wrap_socket(raw, server_side=True) as link, link.makefile("rb") as stream:
                with self.lock:
                    self.connections += 1
                    self.resumed += link.session_reused
                self._converse(link, stream)
        except (OSError, ValueError):
            pass

    def _converse(self, link, stream):
        while True:
            line = stream.readline().decode()
            if not line:
                return
            fields = dict(re.findall(r"(.*?): (.*?)\r\n", "".join(iter(lambda: stream.readline().decode(), "\r\n"))))
            body = stream.read(int(fields.get("Content-Length", 0)))
            said = self.behaviour(self._take(line, fields, body))
            if said is None:
                return
            link.sendall(said)

    def _take(self, line, fields, body):
        asked = scripted.Asked(body, "https", 0)
        asked.line, asked.fields, asked.octets = line.strip(), fields, body
        with self.lock:
            self.asked.append(asked)
        return asked


class HttpsUpstreams(RealUpstream):
    """Servers that people have."""

    def setUp(self):
        super().setUp()
        certificates.make(self.folder, "dns.test", addresses=("127.0.0.1",))

    def options(self, more=""):
        return "{\n tls %s\n tls_servername dns.test\n%s\n}" % (self.path("ca.pem"), more)

    def dnsdist(self, port, https_port, authority):
        text = 'setLocal("127.0.0.1:%d")\nnewServer({address="127.0.0.1:%d"})\nsetACL("127.0.0.0/8")\nsetSecurityPollSuffix("")\n' \
               'addDOHLocal("127.0.0.1:%d", "%s", "%s", "/dns-query")\n' % (
                   port, authority, https_port, self.path("dns.test.pem"), self.path("dns.test.key"))
        self.run_program(port, find("dnsdist"), "--supervised", "--disable-syslog", "-C", self.path("dnsdist.conf", text))

    def unbound_https(self, port, https_port, authority):
        text = "server:\n interface: 127.0.0.1@%d\n interface: 127.0.0.1@%d\n https-port: %d\n tls-service-key: \"%s\"\n" \
               " tls-service-pem: \"%s\"\n username: \"\"\n chroot: \"\"\n directory: \"%s\"\n pidfile: \"\"\n do-daemonize: no\n" \
               " use-syslog: no\n num-threads: 1\n do-not-query-localhost: no\n access-control: 127.0.0.0/8 allow\n" \
               " module-config: \"iterator\"\n local-zone: \"test.\" nodefault\n minimal-responses: yes\n" \
               "stub-zone:\n name: lab.test\n stub-addr: 127.0.0.1@%d\nremote-control:\n control-enable: no\n" % (
                   port, https_port, https_port, self.path("dns.test.key"), self.path("dns.test.pem"), self.folder, authority)
        self.run_program(port, find("unbound"), "-d", "-c", self.path("unbound.conf", text))

    def check(self, server, port, https_port):
        self.compare(server, port)
        names = ["host.lab.test", "alias.lab.test", "multi.lab.test"] * 20
        for name, reply in self.ask_together(server, names).items():
            self.assertEqual(reply.rcode, dns.NOERROR, name)
        to = "127.0.0.1:%d" % https_port
        self.assertGreater(self.metric(server, "coredns_proxy_conn_cache_hits_total", to=to, proto="https"), 10)
        self.assertEqual(self.metric(server, "coredns_proxy_conn_cache_hits_total", to=to, proto="udp"), None)
        self.assertGreater(self.metric(server, "coredns_proxy_request_duration_seconds_count", to=to, rcode="NOERROR"), 10)

    def test_dnsdist(self):
        authority, port, https_port = free_port(), free_port(), free_port()
        self.knot(authority)
        self.dnsdist(port, https_port, authority)
        for method in ("POST", "GET"):
            server = self.serve("forward . https://127.0.0.1:%d %s" % (https_port, self.options("doh_method " + method)))
            self.check(server, authority, https_port)
            server.stop()

    def test_unbound(self):
        authority, port, https_port = free_port(), free_port(), free_port()
        self.knot(authority)
        self.unbound_https(port, https_port, authority)
        for method in ("POST", "GET"):
            server = self.serve("forward . https://127.0.0.1:%d %s" % (https_port, self.options("doh_method " + method)))
            self.check(server, port, https_port)
            server.stop()

    def test_beside_others(self):
        authority, port, https_port = free_port(), free_port(), free_port()
        self.knot(authority)
        self.dnsdist(port, https_port, authority)
        server = self.serve("forward . 127.0.0.1:%d https://127.0.0.1:%d %s" % (authority, https_port, self.options("policy round_robin")))
        self.compare(server, authority)
        for to in (authority, https_port):
            self.assertGreater(self.metric(server, "coredns_proxy_request_duration_seconds_count", to="127.0.0.1:%d" % to), 5)


class Ourselves(test_https.HttpsTest):
    def test_this_server_as_upstream(self):
        upstream = self.serve()
        ca = self.pki(upstream, "ca.pem")
        for method in ("POST", "GET"):
            server = self.start(
                ".:{dns} {\n bind 127.0.0.1\n errors\n prometheus 127.0.0.1:{metrics}\n ready 127.0.0.1:{ready}\n"
                " forward . https://127.0.0.1:%d {\n tls %s\n doh_method %s\n }\n}" % (upstream.ports["other"], ca, method))
            server.wait_served(CLUSTER_NAME)
            for rtype in ("A", "AAAA", "SRV"):
                direct = dns.exchange(upstream.ports["dns"], dns.query(CLUSTER_NAME, rtype), tcp=True)
                reply = dns.exchange(server.ports["dns"], dns.query(CLUSTER_NAME, rtype))
                self.assertEqual((reply.rcode, len(reply.answers)), (direct.rcode, len(direct.answers)))
            server.stop()
        label = "https://127.0.0.1:%d" % upstream.ports["other"]
        self.assertGreater(self.metric(upstream, "coredns_dns_https_responses_total", server=label, status="200"), 7)
        self.assertIsNone(self.metric(upstream, "coredns_dns_https_responses_total", server=label, status="400"))

    def test_the_upstream_is_started_anew(self):
        upstream = self.serve()
        server = self.start(".:{dns} {\n bind 127.0.0.1\n errors\n ready 127.0.0.1:{ready}\n forward . https://127.0.0.1:%d {\n tls %s\n }\n}"
                            % (upstream.ports["other"], self.pki(upstream, "ca.pem")))
        server.wait_served(CLUSTER_NAME)
        upstream.edit_corefile("errors", "errors\n    loadbalance")     # listeners go on, connections may end
        for _ in range(20):
            self.assertEqual(dns.exchange(server.ports["dns"], dns.query(CLUSTER_NAME)).addresses, ["10.96.0.7"])


class Misbehaving(RealUpstream):
    """HTTP/1.1 servers: CoreDNS's client speaks that where HTTP/2 is not to be had."""

    def setUp(self):
        super().setUp()
        certificates.make(self.folder, "dns.test", addresses=("127.0.0.1",))

    def http(self, behaviour, name="dns.test"):
        upstream = HttpUpstream(certificates.server_context(self.folder, name), behaviour)
        self.addCleanup(upstream.close)
        return upstream

    def forward_to(self, *upstreams, options="policy sequential"):
        to = " ".join("https://127.0.0.1:%d" % u.port for u in upstreams)
        return self.serve("forward . %s {\n tls %s\n%s\n}" % (to, self.path("ca.pem"), options))

    @staticmethod
    def well(asked):
        return response(asked.good())

    def test_keep_alive(self):
        upstream = self.http(self.well)
        server = self.forward_to(upstream)
        for i in range(30):
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)
        self.assertLessEqual(upstream.connections, WORKERS)
        asked = upstream.questions()[0]
        self.assertEqual(asked.line, "POST /dns-query HTTP/1.1")
        self.assertEqual((asked.fields["Content-Type"], asked.fields["Accept"]), (TYPE, TYPE))
        self.assertEqual(asked.fields["Host"], "127.0.0.1:%d" % upstream.port)
        self.assertEqual(asked.octets[:2], bytes(2))
        names = ["m%d.test" % i for i in range(40)]
        for name, reply in self.ask_together(server, names).items():
            self.assert_right(reply, name)

    def test_a_reload_keeps_connections(self):
        upstream = self.http(self.well)
        server = self.forward_to(upstream)
        for i in range(60):
            if i == 30:
                server.edit_corefile("errors", "errors\n    loadbalance")
            self.assert_right(self.ask(server, "n%d.test" % i), "n%d.test" % i)
        self.assertLessEqual(upstream.connections, WORKERS)

    def test_the_name_of_the_server(self):
        upstream = self.http(self.well)
        server = self.forward_to(upstream, options="tls_servername dns.test")
        self.assert_right(self.ask(server, "a.test"), "a.test")
        self.assertEqual(upstream.questions()[0].fields["Host"], "dns.test")
        wrong = self.forward_to(upstream, options="tls_servername other.test")
        self.assertEqual(self.ask(wrong, "a.test").rcode, dns.SERVFAIL)
        line = 'a.test. A: Post "https://127.0.0.1:%d/dns-query": tls: failed to verify certificate: x509: ' % upstream.port
        wrong.wait("the line " + line, lambda: line in wrong.log())

    def test_a_host_name(self):
        def here(asked, link, _):
            link.send(asked.reply([dns.a(asked.name, "127.0.0.1")] if asked.type == "A" else ()))

        certificates.make(self.folder, "only.test")     # not for its address
        upstream = self.http(self.well, "only.test")
        to = "forward . https://%s:%d%s {\n tls " + self.path("ca.pem") + "\n resolver 127.0.0.1:%d\n%s\n}"
        resolver = self.upstream(here).port
        rows = [("only.test", "", "", True), ("127.0.0.1%only.test", "", "", True), ("127.0.0.1", "", "tls_servername only.test", True),
                ("127.0.0.1%other.test", "", "tls_servername only.test", True), ("127.0.0.1", "", "", False),
                ("only.test", "%other.test", "", False)]
        for host, suffix, option, good in rows:
            with self.subTest(host=host, suffix=suffix, option=option):
                name, _, own = host.partition("%")
                server = self.serve(to % (name, upstream.port, suffix or (own and "%" + own), resolver, option))
                reply = self.ask(server, "a.test")
                if good:
                    self.assert_right(reply, "a.test")
                    self.assertEqual(upstream.questions()[-1].fields["Host"], "only.test")
                else:
                    self.assertEqual(reply.rcode, dns.SERVFAIL)
                server.stop()

    def test_what_is_no_answer(self):
        rows = {
            "unexpected HTTP status 404": lambda a: response(b"<html>", "404 Not Found", "text/html"),
            "unexpected HTTP status 503": lambda a: response(a.good(), "503 Service Unavailable"),
            "unexpected HTTP status 301": lambda a: response(b"", "301 Moved", more="Location: https://dns.test/\r\n"),
            "unexpected content type \"text/html\"": lambda a: response(a.good(), content_type="text/html"),
            "dns: id mismatch": lambda a: response(b"\x12\x34" + a.good()[2:]),
            "dns: reply is too short": lambda a: response(b"short"),
            "http: the body is too large": lambda a: response(bytes(65536)),
            "http: the header is too large": lambda a: b"HTTP/1.1 200 OK\r\nX: " + 20000 * b"x",
            "http: malformed response": lambda a: b"220 mail.test ESMTP\r\n",
            "EOF": lambda a: None,
        }
        for text, behaviour in rows.items():
            with self.subTest(text):
                bad = self.http(behaviour)
                self.assert_right(self.ask(self.forward_to(bad, self.http(self.well)), "a.test"), "a.test")
                alone = self.forward_to(bad, options="max_fails 0")
                self.assertEqual(self.ask(alone, "a.test").rcode, dns.SERVFAIL)
                line = 'a.test. A: Post "https://127.0.0.1:%d/dns-query": %s' % (bad.port, text)
                alone.wait("the line " + line, lambda line=line: line in alone.log())
                self.assert_cluster_served(alone)

    def test_down_and_back(self):
        state = {"well": False}
        upstream = self.http(lambda a: self.well(a) if state["well"] else response(b"", "503 No"))
        server = self.forward_to(upstream, options="health_check 50ms")
        self.assertEqual(self.ask(server, "a.test").rcode, dns.SERVFAIL)
        to = "127.0.0.1:%d" % upstream.port
        server.wait("the upstream is down", lambda: self.metric(server, "fairlead_forward_upstream_down", to=to) == 1)
        self.assertGreater(self.metric(server, "coredns_proxy_healthcheck_failures_total", to=to), 0)
        state["well"] = True
        server.wait("the upstream is back", lambda: self.metric(server, "fairlead_forward_upstream_down", to=to) == 0)
        self.assert_right(self.ask(server, "b.test"), "b.test")


if __name__ == "__main__":
    unittest.main()
