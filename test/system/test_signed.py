"""Signatures as others see them: BIND's delv and the tools of ldns check answers and signed zones, dig and kdig sign queries and check replies."""
import os
import shutil
import subprocess
import tempfile
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
    "db.all": r"""
@ 3600 SOA Ns.DNS HostMaster 1 7200 3600 1209600 300
@ 300 NS Ns.DNS
@ 300 MX 10 Mail
@ 300 CAA 0 issue "ca.example"
NS.dns 300 A 10.96.0.10
Mail 300 AAAA 2001:DB8::25
\000 60 TXT "first"
\255.low 60 TXT "last"
Upper.LOW 60 PTR Mail
_sip._tcp 300 SRV 1 2 5060 Mail
sip 300 NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:a@example!" .
_443._tcp 300 TLSA 3 1 1 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
svc 300 HTTPS 1 . alpn=h2 port=8443
person 300 RP Host\.Master Mail
own 300 TYPE65400 \# 3 010203
old 300 DNAME New
*.wild 300 A 192.0.2.9
*.b.wild 300 A 192.0.2.9
deep.er.empty 300 TXT "deep" "" "er"
signed 300 NS Ns.Signed
signed 300 DS 48315 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.signed 300 A 192.0.2.3
unsigned 300 NS ns.below.unsigned
ns.below.unsigned 300 A 192.0.2.4
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
    }
    transfer {
        to *
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
        server.logged('Successfully signed zone "cluster.local."')
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


class LdnsTest(SignedTest):
    """What the tools of ldns say; drill follows signatures up to the key as a resolver does."""

    def key(self, server):
        return os.path.join(server.dir, KEY + ".key")

    def check_zone(self, key, path):
        done = self.run_tool("ldns-verify-zone", "-k", key, path)
        self.assertIn("Zone is verified and complete", done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check_chase(self, server, names):
        for name, rtype, denied in names:
            with self.subTest(name=name, rtype=rtype):
                done = self.run_tool("drill", "-S", "-k", self.key(server), "-p", str(server.ports["dns"]), name, "@127.0.0.1", rtype)
                self.assertIn(";; Chase successful", done.stdout + done.stderr)
                self.assertEqual("Existence is denied by" in done.stdout, denied, done.stdout)

    def signed(self, lines, files=FILES):
        server = self.serve(lines, files)
        server.wait("the signed zone is served", lambda: "status: NOERROR" in self.dig(server, "+norec", "cluster.local", "NS"))
        return server

    def check_transfer(self, server, key):
        copy = os.path.join(server.dir, "copy")
        with open(copy, "w") as out:
            out.write(self.dig(server, "cluster.local", "AXFR"))
        self.check_zone(key, copy)

    def test_a_zone_of_a_file(self):
        server = self.signed(OFFLINE)
        self.check_zone(self.key(server), os.path.join(server.dir, "db.cluster.local.signed"))
        self.check_transfer(server, self.key(server))
        # Of empty.cluster.local drill wants a proof that there is no wildcard: it does not know from the NSEC record's next name that
        # the name is there (RFC 4592 §2.2.2). delv does.
        self.check_chase(server, (
            ("www.cluster.local", "A", False), ("alias.cluster.local", "A", False), ("x.wild.cluster.local", "TXT", False),
            ("cluster.local", "SOA", False), ("cluster.local", "CDS", False), ("cluster.local", "DNSKEY", False),
            (r"a\;b.\(c.\$d.cluster.local", "TXT", False), ("to-odd.cluster.local", "TXT", False),
            ("nosuch.cluster.local", "A", True), ("www.cluster.local", "TXT", True), ("x.wild.cluster.local", "A", True),
            ("cluster.local", "MX", True), ("sub.cluster.local", "DS", True)))

    def test_records_of_all_kinds(self):
        """Names in capitals and of odd octets, in owners and data; delegations, below which nothing is signed."""
        server = self.signed(OFFLINE, {**FILES, "db.cluster.local": FILES["db.all"]})
        self.check_zone(self.key(server), os.path.join(server.dir, "db.cluster.local.signed"))
        self.check_transfer(server, self.key(server))
        self.check_chase(server, (
            ("cluster.local", "MX", False), ("_sip._tcp.cluster.local", "SRV", False), ("sip.cluster.local", "NAPTR", False),
            ("upper.low.cluster.local", "PTR", False), ("signed.cluster.local", "DS", False), ("x.b.wild.cluster.local", "A", False),
            ("unsigned.cluster.local", "DS", True), ("zz.cluster.local", "A", True)))

    def test_keys_of_ldns(self):
        """A zone is signed with keys that ldns-keygen writes."""
        folder = tempfile.mkdtemp(prefix="fairlead-keys-")
        self.addCleanup(shutil.rmtree, folder, True)
        for algorithm in ("RSASHA1", "RSASHA1-NSEC3-SHA1", "RSASHA256", "RSASHA512", "ECDSAP256SHA256", "ECDSAP384SHA384", "ED25519"):
            with self.subTest(algorithm=algorithm):
                made = subprocess.run(["ldns-keygen", "-a", algorithm, "-b", "2048", "-k", "cluster.local"], capture_output=True,
                                      text=True, timeout=30, check=True, cwd=folder).stdout.strip()
                files = {}
                for kind in (".key", ".private"):
                    with open(os.path.join(folder, made + kind)) as key:
                        files[made + kind] = key.read()
                server = self.signed(OFFLINE.replace(KEY, made), {**FILES, **files})
                self.check_zone(os.path.join(server.dir, made + ".key"), os.path.join(server.dir, "db.cluster.local.signed"))

    def test_answers_that_are_signed_when_asked_for(self):
        server = self.serve(ONLINE)
        server.wait("it answers", lambda: "10.96.0.7" in self.dig(server, "web.shop.svc.cluster.local"))
        self.check_chase(server, (
            ("web.shop.svc.cluster.local", "A", False), ("WEB.shop.svc.Cluster.local", "A", False),
            ("_http._tcp.web.shop.svc.cluster.local", "SRV", False), ("cluster.local", "SOA", False),
            ("cluster.local", "DNSKEY", False), ("web.shop.svc.cluster.local", "AAAA", True),
            ("nosuch.shop.svc.cluster.local", "A", True), ("svc.cluster.local", "TXT", True), ("cluster.local", "MX", True)))


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
                self.assertRegex(said, r" 0 300 0 +\d+ %s 0" % error)  # no time, no MAC
                self.assertNotIn("10.96.0.7", said)
        said = self.dig(server, "+fuzztime=1700000000", "-y", "hmac-sha256:first:" + SECRET, name)
        self.assertIn("status: NOTAUTH", said)
        self.assertIn(" BADTIME 6 ", said)


if __name__ == "__main__":
    unittest.main()
