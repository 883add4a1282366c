"""Signatures as others see them: BIND's delv checks answers and signed zones, dig and kdig sign queries and check replies."""
import os
import subprocess
import unittest

from harness import Server, ServerTest

KEY = "Kcluster.local.+013+48315"
FILES = {
    KEY + ".key": """\
; This is a key-signing key, keyid 48315, for cluster.local.
cluster.local. IN DNSKEY 257 3 13 YMtWWgxrP2I8XSD9rafCKohq5pIrYmkX5yI8N/tzzyrP5PjUpTVSAkS1gOk5vVzZdwe8oamrBwVSK/Ti/jOxWg==
""",
    KEY + ".private": """\
Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: nkYH1NJgRcK+d12D+ijj2RhjxwqR+pLLBD9cC2iMKMY=
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
""",
    "db.cluster.local": r"""
@ 300 SOA ns.dns hostmaster 1 7200 3600 1209600 30
@ 300 NS ns.dns
ns.dns 300 A 10.96.0.10
www 300 A 192.0.2.1
www 300 A 192.0.2.2
alias 300 CNAME www
*.wild 300 TXT "wild"
deep.empty 300 TXT "deep"
sub 300 NS ns.sub
ns.sub 300 A 192.0.2.3
a\;b.\(c.\$d 300 TXT "odd"
to-odd 300 CNAME a\;b.\(c.\$d
""",
    "secrets": """\
key "second." { algorithm hmac-sha512; secret "c2Vjb25kIHNlY3JldA=="; };  // as tsig-keygen writes it
""",
}
ANCHOR = """\
trust-anchors { cluster.local. static-key 257 3 13 "YMtWWgxrP2I8XSD9rafCKohq5pIrYmkX5yI8N/tzzyrP5PjUpTVSAkS1gOk5vVzZdwe8oamrBwVSK/Ti/jOxWg=="; };
"""
SECRET = "Zmlyc3Qgc2VjcmV0IG9mIGFsbA=="

COREFILE = """\
cluster.local:{dns} {
    bind 127.0.0.1
    errors
    log
    ready 127.0.0.1:{ready}
    %s
}
"""
ONLINE = """dnssec {
        key file {dir}/%s
    }
    kubernetes cluster.local {
        manifests {dir}/cluster
    }""" % KEY
OFFLINE = """file {dir}/db.cluster.local.signed {
        reload 1s
    }
    sign {dir}/db.cluster.local {
        key file {dir}/%s
        directory {dir}
    }""" % KEY
TSIG = """tsig {
        secret first. %s
        secrets {dir}/secrets
        require A
    }
    kubernetes cluster.local {
        manifests {dir}/cluster
    }""" % SECRET


