"""Prometheus scrapes a loaded server: every query of a dashboard has an answer, every alert rule can be evaluated."""
import json
import math
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import dnsmessage as dns
import upstream as scripted
from api_server import OBJECTS, ApiServer, Handler, metadata
from forwarding import ForwardTest
from harness import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
CHARTS = os.path.join(HERE, "../../charts")
ALERTS = os.path.join(CHARTS, "fairlead/alerts/fairlead.yaml")
RUNBOOK = os.path.join(HERE, "../../docs/alerts.md")
PATIENCE = 45  # seconds until everything must have been scraped
A, SOA, PTR, SRV = 1, 6, 12, 33
# Those that the label `type` names, but transfers, and one more.
TYPES = (A, 28, 5, 48, 43, 15, 50, 47, 2, PTR, 46, SOA, SRV, 16, 65, 64, 255, 257)
DNSSEC_OK = dns.record(b"\0", "OPT", b"", 0x8000, 1232)

# kubeadm's, and a block with what it leaves out. %(api)s and so on are addresses.
COREFILE = """\
.:{dns} {
    bind 127.0.0.1
    errors
    health 127.0.0.1:{health} {
       lameduck 10ms
    }
    ready 127.0.0.1:{ready}
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       endpoint %(api)s
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus 127.0.0.1:{metrics}
    forward . %(good)s {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
.:{other} {
    bind 127.0.0.1
    prometheus 127.0.0.1:{metrics}
    hosts {
        192.0.2.1 host.minikube.internal
        fallthrough
    }
    cache 30 {
        success 1024
        prefetch 1 1m 90%%
        serve_stale
    }
    forward dead.test %(dead)s {
        health_check 0.5s
    }
    forward slow.test %(silent)s %(good)s {
        policy sequential
    }
    forward . %(good)s
}
"""

# Two jobs for the one server: dashboards differ in what they expect it to be called.
PROMETHEUS = """\
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%(alerts)s]
scrape_configs:
%(jobs)s"""
JOB = """\
- job_name: %s
  static_configs: [{targets: ["127.0.0.1:%d"], labels: {cluster: test, pod: dns-0}}]
"""


class ChangingHandler(Handler):
    def stream(self, resource, initial):
        self.server.watchers.append((resource, self))
        super().stream(resource, initial)


class ChangingApi(ApiServer):
    """Endpoints that change: of a service with an address, and of one without."""

    def __init__(self):
        self.watchers = []
        manager = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
        slices = [dict(OBJECTS["endpointslices"][0], metadata=metadata(
            service + "-1", "shop", labels=dict(manager, **{"kubernetes.io/service-name": service}))) for service in ("web", "db")]
        self.changes = 0
        unreadable = {"metadata": metadata("bad", "shop"), "spec": 1}
        super().__init__(dict(OBJECTS, endpointslices=slices, services=OBJECTS["services"] + [unreadable]))
        self.RequestHandlerClass = ChangingHandler

    def change(self):
        """What the endpoint controller does when one pod replaces another."""
        self.changes += 1
        endpoints = [{"addresses": ["10.244.2.%d" % (self.changes % 250 + 1)], "conditions": {"ready": True}}]
        now = {"endpoints.kubernetes.io/last-change-trigger-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        for resource, watcher in self.watchers:
            for item in self.objects[resource] if resource == "endpointslices" else []:
                watcher.event("MODIFIED", dict(item, kind="EndpointSlice", apiVersion="discovery.k8s.io/v1", endpoints=endpoints,
                                               metadata=dict(item["metadata"], annotations=now)))


    def hang_up(self, resource):
        """Ends the watches of a kind: they are asked for again."""
        for watcher in [watcher for kind, watcher in self.watchers if kind == resource]:
            self.watchers.remove((resource, watcher))
            watcher.connection.shutdown(socket.SHUT_RDWR)


class Prometheus:
    """Scrapes the server's metrics under each of the jobs' names."""

    def __init__(self, target, jobs):
        self.dir = tempfile.mkdtemp(prefix="fairlead-prometheus-")
        self.port = free_port()
        config = os.path.join(self.dir, "prometheus.yaml")
        with open(config, "w") as out:
            out.write(PROMETHEUS % {"alerts": os.path.abspath(ALERTS), "jobs": "".join(JOB % (job, target) for job in jobs)})
        with open(os.path.join(self.dir, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(self.dir, "data"),
                 "--web.listen-address=127.0.0.1:%d" % self.port, "--log.level=warn"], stdout=log, stderr=subprocess.STDOUT)

    def log(self):
        with open(os.path.join(self.dir, "log"), errors="replace") as log:
            return log.read()

    def api(self, path, **parameters):
        url = "http://127.0.0.1:%d/api/v1/%s?%s" % (self.port, path, urllib.parse.urlencode(parameters))
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return json.load(reply)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None     # it still starts
            raise AssertionError("%s: %s" % (parameters, error.read().decode()))
        except OSError:
            return None

    def query(self, expression):
        """The series of the result whose value is a number."""
        data = self.api("query", query=expression)
        return [series for series in data["result"] if not math.isnan(float(series["value"][1]))] if data else []

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)


