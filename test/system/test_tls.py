"""DNS over TLS as clients see it: Python's own TLS, openssl and kdig are clients that are not ours."""
import os
import shutil
import socket
import ssl
import subprocess
import time
import unittest

import certificates
import dnsmessage as dns
from forwarding import CLUSTER_NAME, series
from harness import Server, ServerTest

COREFILE = """\
.:{dns} tls://.:{other} {
    bind 127.0.0.1
    log . "{name} {proto} {rcode}"
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    tls {dir}/pki/dns.test.pem {dir}/pki/dns.test.key%s
    kubernetes cluster.local {
        manifests {dir}/cluster
    }
%s
}
"""


class TlsServer(Server):
    """Its certificate lies in {dir}/pki, made before it starts."""

    def _replace(self, name, text):
        folder = os.path.join(self.dir, "pki")
        if not os.path.exists(folder):
            os.mkdir(folder)
            certificates.make(folder, "dns.test", addresses=("127.0.0.1",))
            certificates.make(folder, "client")
            certificates.make(folder, "stranger", ca="other-ca")
        super()._replace(name, text)


class TlsTest(ServerTest):
    def serve(self, tls="", lines="", corefile=COREFILE, **kwargs):
        server = TlsServer(corefile % (tls, lines), **kwargs)
        self.addCleanup(self._end, server)
        server.wait_served(CLUSTER_NAME)
        return server

    def pki(self, server, name):
        return os.path.join(server.dir, "pki", name)

    def context(self, server, ca="ca.pem", client=None, alpn=(), versions=None):
        context = ssl.create_default_context(cafile=self.pki(server, ca))
        if client:
            context.load_cert_chain(self.pki(server, client + ".pem"), self.pki(server, client + ".key"))
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if versions:
            context.minimum_version, context.maximum_version = versions
        return context

    def connect(self, server, context=None, session=None):
        plain = socket.create_connection(("127.0.0.1", server.ports["other"]), 20)
        self.addCleanup(plain.close)
        link = (context or self.context(server)).wrap_socket(plain, server_hostname="dns.test", session=session)
        self.addCleanup(link.close)
        return link

    def put(self, link, *queries):
        link.sendall(b"".join(len(q).to_bytes(2, "big") + q for q in queries))

    def reply(self, link):
        return dns.Message(dns.read_frame(link))

    def assert_answered(self, link):
        self.put(link, dns.query(CLUSTER_NAME))
        self.assertEqual(self.reply(link).addresses, ["10.96.0.7"])

    def metric(self, running, name, **labels):
        return series(running.get("metrics", "/metrics")[1], name, **labels)