class SignedTest(ServerTest):
    def serve(self, lines, files=FILES):
        server = Server(COREFILE % lines, files=files)
        self.addCleanup(self._end, server)
        server.wait("the end of its start", lambda: "Fairlead" in server.log())
        return server

    def run_tool(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def delv(self, server, name, rtype):
        anchor = os.path.join(server.dir, "anchor")
        with open(anchor, "w") as out:
            out.write(ANCHOR)
        done = self.run_tool("delv", "@127.0.0.1", "-p", str(server.ports["dns"]), "-a", anchor, "+root=cluster.local",
                             name, rtype)
        return done.stdout + done.stderr

    def dig(self, server, *arguments, tool="dig"):
        done = self.run_tool(tool, "@127.0.0.1", "-p", str(server.ports["dns"]), *arguments)
        return done.stdout + done.stderr


class OnlineTest(SignedTest):
    def test_a_cluster_is_signed(self):
        server = self.serve(ONLINE)
        server.wait("it answers", lambda: "10.96.0.7" in self.dig(server, "web.shop.svc.cluster.local"))
        for name, rtype in (("web.shop.svc.cluster.local", "A"), ("WEB.shop.svc.Cluster.local", "A"),
                            ("_http._tcp.web.shop.svc.cluster.local", "SRV"), ("cluster.local", "SOA"),
                            ("cluster.local", "DNSKEY")):
            with self.subTest(name=name, rtype=rtype):
                said = self.delv(server, name, rtype)
                self.assertIn("; fully validated", said)
                self.assertNotIn("negative", said)
        for name, rtype in (("web.shop.svc.cluster.local", "AAAA"), ("nosuch.shop.svc.cluster.local", "A"),
                            ("svc.cluster.local", "TXT"), ("cluster.local", "MX"), ("NoSuch.cluster.local", "A")):
            with self.subTest(name=name, rtype=rtype):
                self.assertIn("; negative response, fully validated", self.delv(server, name, rtype))

    def test_a_name_that_does_not_exist_is_told_by_its_type(self):
        server = self.serve(ONLINE)
        server.wait("it answers", lambda: "10.96.0.7" in self.dig(server, "web.shop.svc.cluster.local"))
        said = self.dig(server, "+dnssec", "nosuch.cluster.local")
        self.assertIn("status: NOERROR", said)
        self.assertRegex(said, r"nosuch.cluster.local.\s+\d+\s+IN\s+NSEC\s+\\000.nosuch.cluster.local. RRSIG NSEC TYPE128")


class OfflineTest(SignedTest):
    def test_a_zone_is_signed_again_when_it_changes(self):
        server = self.serve(OFFLINE)
        server.wait("the signed zone is served", lambda: "192.0.2.1" in self.dig(server, "www.cluster.local"))
        self.assertIn('Successfully signed zone "cluster.local."', server.log())
        for name, rtype in (("www.cluster.local", "A"), ("alias.cluster.local", "A"), ("x.wild.cluster.local", "TXT"),
                            ("cluster.local", "SOA"), ("cluster.local", "CDS"), ("cluster.local", "CDNSKEY"),
                            ("cluster.local", "DNSKEY"), (r"a\;b.\(c.\$d.cluster.local", "TXT"),
                            ("to-odd.cluster.local", "TXT")):
            with self.subTest(name=name, rtype=rtype):
                said = self.delv(server, name, rtype)
                self.assertIn("; fully validated", said)
                self.assertNotIn("negative", said)
        for name, rtype in (("nosuch.cluster.local", "A"), ("www.cluster.local", "TXT"), ("empty.cluster.local", "A"),
                            ("x.wild.cluster.local", "A"), ("cluster.local", "MX"), ("sub.cluster.local", "DS")):
            with self.subTest(name=name, rtype=rtype):
                self.assertIn("; negative response, fully validated", self.delv(server, name, rtype))


class TsigTest(SignedTest):
    def test_queries_and_replies_are_signed(self):
        server = self.serve(TSIG)
        name = "web.shop.svc.cluster.local"
        server.wait("it answers", lambda: "NOERROR" in self.dig(server, name, "TXT"))
        self.assertIn("status: REFUSED", self.dig(server, name))
        for algorithm in ("sha1", "sha224", "sha256", "sha384", "sha512"):
            for transport in ("+notcp", "+tcp"):
                for key in ("first:" + SECRET, "SECOND.:c2Vjb25kIHNlY3JldA=="):
                    with self.subTest(algorithm=algorithm, transport=transport, key=key):
                        said = self.dig(server, transport, "-y", "hmac-%s:%s" % (algorithm, key), name)
                        self.assertIn("10.96.0.7", said)
                        self.assertIn("hmac-%s. " % algorithm, said)
                        self.assertNotIn("verify", said)
                        self.assertNotIn("WARNING -- Some TSIG", said)
        said = self.dig(server, "-y", "hmac-sha256:first:" + SECRET, name, tool="kdig")
        self.assertIn("10.96.0.7", said)
        self.assertNotIn("WARNING", said)
        self.assertNotIn("ERROR:", said)

    def test_what_is_wrong_is_told(self):
        server = self.serve(TSIG)
        name = "web.shop.svc.cluster.local"
        server.wait("it answers", lambda: "NOERROR" in self.dig(server, name, "TXT"))
        for key, error in (("hmac-sha256:third:" + SECRET, "BADKEY"), ("hmac-md5:first:" + SECRET, "BADKEY"),
                           ("hmac-sha256:first:YW5vdGhlciBzZWNyZXQgb2YgbWluZQ==", "BADSIG")):
            with self.subTest(key=key):
                said = self.dig(server, "-y", key, name)
                self.assertIn("status: NOTAUTH", said)
                self.assertIn(" %s 0" % error, said)
                self.assertNotIn("10.96.0.7", said)
        said = self.dig(server, "+fuzztime=1700000000", "-y", "hmac-sha256:first:" + SECRET, name)
        self.assertIn("status: NOTAUTH", said)
        self.assertIn(" BADTIME 6 ", said)


if __name__ == "__main__":
    unittest.main()