def substitute(text, values):
    for name, value in values.items():
        text = text.replace("$" + name, value)
    return text


def own_queries():
    """(where it is, expression, labels that its legend names) of every target and variable of our dashboard."""
    with open(os.path.join(CHARTS, "fairlead/dashboards/fairlead.json")) as source:
        dashboard = json.load(source)
    values = {"__rate_interval": "1m", "cluster": ".*", "job": "coredns", "instance": ".*"}
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], substitute(target["expr"], values), re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"]).groups()
            yield "$" + variable["name"], "count by (%s) (%s)" % (label, substitute(metric, values)), [label]


def community_queries():
    title, values = "", {}
    with open(os.path.join(HERE, "dashboard_queries.txt")) as source:
        for line in map(str.strip, source):
            if section := re.fullmatch(r"\[where (\S+) range (\w+)\]", line):
                values = {"where": section[1], "range": section[2]}
            elif line.startswith("#"):
                title = line[2:]
            elif line:
                yield title, substitute(line, values), []


def alert_names():
    with open(ALERTS) as source:
        return re.findall(r"- alert: (\w+)", source.read())


class Dashboards(ForwardTest):
    def load(self, server, stop):
        """Until told to stop: what clients of a cluster ask, and what nobody should. A name that fails takes its time on another thread."""
        main, other = server.ports["dns"], server.ports["other"]

        def ask(port, name, rtype=A, tcp=False, timeout=2, records=()):
            question = dns.name_octets(name) + struct.pack("!HH", rtype, 1)
            try:
                dns.exchange(port, dns.message(4711, dns.RD, question, ((), (), records)), tcp, timeout)
            except OSError:
                pass

        def failing():
            while not stop.wait(0.1):
                ask(other, "dead.test", timeout=1)
                ask(other, "a%d.slow.test" % time.monotonic_ns(), timeout=1)

        threading.Thread(target=failing, daemon=True).start()
        for i in range(1400):   # more than the smaller cache holds
            ask(other, "n%d.test" % i)
        while not stop.wait(0.2):
            for rtype in TYPES:
                ask(main, "web.shop.svc.cluster.local", rtype)
            for tcp in (False, True):
                ask(main, "db.shop.svc.cluster.local", tcp=tcp, records=[DNSSEC_OK])
                ask(main, "_postgres._tcp.db.shop.svc.cluster.local", SRV, tcp)
                ask(main, "7.0.96.10.in-addr.arpa", PTR, tcp)
                ask(main, "web.shop.svc.cluster.local.shop.svc.cluster.local", tcp=tcp)
                ask(main, "often.test", tcp=tcp)
            ask(main, "denied.test")
            for kind in ("failing", "refused", "guessed", "new"):
                ask(main, "%s.n%d.test" % (kind, time.monotonic_ns()))
            ask(other, "host.minikube.internal")
            ask(other, "brief.test")
            ask(other, "once.test")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.sendto(b"\0\1\1\0\0\2" + bytes(6) + b"junk", ("127.0.0.1", main))
            self.api.change()
            self.api.hang_up("namespaces")

    def behave(self, asked, link, upstream):
        """By the first label of a name."""
        kind = asked.name.split(".")[0]
        if kind == "once" and asked.nth > 0:
            return
        ttl = 2 if kind in ("once", "brief") else 300
        if kind == "guessed":
            link.send(scripted.wrong_id(asked))
        code = {"failing": dns.SERVFAIL, "refused": dns.REFUSED}.get(kind)
        if kind == "denied":
            link.send(scripted.nxdomain(asked))
        else:
            link.send(asked.good(ttl) if code is None else asked.reply(rcode=code))

    def setUp(self):
        self.api = ChangingApi()
        self.addCleanup(self.api.end)
        good, silent = self.upstream(self.behave), self.upstream(scripted.silent)
        addresses = {"api": self.api.url, "good": good.address, "silent": silent.address, "dead": "127.0.0.1:%d" % free_port()}
        self.server = self.start(COREFILE % addresses)
        self.server.wait("the cluster is known", lambda: self.server.try_get("ready", "/ready") == (200, "OK"))
        self.prometheus = Prometheus(self.server.ports["metrics"], ["coredns", "kube-dns"])
        self.addCleanup(self.prometheus.stop)
        stop = threading.Event()
        load = threading.Thread(target=self.load, args=(self.server, stop), daemon=True)
        load.start()
        self.addCleanup(load.join)
        self.addCleanup(stop.set)

    def unanswered(self, queries):
        """Those that have no data yet, or no series with a label that the legend names."""
        return [query for query in queries
                if not any(all(label in series["metric"] for label in query[2]) for series in self.prometheus.query(query[1]))]

    def test_every_query_has_an_answer(self):
        with open(ALERTS) as source:
            names = {("alerts", name, ()) for name in re.findall(r"\b(?:coredns|fairlead)_\w+", re.sub("#.*", "", source.read()))}
        queries = [*own_queries(), *community_queries(), *names]
        self.assertGreater(len(queries), 150)
        missing, end = queries, time.monotonic() + PATIENCE
        while missing := self.unanswered(missing):
            self.assertIsNone(self.prometheus.process.poll(), self.prometheus.log())
            if time.monotonic() > end:
                self.fail("no data for\n" + "\n".join("%s: %s" % query[:2] for query in missing) + "\n" + self.server.log()[-2000:])
            time.sleep(0.1)
        rules = [rule for group in self.prometheus.api("rules")["groups"] for rule in group["rules"]]
        self.assertEqual([rule["name"] for rule in rules], alert_names())
        self.assertEqual([rule for rule in rules if rule.get("lastError")], [])
        self.assert_metrics_parse(self.server)


