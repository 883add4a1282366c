"""Forwarding to the servers that people have: Unbound, Knot and dnsmasq from Debian's packages, on loopback."""
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import certificates
import dnsmessage as dns
from forwarding import ForwardTest
from harness import PATIENCE, find, free_port

ZONE = """\
$ORIGIN lab.test.
@ 300 SOA ns root 1 7200 900 86400 60
@ 300 NS ns
@ 300 MX 10 host
ns 300 A 192.0.2.53
host 120 A 192.0.2.1
host 120 AAAA 2001:db8::1
alias 200 CNAME host
deep 200 CNAME alias
multi 60 A 192.0.2.11
multi 60 A 192.0.2.12
multi 60 A 192.0.2.13
text 60 TXT "a text" "of two parts"
_sip._tcp 60 SRV 1 2 5060 host
*.wild 60 A 192.0.2.99
empty.nonterminal 60 A 192.0.2.98
large 60 TXT %s
""" % " ".join('"%s"' % (c * 250) for c in "abcdefgh")
QUESTIONS = [
    ("host", "A"), ("host", "AAAA"), ("HOST", "A"), ("host", "MX"), ("", "SOA"), ("", "NS"), ("", "MX"), ("alias", "A"), ("deep", "A"),
    ("multi", "A"), ("text", "TXT"), ("_sip._tcp", "SRV"), ("x.wild", "A"), ("x.wild", "AAAA"), ("nonterminal", "A"), ("gone", "A"),
    ("gone", "AAAA"), ("large", "TXT")]


def comparable(message):
    """What two replies must have in common; TTLs may have counted down."""
    return message.rcode, sorted((r.owner, r.type, str(r.data)) for r in message.answers)


class RealUpstream(ForwardTest):
    """What starts the servers, and how they are compared with."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fairlead-real-")
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w") as out:
                out.write(text)
        return path

    def run_program(self, port, *command):
        """Starts a server and waits until it answers on `port`."""
        log = open(self.path("log"), "ab")
        self.addCleanup(log.close)
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return dns.exchange(port, dns.query("host.lab.test"), timeout=0.2) and process
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    with open(self.path("log")) as text:
                        self.fail("%s does not answer:\n%s" % (command[0], text.read()))

    def knot(self, port):
        self.path("lab.test.zone", ZONE)
        text = "server:\n    rundir: \"%(d)s\"\n    listen: 127.0.0.1@%(p)d\n    udp-workers: 1\n    tcp-workers: 1\n" \
               "    background-workers: 1\n" \
               "database:\n    storage: \"%(d)s\"\nzone:\n  - domain: lab.test\n    storage: \"%(d)s\"\n    file: lab.test.zone\n"
        self.run_program(port, find("knotd"), "-c", self.path("knot.conf", text % {"d": self.folder, "p": port}))

    def unbound(self, port, authority, tls_port=None):
        """A resolver that asks `authority`; over TLS too with `tls_port`."""
        text = "server:\n interface: 127.0.0.1@%d\n username: \"\"\n chroot: \"\"\n directory: \"%s\"\n pidfile: \"\"\n" \
               " do-daemonize: no\n use-syslog: no\n num-threads: 1\n do-not-query-localhost: no\n access-control: 127.0.0.0/8 allow\n" \
               " module-config: \"iterator\"\n local-zone: \"test.\" nodefault\n minimal-responses: yes\n %%s\n" \
               "stub-zone:\n name: lab.test\n stub-addr: 127.0.0.1@%d\n" \
               "remote-control:\n control-enable: no\n" % (port, self.folder, authority)
        tls = ""
        if tls_port:
            certificates.make(self.folder, "dns.test")
            tls = " interface: 127.0.0.1@%d\n tls-port: %d\n tls-service-key: %s\n tls-service-pem: %s\n" % (
                tls_port, tls_port, self.path("dns.test.key"), self.path("dns.test.pem"))
        self.run_program(port, find("unbound"), "-d", "-c", self.path("unbound.conf", text % tls))

    def dnsmasq(self, port, authority):
        self.run_program(port, find("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                         "--cache-size=0", "--bind-interfaces", "--listen-address=127.0.0.1", "--port=%d" % port, "--user=",
                         "--server=/lab.test/127.0.0.1#%d" % authority, "--address=/own.test/192.0.2.77", "--log-facility=-",
                         "--pid-file=")

    def compare(self, server, port):
        """All questions, twice (the second time from the cache), over UDP and TCP: what the upstream says is what clients get."""
        for label, rtype in QUESTIONS:
            name = (label + ".lab.test").lstrip(".")
            direct = comparable(dns.exchange(port, dns.query(name, rtype), tcp=True))
            for tcp in (False, True, False):
                with self.subTest(name=name, type=rtype, tcp=tcp):
                    reply = self.ask(server, name, rtype, tcp=tcp)
                    if reply.truncated:
                        self.assertEqual((label, tcp), ("large", False))
                    else:
                        self.assertEqual(comparable(reply), direct)
        self.assert_cluster_served(server)

    def kdig(self, server, *arguments):
        done = subprocess.run([find("kdig"), "@127.0.0.1", "-p", str(server.ports["dns"]), *arguments], text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class Servers(RealUpstream):
    def test_knot(self):
        port = free_port()
        self.knot(port)
        server = self.serve("forward . 127.0.0.1:%d\ncache" % port)
        self.compare(server, port)
        self.assertRegex(self.kdig(server, "deep.lab.test", "+short"), r"alias\.lab\.test\.\nhost\.lab\.test\.\n192\.0\.2\.1\n")
        self.assertIn("a" * 250, self.kdig(server, "large.lab.test", "TXT"))

    def test_unbound(self):
        authority, port = free_port(), free_port()
        self.knot(authority)
        self.unbound(port, authority)
        server = self.serve("forward . 127.0.0.1:%d {\n max_concurrent 1000\n}\ncache 30" % port)
        self.compare(server, port)
        self.assertIn("ra", self.kdig(server, "host.lab.test").split(";; Flags:")[1].split(";")[0])

    def test_unbound_over_tls(self):
        authority, port, tls_port = free_port(), free_port(), free_port()
        self.knot(authority)
        self.unbound(port, authority, tls_port)
        direct = subprocess.run([find("kdig"), "@127.0.0.1", "-p", str(tls_port), "+tls-ca=" + self.path("ca.pem"),
                                 "+tls-hostname=dns.test", "host.lab.test", "+short"], text=True, capture_output=True)
        self.assertEqual(direct.stdout, "192.0.2.1\n", direct.stderr)
        server = self.serve("forward . tls://127.0.0.1:%d {\n tls %s\n tls_servername dns.test\n}\ncache" % (tls_port, self.path("ca.pem")))
        self.compare(server, port)

    def test_dnsmasq(self):
        authority, port = free_port(), free_port()
        self.knot(authority)
        self.dnsmasq(port, authority)
        server = self.serve("forward . 127.0.0.1:%d\ncache" % port)
        self.compare(server, port)
        self.assertEqual(self.ask(server, "a.own.test").addresses, ["192.0.2.77"])

    def test_all_three_behind_one_line(self):
        ports = [free_port() for _ in range(3)]
        self.knot(ports[0])
        self.unbound(ports[1], ports[0])
        self.dnsmasq(ports[2], ports[0])
        server = self.serve("forward . %s {\n policy round_robin\n}\n" % " ".join("127.0.0.1:%d" % p for p in ports))
        for _ in range(3):
            self.compare(server, ports[0])


if __name__ == "__main__":
    unittest.main()
