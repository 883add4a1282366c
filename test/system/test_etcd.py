"""etcd: keys that are read once and watched; compaction, other histories, rights, logins, TLS, leases, servers that are away."""
import os
import re
import ssl
import tempfile
import unittest

import certificates
import dnsmessage as dns
from etcd_gateway import Gateway
from harness import ServerTest, free_port

COREFILE = """\
skydns.local:{dns} 10.in-addr.arpa:{dns} {
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    etcd {
        endpoint ETCD
        OPTIONS
    }
}
"""
KEY = "/skydns/local/skydns/"
SERVFAIL, NXDOMAIN = 2, 3


class EtcdTest(ServerTest):
    def follow(self, endpoint, options="", **kwargs):
        server = self.start(COREFILE.replace("ETCD", endpoint).replace("OPTIONS", options), **kwargs)
        server.wait("an answer", lambda: server.try_ask("a.skydns.local"))
        return server

    @staticmethod
    def said(server, name="a.skydns.local", rtype="A"):
        """The addresses, or the code of a reply without any."""
        reply = server.try_ask(name, rtype)
        return reply and (sorted(reply.addresses) or reply.rcode)

    def wait_said(self, server, expected, name="a.skydns.local"):
        server.wait("%s is %s" % (name, expected), lambda: self.said(server, name) == expected)

    def ttl(self, server, name):
        reply = dns.exchange(server.ports["dns"], dns.query(name))
        return reply.answers[0].ttl

    def metric(self, server, beginning):
        text = server.get("metrics", "/metrics")[1]
        found = [line for line in text.splitlines() if line.startswith(beginning)]
        return float(found[0].split()[-1]) if found else 0

    def test_changes(self):
        """Read in pages, then every change by itself; nobody asks etcd for a name."""
        etcd = Gateway(self)
        etcd.page = 7
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        for i in range(50):
            etcd.put(KEY + "many/%d" % i, {"host": "10.0.1.%d" % i})
        etcd.put("/skydns/local/skydns-not/a", {"host": "10.0.0.66"})
        etcd.put("/skydns/arpa/in-addr/10/0/0/1", {"host": "a.skydns.local"})
        server = self.follow("http://" + etcd.url)
        self.assertEqual(self.said(server), ["10.0.0.1"])
        self.assertGreater(len(self.said(server, "many.skydns.local")), 20)  # those that a datagram takes
        self.assertEqual(server.ask("1.0.0.10.in-addr.arpa", "PTR").answers, 1)
        self.assertEqual(self.metric(server, "fairlead_etcd_keys"), 52)
        etcd.put(KEY + "a", {"host": "10.0.0.2"})
        self.wait_said(server, ["10.0.0.2"])
        etcd.put(KEY + "new/x", {"host": "10.0.0.3"})
        self.wait_said(server, ["10.0.0.3"], "new.skydns.local")
        etcd.put("/skydns/arpa/in-addr/10/0/0/2", {"host": "new.skydns.local"})
        server.wait("the other zone's", lambda: server.ask("2.0.0.10.in-addr.arpa", "PTR").answers == 1)
        etcd.delete(KEY + "new/x")
        self.wait_said(server, NXDOMAIN, "new.skydns.local")
        asked = len(etcd.requests)
        for _ in range(20):
            self.said(server)
        self.assertEqual(len(etcd.requests), asked)
        self.assertEqual(self.metric(server, "fairlead_etcd_lists_total"), 1)
        etcd.put("/skydns/arpa/in-addr/10/0/0/9", {"host": "nine.skydns.local"})
        server.wait("the other zone's change", lambda: server.try_ask("9.0.0.10.in-addr.arpa", "PTR").answers)

    def test_values(self):
        """A value that cannot be read costs its own key, which is logged and counted; once it can, it is there."""
        etcd = Gateway(self)
        etcd.put(KEY + "a/1", {"host": "10.0.0.1"})
        etcd.put(KEY + "a/2", '{"host":')
        etcd.put(KEY + "a/3", {"host": "10.0.0.3", "text": "x" * 70000})
        server = self.follow("http://" + etcd.url)
        self.assertEqual(self.said(server), ["10.0.0.1"])
        server.logged("[WARNING] plugin/etcd: Skipping key /skydns/local/skydns/a/2: ")
        etcd.put(KEY + "a/1", [])
        self.wait_said(server, NXDOMAIN)
        server.logged("Skipping key /skydns/local/skydns/a/1: the value is no object")
        etcd.put(KEY + "a/2", {"host": "10.0.0.2"})
        self.wait_said(server, ["10.0.0.2"])
        text = server.get("metrics", "/metrics")[1]
        self.assertRegex(text, 'fairlead_etcd_skipped_keys_total{.*reason="json".*} 2\n')
        self.assertRegex(text, 'fairlead_etcd_skipped_keys_total{.*reason="size".*} 1\n')

    def test_away(self):
        """SERVFAIL until all has been read once; behind that the last copy is answered from while etcd is away."""
        port = free_port()
        server = self.follow("http://127.0.0.1:%d" % port)
        self.assertEqual(self.said(server), SERVFAIL)
        server.wait("the warning", lambda: "starting server with unsynced etcd" in server.log())
        server.logged("plugin/etcd: Cannot read etcd: http://127.0.0.1:%d: " % port)
        status, body = server.get("ready", "/ready")
        self.assertEqual(status, 200)
        self.assertIn("\netcd: http://127.0.0.1:%d: " % port, body)
        etcd = Gateway(self, port)
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        self.wait_said(server, ["10.0.0.1"])
        etcd.close()
        server.wait("it is noticed", lambda: self.metric(server, "fairlead_etcd_up") == 0)
        self.assertEqual(self.said(server), ["10.0.0.1"])
        again = Gateway(self, port, like=etcd)
        again.put(KEY + "a", {"host": "10.0.0.2"})
        self.wait_said(server, ["10.0.0.2"])
        self.assertEqual(self.metric(server, "fairlead_etcd_up"), 1)
        self.assertNotIn("etcd", server.get("ready", "/ready")[1])

    def test_other_history(self):
        """Another cluster, or one whose revisions begin anew, is read as a whole: what it does not have is gone."""
        etcd = Gateway(self)
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        etcd.put(KEY + "a", {"host": "10.0.0.2"})
        server = self.follow("http://" + etcd.url)
        for cluster, address in ((1, "10.0.0.3"), (2, "10.0.0.4")):
            etcd.close()
            etcd = Gateway(self, etcd.port, cluster=cluster)
            etcd.put(KEY + "b", {"host": address})
            self.wait_said(server, [address], "b.skydns.local")
            self.assertEqual(self.said(server), NXDOMAIN)
        server.wait("the reason", lambda: "Reading all keys again: etcd has another history" in server.log())

    def test_lost_stream(self):
        """A watch that ends goes on behind what it has said; compaction meanwhile ends in another list."""
        etcd = Gateway(self)
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        server = self.follow("http://" + etcd.url)
        server.wait("the watch", lambda: etcd.watches == 2)
        etcd.drop_watches()
        etcd.put(KEY + "a", {"host": "10.0.0.2"})
        self.wait_said(server, ["10.0.0.2"])
        self.assertEqual(etcd.count("kv/range"), 2)  # of two zones
        etcd.put(KEY + "gone", {"host": "10.0.0.4"})
        self.wait_said(server, ["10.0.0.4"], "gone.skydns.local")
        with etcd.lock:  # all of this while nobody watches
            etcd.generation += 1
            etcd.lock.notify_all()
            etcd.put(KEY + "a", {"host": "10.0.0.3"})
            etcd.delete(KEY + "gone")
            etcd.put(KEY + "b", {"host": "10.0.0.5"})
            etcd.compact()
        self.wait_said(server, ["10.0.0.3"])
        self.assertEqual(self.said(server, "gone.skydns.local"), NXDOMAIN)
        self.assertEqual(self.said(server, "b.skydns.local"), ["10.0.0.5"])
        server.logged("Reading all keys again: the changes are compacted")

    def test_endpoints(self):
        """The servers are asked in turn, also when the one that was watched goes away."""
        first, second = Gateway(self), Gateway(self)
        for etcd in (first, second):
            etcd.put(KEY + "a", {"host": "10.0.0.1"})
        away = "http://127.0.0.1:%d" % free_port()
        server = self.follow("%s http://%s http://%s" % (away, first.url, second.url))
        self.assertEqual(self.said(server), ["10.0.0.1"])
        server.wait("the watch", lambda: first.watches == 2)
        first.close()
        second.put(KEY + "a", {"host": "10.0.0.2"})
        self.wait_said(server, ["10.0.0.2"])

    def test_login(self):
        """A token is got with name and password, and another one when it is refused."""
        etcd = Gateway(self, users={"dns": 'a "secret"\\\\'})
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        server = self.follow("http://" + etcd.url, r'credentials dns "a \"secret\"\\"')
        self.assertEqual(self.said(server), ["10.0.0.1"])
        self.assertEqual(etcd.count("auth/authenticate"), 1)
        with etcd.lock:
            etcd.tokens.clear()
        etcd.drop_watches()
        etcd.put(KEY + "a", {"host": "10.0.0.2"})
        self.wait_said(server, ["10.0.0.2"])
        self.assertEqual(etcd.count("auth/authenticate"), 2)
        self.assertNotIn("secret", server.log())

    def test_wrong_login(self):
        etcd = Gateway(self, users={"dns": "right"})
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        server = self.follow("http://" + etcd.url, "credentials dns wrong")
        self.assertEqual(self.said(server), SERVFAIL)
        server.logged("logging in: etcdserver: authentication failed, invalid user ID or password")
        with etcd.lock:
            etcd.users["dns"] = "wrong"
        self.wait_said(server, ["10.0.0.1"])

    def test_no_login_wanted(self):
        """A password that etcd does not ask for is no reason not to read it."""
        etcd = Gateway(self)
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        server = self.follow("http://" + etcd.url, "credentials dns secret")
        self.assertEqual(self.said(server), ["10.0.0.1"])

    def test_rights(self):
        """The right for what lies below a zone is enough."""
        etcd = Gateway(self)
        etcd.rights = KEY
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        corefile = COREFILE.replace(" 10.in-addr.arpa:{dns}", "").replace("ETCD", "http://" + etcd.url).replace("OPTIONS", "")
        server = self.start(corefile)
        self.wait_said(server, ["10.0.0.1"])
        with etcd.lock:
            etcd.rights = "/other"
        etcd.drop_watches()
        server.wait("the reason", lambda: "permission denied" in server.log())
        self.assertEqual(self.said(server), ["10.0.0.1"])

    def test_leases(self):
        """TTLs are what is left of leases, which are asked for once and not for each question."""
        etcd = Gateway(self)
        etcd.leases = {7: 5000, 8: 5}
        etcd.put(KEY + "a", {"host": "10.0.0.1"}, lease=7)
        etcd.put(KEY + "b", {"host": "10.0.0.2"}, lease=8)
        server = self.follow("http://" + etcd.url)
        server.wait("the lease", lambda: 4900 < self.ttl(server, "a.skydns.local") <= 5000)
        self.assertEqual(self.ttl(server, "b.skydns.local"), 30)
        asked = etcd.count("lease/timetolive")
        for _ in range(20):
            self.said(server)
        self.assertLessEqual(etcd.count("lease/timetolive"), asked + 20 // 2)  # of the short one, by the clock
        etcd.delete(KEY + "a")  # as etcd does when the lease is over
        self.wait_said(server, NXDOMAIN)

    def test_tls(self):
        """Both ends show certificates; what is behind an endpoint without a scheme is TLS then."""
        folder = tempfile.mkdtemp(prefix="fairlead-test-")
        self.addCleanup(lambda: [os.remove(os.path.join(folder, name)) for name in os.listdir(folder)] and os.rmdir(folder))
        certificates.make(folder, "etcd", addresses=["127.0.0.1"])
        certificates.make(folder, "client")
        context = certificates.server_context(folder, "etcd")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(folder, "ca.pem"))
        etcd = Gateway(self, tls=context)
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        files = "tls %s/client.pem %s/client.key %s/ca.pem" % (folder, folder, folder)
        for endpoint in ("https://" + etcd.url, etcd.url):
            server = self.follow(endpoint, files)
            self.assertEqual(self.said(server), ["10.0.0.1"], server.log())
        server = self.follow("https://" + etcd.url, "tls %s/ca.pem" % folder)
        self.assertEqual(self.said(server), SERVFAIL)

    def test_reload(self):
        """The copy is kept where etcd and zones are the same; else the new one is read before it is served."""
        etcd = Gateway(self)
        etcd.put(KEY + "a", {"host": "10.0.0.1"})
        server = self.follow("http://" + etcd.url)
        server.edit_corefile("errors", "errors\n    log")
        self.assertEqual(self.said(server), ["10.0.0.1"])
        self.assertEqual(etcd.count("kv/range"), 2)
        etcd.put("/dns/local/skydns/a", {"host": "10.0.0.2"})
        server.edit_corefile("etcd {", "etcd {\n        path /dns")
        self.wait_said(server, ["10.0.0.2"])
        # The gateway notices by what it cannot say any more.
        told = lambda: (etcd.put(KEY + "a", {}), etcd.put("/skydns/arpa/in-addr/10/a", {}))
        server.wait("the first watches end", lambda: told() and etcd.watches == 2)
        self.assertFalse(re.search("SERVFAIL", server.log()))


if __name__ == "__main__":
    unittest.main()