class Files(unittest.TestCase):
    def run_quietly(self, *command):
        done = subprocess.run(command, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_dashboard_is_what_its_generator_writes(self):
        self.run_quietly(sys.executable, "-B", os.path.join(CHARTS, "dashboard.py"), "--check")

    def test_alert_rules(self):
        self.run_quietly("promtool", "check", "rules", ALERTS)
        self.run_quietly("promtool", "test", "rules", os.path.join(HERE, "alerts.yaml"))

    def test_every_alert_is_tested_and_explained(self):
        with open(os.path.join(HERE, "alerts.yaml")) as tests, open(RUNBOOK) as runbook, open(ALERTS) as alerts:
            tested, sections, rules = tests.read(), re.findall(r"(?m)^### (.+)$", runbook.read()), alerts.read()
        self.assertGreater(len(alert_names()), 15)
        for name in alert_names():
            self.assertIn('ALERTS{alertname="%s", alertstate="firing"' % name, tested)
        self.assertEqual([name for section in sections for name in section.split(", ")], alert_names())
        for section in re.findall(r"runbook: .*docs/alerts\.md, (\w+)\.", rules):
            self.assertIn(section, [name.split(", ")[0] for name in sections])
        for key in ("summary", "description", "runbook", "runbook_url"):
            self.assertEqual(rules.count(" %s: " % key), len(alert_names()), key)


if __name__ == "__main__":
    unittest.main()
