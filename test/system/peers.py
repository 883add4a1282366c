"""Other servers of zones, from Debian's packages, on loopback: each as a primary or a secondary of ours."""
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

import dnsmessage as dns
from harness import PATIENCE, find, free_port

KEY, ALGORITHM = "both", "hmac-sha256"
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="
FILE = "file {dir}/db.example.org {\n        reload 1s\n    }"
# So many records that some messages of a signed transfer have no signature of their own (RFC 8945 §5.3.1).
MORE = 5000
MANY = "".join('host-%d TXT %s\n' % (i, " ".join(['"%s"' % ("x" * 250)] * 2)) for i in range(MORE))


class Peer:
    """A running server of one zone: from `zone`, a text, telling Fairlead at `fairlead` of changes; or, without a text, copied from there.
    With `secret` both ends sign transfers with KEY; ours does not sign a NOTIFY. `tls`: names of the files with its certificate and key;
    it gives transfers over TLS as well, at `tls_port`."""
    PROGRAM = CONF = KEYS = WITH_KEY = PRIMARY = SECONDARY = None
    ARGUMENTS = ()
    KNOWS_CHANGES = True  # says them, and asks for them; else all of a zone
    BAD_SIGNATURE = "the server says BADSIG"  # what is logged of its word on one
    NO_KEY = TLS_IDENTITY = TLS_LISTEN = ""
    COMPLAINT = None  # an expression: in the log when a NOTIFY was not answered as it should be

    def __init__(self, test, fairlead, zone=None, domain="example.org", secret=None, tls=None):
        self.dir, self.port = tempfile.mkdtemp(prefix="fairlead-peer-"), free_port()
        test.addCleanup(shutil.rmtree, self.dir, True)
        self.test = test
        values = {"dir": self.dir, "port": self.port, "fairlead": fairlead, "domain": domain, "secret": secret, "name": KEY,
                  "algorithm": ALGORITHM, "with_key": self.WITH_KEY if secret else self.NO_KEY}
        values["keys"] = self.KEYS % values if secret else ""
        if tls:
            values["tls_port"] = self.tls_port = free_port()
            values["certificate"], values["key"] = tls
        values["tls_identity"], values["tls_listen"] = ((self.TLS_IDENTITY % values, self.TLS_LISTEN % values) if tls else ("", ""))
        values["role"] = (self.PRIMARY if zone else self.SECONDARY) % values
        self._write("conf", self.CONF % values)
        self.prepare(values, zone)
        with open(os.path.join(self.dir, "log"), "wb") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.dir)
        test.addCleanup(self.process.wait, PATIENCE)
        test.addCleanup(self.process.terminate)

    def _write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path + ".new", "w") as out:
            out.write(text)
        os.rename(path + ".new", path)

    def command(self):
        return [find(self.PROGRAM), *self.ARGUMENTS, "-c", os.path.join(self.dir, "conf")]

    def prepare(self, _values, zone):
        """Before it starts."""
        if zone:
            self._write("zone", zone)

    def load(self, zone):
        """Another version of its zone."""
        self._write("zone", zone)
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        with open(os.path.join(self.dir, "log"), errors="replace") as log:
            return log.read()

    def answers(self, name, rtype="A", port=None):
        """The data of what it says, or who serves at `port`; None for nothing yet."""
        try:
            reply = dns.exchange(port or self.port, dns.query(name, rtype), timeout=0.5)
        except OSError:
            return None
        return sorted(str(r.data) for r in reply.answers)

    def wait(self, what, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                self.test.fail("never: %s\n%s" % (what, self.log()))
            time.sleep(0.05)


class Knot(Peer):
    PROGRAM = "knotd"
    COMPLAINT = "server responded with error"
    CONF = """\
server:
    listen: 127.0.0.1@%(port)d
    rundir: "%(dir)s"
database:
    storage: "%(dir)s"
%(keys)s
remote:
  - id: fairlead
    address: 127.0.0.1@%(fairlead)d
%(with_key)s
acl:
  - id: transfers
    address: 127.0.0.1
    action: transfer
%(with_key)s
  - id: notices
    address: 127.0.0.1
    action: notify
zone:
  - domain: %(domain)s
    storage: "%(dir)s"
    file: zone
    acl: [transfers, notices]
%(role)s
"""
    KEYS = "key:\n  - id: %(name)s\n    algorithm: %(algorithm)s\n    secret: %(secret)s\n"
    WITH_KEY = "    key: " + KEY
    PRIMARY = "    notify: fairlead\n    zonefile-load: difference\n"
    SECONDARY = "    master: fairlead\n    zonefile-sync: -1\n"


class Nsd(Peer):
    PROGRAM = "nsd"
    ARGUMENTS = ("-d",)
    COMPLAINT = "received notify response error"
    CONF = """\
server:
    interface: 127.0.0.1@%(port)d
    server-count: 1
    verbosity: 2
    username: ""
    chroot: ""
    zonesdir: "%(dir)s"
    database: ""
    zonelistfile: "%(dir)s/zones"
    xfrdfile: "%(dir)s/state"
    xfrdir: "%(dir)s"
    pidfile: ""
    xfrd-reload-timeout: 0
%(tls_listen)s
remote-control:
    control-enable: no
%(keys)s
zone:
    name: %(domain)s
    zonefile: zone
%(role)s
"""
    KEYS = "key:\n    name: %(name)s\n    algorithm: %(algorithm)s\n    secret: %(secret)s\n"
    WITH_KEY, NO_KEY = KEY, "NOKEY"
    TLS_LISTEN = """\
    interface: 127.0.0.1@%(tls_port)d
    tls-port: %(tls_port)d
    tls-service-pem: "%(certificate)s"
    tls-service-key: "%(key)s"
"""
    PRIMARY = """\
    notify: 127.0.0.1@%(fairlead)d %(with_key)s
    provide-xfr: 127.0.0.1 %(with_key)s
    store-ixfr: yes
    create-ixfr: yes
"""
    SECONDARY = """\
    request-xfr: 127.0.0.1@%(fairlead)d %(with_key)s
    allow-notify: 127.0.0.1 NOKEY
"""


class Bind(Peer):
    PROGRAM = "named"
    ARGUMENTS = ("-g", "-n", "1", "-d", "3")
    COMPLAINT = r"notify to \S+ failed: (?!connection refused)|notify response from \S+: (?!NOERROR)"
    CONF = """\
%(tls_identity)s
options {
    directory "%(dir)s";
    pid-file none;
    session-keyfile none;
    listen-on port %(port)d { 127.0.0.1; };
%(tls_listen)s
    listen-on-v6 { none; };
    recursion no;
    dnssec-validation no;
    notify explicit;
    notify-delay 0;
};
controls { };
%(keys)s
zone "%(domain)s" {
%(role)s
};
"""
    KEYS = "key %(name)s { algorithm %(algorithm)s; secret \"%(secret)s\"; };\nserver 127.0.0.1 { keys { %(name)s; }; };\n"
    WITH_KEY, NO_KEY = "key " + KEY, "any"
    TLS_IDENTITY = "tls ours { cert-file \"%(certificate)s\"; key-file \"%(key)s\"; };\n"
    TLS_LISTEN = "    listen-on port %(tls_port)d tls ours { 127.0.0.1; };"
    PRIMARY = """\
    type primary;
    file "zone";
    also-notify { 127.0.0.1 port %(fairlead)d; };
    allow-transfer { %(with_key)s; };
    ixfr-from-differences yes;
"""
    SECONDARY = """\
    type secondary;
    file "copy";
    primaries { 127.0.0.1 port %(fairlead)d; };
    allow-notify { 127.0.0.1; };
"""


class PowerDns(Peer):
    """Its zones are in a database. Changes to them it does not say; when it asks for some it does not find their names afterwards (4.7)."""
    PROGRAM, KNOWS_CHANGES = "pdns_server", False
    SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
    COMPLAINT = "unsuccessful notification report"
    BAD_SIGNATURE = "the server says NOTAUTH, and has not signed it"
    CONF = """\
launch=gsqlite3
gsqlite3-database=%(dir)s/zones
gsqlite3-dnssec=yes
local-address=127.0.0.1
local-port=%(port)d
socket-dir=%(dir)s
security-poll-suffix=
setuid=
setgid=
disable-syslog=yes
xfr-cycle-interval=1
zone-cache-refresh-interval=0
cache-ttl=0
negquery-cache-ttl=0
query-cache-ttl=0
%(role)s
"""
    KEYS, WITH_KEY = "", KEY
    PRIMARY = """\
primary=yes
only-notify=
also-notify=127.0.0.1:%(fairlead)d
"""
    SECONDARY = "secondary=yes\n"

    def command(self):
        return [find(self.PROGRAM), "--config-dir=" + self.dir, "--config-name="]

    def util(self, *words):
        subprocess.run([find("pdnsutil"), "--config-dir=" + self.dir, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def prepare(self, values, zone):
        os.rename(os.path.join(self.dir, "conf"), os.path.join(self.dir, "pdns.conf"))
        with open(self.SCHEMA) as schema, contextlib.closing(sqlite3.connect(os.path.join(self.dir, "zones"))) as database:
            database.executescript(schema.read())
        self.domain, role = values["domain"], "primary" if zone else "secondary"
        if zone:
            self.load(zone)
            self.util("set-kind", self.domain, role)
        else:
            self.util("create-secondary-zone", self.domain, "127.0.0.1:%d" % values["fairlead"])
        if values["secret"]:
            self.util("import-tsig-key", KEY, ALGORITHM, values["secret"])
            self.util("activate-tsig-key", self.domain, KEY, role)

    def load(self, zone):
        self._write("zone", zone)
        self.util("load-zone", self.domain, os.path.join(self.dir, "zone"))


class Unbound(Peer):
    """A resolver that has a copy of the zone. It knows no TSIG."""
    PROGRAM = "unbound"
    ARGUMENTS = ("-d", "-p")
    KEYS = WITH_KEY = ""
    CONF = """\
server:
    interface: 127.0.0.1@%(port)d
    directory: "%(dir)s"
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    do-not-query-localhost: no
    module-config: "iterator"
remote-control:
    control-enable: no
auth-zone:
    name: %(domain)s
    fallback-enabled: no
%(role)s
"""
    SECONDARY = """\
    primary: 127.0.0.1@%(fairlead)d
    allow-notify: 127.0.0.1
"""