class Handshakes(TlsTest):
    def test_versions(self):
        server = self.serve()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assert_answered(self.connect(server, self.context(server, versions=(version, version))))
        server.logged("%s. tcp NOERROR" % CLUSTER_NAME)
        server.logged_as("(?m)^tls://.:%d on 127.0.0.1$" % server.ports["other"])
        for option in ("-tls1", "-tls1_1"):
            old = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % server.ports["other"], option,
                                  "-cipher", "ALL:@SECLEVEL=0"], capture_output=True, stdin=subprocess.DEVNULL, text=True)
            self.assertIn("alert protocol version", old.stderr)

    def test_protocols(self):
        server = self.serve()
        for offered, chosen in (((), None), (("dot",), "dot"), (("h2", "dot"), "dot")):
            link = self.connect(server, self.context(server, alpn=offered))
            self.assertEqual(link.selected_alpn_protocol(), chosen)
            self.assert_answered(link)
        with self.assertRaisesRegex(ssl.SSLError, "no application protocol"):
            self.connect(server, self.context(server, alpn=("h2",)))

    def refused(self, server, context):
        """With TLS 1.3 a client hears of it when it reads."""
        with self.assertRaises(ssl.SSLError) as caught:
            link = self.connect(server, context)
            self.put(link, dns.query(CLUSTER_NAME))
            link.recv(1)
        return str(caught.exception)

    def test_client_auth(self):
        tls = " {dir}/pki/ca.pem {\n client_auth %s\n}"
        server = self.serve(tls % "require_and_verify")
        self.assertIn("certificate required", self.refused(server, self.context(server)))
        self.assertIn("unknown ca", self.refused(server, self.context(server, client="stranger")))
        self.assert_answered(self.connect(server, self.context(server, client="client")))
        self.assertGreaterEqual(self.metric(server, "fairlead_tls_handshakes_total", result="failed"), 2)
        # A session of a server that asked for nothing is none here, so reloads change what is asked.
        for auth, none, stranger in (("nocert", True, True), ("request", True, True), ("require", False, True),
                                     ("verify_if_given", True, False)):
            server = self.serve(tls % auth)
            for client, good in ((None, none), ("stranger", stranger), ("client", True)):
                with self.subTest(auth=auth, client=client):
                    context = self.context(server, client=client)
                    if good:
                        self.assert_answered(self.connect(server, context))
                    else:
                        self.refused(server, context)

    def test_sessions_go_on_wherever_they_came_from(self):
        server = self.serve()
        context = self.context(server)
        first = self.connect(server, context)
        self.assert_answered(first)
        session = first.session
        first.close()
        resumed = []
        for _ in range(8):  # over all workers
            link = self.connect(server, context, session)
            self.assert_answered(link)
            resumed.append(link.session_reused)
            session = link.session
        self.assertEqual(resumed, [True] * 8)
        server.edit_corefile("errors", "errors\nloadbalance")
        link = self.connect(server, context, session)
        self.assertTrue(link.session_reused)
        self.assertEqual(self.metric(server, "fairlead_tls_handshakes_total", result="resumed"), 9)

    def test_too_many_at_once(self):
        server = self.serve(lines=" timeouts {\n read 1h\n}")
        begun = [socket.create_connection(("127.0.0.1", server.ports["other"]), 20) for _ in range(700)]
        for link in begun:
            self.addCleanup(link.close)

        def refused():
            return self.metric(server, "fairlead_tls_handshakes_total", result="refused") or 0

        server.wait("a refused handshake", lambda: refused() >= 1)
        self.assertEqual(dns.exchange(server.ports["dns"], dns.query(CLUSTER_NAME), tcp=True).addresses, ["10.96.0.7"])
        for link in begun:
            link.close()
        server.wait("the end of all", lambda: (self.metric(server, "fairlead_tls_handshakes_total", result="failed") or 0) + refused() >= 700)
        self.assert_answered(self.connect(server))

    def test_what_is_no_handshake(self):
        server = self.serve(lines=" timeouts {\n read 2s\n}")
        plain = socket.create_connection(("127.0.0.1", server.ports["other"]), 20)
        self.put(plain, dns.query(CLUSTER_NAME))
        self.assertNotIn(b"shop", plain.recv(100))
        begin = time.monotonic()     # how long it takes a busy machine to find that the time is over, nobody knows
        silent = socket.create_connection(("127.0.0.1", server.ports["other"]), 20)
        self.assertEqual(silent.recv(1), b"")
        self.assertGreater(time.monotonic() - begin, 1.9)
        plain.close()
        silent.close()
        self.assert_answered(self.connect(server))


