"""TLS sessions with upstreams, over reloads that change the `forward` line."""
import shutil
import struct
import unittest

import certificates
from test_forward_https import HttpUpstream, response
from test_real_upstreams import RealUpstream


class DotUpstream(HttpUpstream):
    """The same of DNS over TLS."""

    def _converse(self, link, stream):
        while True:
            head = stream.read(2)
            if len(head) < 2:
                return
            link.sendall(self.behaviour(self._take("", {}, stream.read(struct.unpack(">H", head)[0]))))


def over_tls(asked):
    reply = asked.good()
    return struct.pack(">H", len(reply)) + reply


class Sessions(RealUpstream):
    KINDS = {"tls": (DotUpstream, over_tls), "https": (HttpUpstream, lambda asked: response(asked.good()))}

    def setUp(self):
        super().setUp()
        certificates.make(self.folder, "dns.test", addresses=("127.0.0.1",))
        certificates.make(self.folder, "other.test", ca="other")
        self.asked = 0

    def upstreams(self, scheme, count=2):
        kind, behaviour = self.KINDS[scheme]
        made = [kind(certificates.server_context(self.folder, "dns.test"), behaviour) for _ in range(count)]
        for one in made:
            self.addCleanup(one.close)
        return made

    def line(self, scheme, upstreams, options):
        to = " ".join("%s://127.0.0.1:%d" % (scheme, one.port) for one in upstreams)
        return "forward . %s {\n tls %s\n%s\n}" % (to, self.path("ca.pem"), options)

    def ask_all(self, server, upstreams):
        """Questions until every upstream has answered on a new connection; their full and their resumed handshakes since then."""
        before = [(one.connections, one.resumed) for one in upstreams]
        new = [0] * len(upstreams)
        for _ in range(1000):
            new = [n or (one.connections > had and len(one.asked)) for n, one, (had, _) in zip(new, upstreams, before)]
            if all(n and len(one.asked) > n for n, one in zip(new, upstreams)):
                break
            self.asked += 1
            name = "n%d.test" % self.asked
            self.assert_right(self.ask(server, name), name)
        else:
            self.fail("an upstream is not asked")
        resumed = [one.resumed - had for one, (_, had) in zip(upstreams, before)]
        full = [one.connections - had - new for one, (had, _), new in zip(upstreams, before, resumed)]
        return full, resumed

    def change(self, scheme, upstreams, options, line):
        """What handshakes were, of the first two upstreams, after the line has become another one."""
        server = self.serve(self.line(scheme, upstreams[:2], "policy round_robin\n" + options))
        self.ask_all(server, upstreams[:2])
        server.edit_corefile(self.line(scheme, upstreams[:2], "policy round_robin\n" + options), line)
        handshakes = self.ask_all(server, upstreams[:2])
        server.stop()
        return handshakes

    def test_kept(self):
        for scheme in self.KINDS:
            one, two, three = upstreams = self.upstreams(scheme, 3)
            rows = {
                "another option": self.line(scheme, (one, two), "policy round_robin\nmax_fails 3"),
                "another order": self.line(scheme, (two, one), "policy round_robin"),
                "one more": self.line(scheme, (one, two, three), "policy round_robin"),
                "the same words in another place": "log\n" + self.line(scheme, (two, one), "policy random"),
            }
            for what, line in rows.items():
                with self.subTest(scheme=scheme, change=what):
                    full, resumed = self.change(scheme, upstreams, "", line)
                    self.assertEqual(full, [0, 0])
                    self.assertGreater(min(resumed), 0)

    def test_not_kept(self):
        shutil.copy(self.path("ca.pem"), self.path("before.pem"))
        for scheme in self.KINDS:
            one, two = upstreams = self.upstreams(scheme)
            rows = {
                "another name": "policy round_robin\ntls_servername dns.test",
                "more is trusted": "policy round_robin\nmax_fails 4",
            }
            for what, options in rows.items():
                with self.subTest(scheme=scheme, change=what):
                    server = self.serve(self.line(scheme, upstreams, "policy round_robin"))
                    self.ask_all(server, upstreams)
                    if what == "more is trusted":
                        with open(self.path("ca.pem"), "a") as ca, open(self.path("other.pem")) as other:
                            ca.write(other.read())
                    server.edit_corefile(self.line(scheme, (one, two), "policy round_robin"), self.line(scheme, (one, two), options))
                    full, _ = self.ask_all(server, upstreams)
                    self.assertGreater(min(full), 0)
                    server.stop()
                    shutil.copy(self.path("before.pem"), self.path("ca.pem"))

    def test_files_that_changed(self):
        """The Corefile is as before, but not the CA file that it names: a reload takes that, too."""
        shutil.copy(self.path("ca.pem"), self.path("before.pem"))
        for scheme in self.KINDS:
            with self.subTest(scheme=scheme):
                upstreams = self.upstreams(scheme)
                server = self.serve(self.line(scheme, upstreams, "policy round_robin"))
                self.ask_all(server, upstreams)
                server.reload()
                self.assert_right(self.ask(server, "same.test"), "same.test")
                with open(self.path("ca.pem"), "a") as ca, open(self.path("other.pem")) as other:
                    ca.write(other.read())
                server.reload()
                full, _ = self.ask_all(server, upstreams)
                self.assertGreater(min(full), 0)
                server.stop()
                shutil.copy(self.path("before.pem"), self.path("ca.pem"))


if __name__ == "__main__":
    unittest.main()