class Queries(TlsTest):
    def test_records_and_queries(self):
        server = self.serve()
        link = self.connect(server)
        names = [CLUSTER_NAME, "no.shop.svc.cluster.local", CLUSTER_NAME]
        self.put(link, *(dns.query(name, ident=i) for i, name in enumerate(names)))
        self.assertEqual([self.reply(link).ident for _ in names], [0, 1, 2])
        for octet in len(dns.query(CLUSTER_NAME)).to_bytes(2, "big") + dns.query(CLUSTER_NAME):
            link.sendall(bytes([octet]))
        self.assertEqual(self.reply(link).addresses, ["10.96.0.7"])
        self.assertEqual(server.ask(CLUSTER_NAME).addresses, ["10.96.0.7"])  # the same block, plain
        served = self.metric(server, "coredns_dns_requests_total", server="tls://127.0.0.1:%d" % server.ports["other"], proto="tcp")
        self.assertEqual(served, 4)

    def test_a_slow_answer_holds_up_nobody(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            server = self.serve(lines="cancel 2s\nforward . 127.0.0.1:%d" % silent.getsockname()[1])
            link = self.connect(server)
            self.put(link, dns.query("a.test", ident=1), dns.query(CLUSTER_NAME, ident=2))
            first, second = self.reply(link), self.reply(link)
            self.assertEqual((first.ident, second.ident, second.rcode), (2, 1, dns.SERVFAIL))

    def test_times_and_numbers(self):
        server = self.serve(lines="timeouts {\n idle 1s\n maxtcpqueries 2\n}")
        link = self.connect(server)
        begin = time.monotonic()
        self.assert_answered(link)
        self.assertEqual(link.recv(1), b"")  # with a goodbye: Python tells when there is none
        self.assertGreater(time.monotonic() - begin, 0.9)
        link = self.connect(server)
        self.put(link, *[dns.query(CLUSTER_NAME)] * 3)
        self.reply(link), self.reply(link)
        self.assertEqual(link.recv(1), b"")

    def test_other_clients(self):
        server = self.serve(lines="erratic {\n drop 0\n large\n}")
        at = ["@127.0.0.1", "-p", str(server.ports["other"])]
        if shutil.which("kdig"):
            said = subprocess.run(["kdig", *at, "+tls-ca=" + self.pki(server, "ca.pem"), "+tls-hostname=dns.test", "+short",
                                   CLUSTER_NAME], capture_output=True, text=True, timeout=60)
            self.assertEqual(said.stdout.strip(), "10.96.0.7", said)
        said = subprocess.run(["dig", *at, "+tls", "+short", CLUSTER_NAME], capture_output=True, text=True, timeout=60)
        self.assertEqual(said.stdout.strip(), "10.96.0.7", said)
        said = subprocess.run(["dig", *at, "+tls", "example.org", "AXFR"], capture_output=True, text=True, timeout=60)
        self.assertIn("XFR size: 6 records", said.stdout)

    def test_a_signal_lets_them_finish(self):
        server = self.serve()
        link = self.connect(server)
        self.assert_answered(link)
        server.stop()
        self.assertEqual(link.recv(1), b"")


class Certificates(TlsTest):
    def serial(self, server, ca="ca.pem"):
        return self.connect(server, self.context(server, ca)).getpeercert()["serialNumber"]

    def test_renewal(self):
        server = self.serve()
        name = self.pki(server, "dns.test.pem")
        old, first = self.connect(server), self.serial(server)
        expiry = self.metric(server, "fairlead_tls_certificate_expiry_timestamp_seconds", certificate=name)
        self.assertLess(abs(expiry - time.time() - 2 * 86400), 3600)
        certificates.make(os.path.dirname(name), "dns.test", addresses=("127.0.0.1",))
        server.wait("the new certificate is served", lambda: self.serial(server) != first)
        self.assert_answered(old)
        second = self.serial(server)
        shutil.copy(self.pki(server, "client.key"), self.pki(server, "dns.test.key"))
        server.wait("the bad pair is told of", lambda: "cannot be used" in server.log())
        server.logged("[ERROR] plugin/tls: the new certificate %s cannot be used: tls: cannot use the key file" % name)
        self.assertEqual(self.serial(server), second)
        self.assertEqual(self.metric(server, "fairlead_tls_renewals_total", result="failed"), 1)
        with open(self.pki(server, "client.key")) as key:
            self.assertNotIn(key.read().splitlines()[1], server.log())

    def test_a_bad_one_ends_the_start_but_not_the_server(self):
        server = self.serve()
        server.write_corefile(COREFILE % ("\n tls {dir}/pki/dns.test.pem {dir}/pki/client.key", ""))
        server.signal(10)
        server.wait("the reload fails", lambda: "reload failed" in server.log())
        server.logged("could not load TLS cert: tls: cannot use the key file %s: key values mismatch" % self.pki(server, "client.key"))
        self.assert_answered(self.connect(server))

    def test_without_the_directive(self):
        server = self.start("tls://.:{other} .:{dns} {\n bind 127.0.0.1\n kubernetes cluster.local {\n manifests {dir}/cluster\n}\n}\n")
        server.wait_served(CLUSTER_NAME)
        server.logged("IS SERVED WITHOUT TLS")
        plain = socket.create_connection(("127.0.0.1", server.ports["other"]), 20)
        self.put(plain, dns.query(CLUSTER_NAME))
        self.assertEqual(self.reply(plain).addresses, ["10.96.0.7"])
        plain.close()

    def test_tls_comes_and_goes_with_a_reload(self):
        server = self.start(".:{dns} {other}.test:{other} {\n bind 127.0.0.1\n kubernetes cluster.local {\n manifests {dir}/cluster\n}\n}\n")
        server.wait_served(CLUSTER_NAME)
        folder = os.path.join(server.dir, "pki")
        os.mkdir(folder)
        certificates.make(folder, "dns.test", addresses=("127.0.0.1",))
        server.edit_corefile("%d.test:%d {" % (2 * (server.ports["other"],)),
                             "tls://.:%d {\n tls %s/dns.test.pem %s/dns.test.key" % (server.ports["other"], folder, folder))
        self.assert_answered(self.connect(server))


if __name__ == "__main__":
    unittest.main()
