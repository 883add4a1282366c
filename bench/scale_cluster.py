#!/usr/bin/env python3
"""The cluster that is measured: SERVICES services with two ports (one in ten headless) in SERVICES/100 namespaces, each with
one EndpointSlice of ENDPOINTS/SERVICES endpoints, written as the real controllers write them.

  scale_cluster.py manifests FOLDER SERVICES ENDPOINTS    JSON files for `kubernetes ... { manifests FOLDER }`
  scale_cluster.py load URL SERVICES ENDPOINTS            into an API server that takes the bearer token 'lab'
  scale_cluster.py queries FOLDER SERVICES ENDPOINTS      one file of "NAME TYPE" lines per kind of question
  scale_cluster.py mix FILE SERVICES ENDPOINTS            the same for what pods with ndots:5 ask of the cluster's zone
  scale_cluster.py zone FILE SERVICES ENDPOINTS           the cluster's zone as a zone file for other servers
"""
import http.client
import json
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

ZONE = "cluster.local"
THREADS = 12
QUESTIONS = 5000  # of each kind
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer lab"}


class Cluster:
    def __init__(self, services, endpoints):
        self.services = services
        self.per_service = max(1, endpoints // services)
        self.namespaces = max(1, services // 100)

    def namespace(self, i):
        return "team-%04d" % (i % self.namespaces)

    def name(self, i):
        return "svc-%05d" % i

    def headless(self, i):
        return i % 10 == 9

    def address(self, i, e):
        k = i * self.per_service + e
        return "10.%d.%d.%d" % (128 + k // 65536 % 128, k // 256 % 256, k % 256)

    def cluster_ip(self, i):
        return "None" if self.headless(i) else "10.%d.%d.%d" % (97 + i // 65536, i // 256 % 256, i % 256)

    def namespace_object(self, i):
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace(i)}}

    def service(self, i, cluster_ip=None):
        spec = {"ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080},
                          {"name": "metrics", "port": 9090, "protocol": "TCP", "targetPort": 9090}],
                "selector": {"app": self.name(i)}}
        if self.headless(i):
            spec["clusterIP"] = "None"
        elif cluster_ip:
            spec["clusterIP"] = cluster_ip
        labels = {"app": self.name(i), "app.kubernetes.io/managed-by": "Helm"}
        return {"apiVersion": "v1", "kind": "Service", "spec": spec,
                "metadata": {"name": self.name(i), "namespace": self.namespace(i), "labels": labels}}

    def endpoint(self, i, e):
        k = i * self.per_service + e
        pod = {"kind": "Pod", "name": "%s-7d4b9c6f5d-%05x" % (self.name(i), k), "namespace": self.namespace(i),
               "uid": "00000000-0000-4000-8000-%012x" % k}
        found = {"addresses": [self.address(i, e)], "nodeName": "node-%04d" % (k % 5000), "zone": "zone-a", "targetRef": pod,
                 "conditions": {"ready": True, "serving": True, "terminating": False}}
        if self.headless(i):
            found["hostname"] = "%s-%d" % (self.name(i), e)
        return found

    def slice(self, i, uid="x"):
        labels = {"kubernetes.io/service-name": self.name(i),
                  "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
        if self.headless(i):
            labels["service.kubernetes.io/headless"] = ""
        owner = {"apiVersion": "v1", "kind": "Service", "name": self.name(i), "uid": uid, "controller": True,
                 "blockOwnerDeletion": True}
        return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": self.name(i) + "-abcde", "namespace": self.namespace(i), "labels": labels,
                             "ownerReferences": [owner]},
                "ports": [{"name": "http", "port": 8080, "protocol": "TCP"},
                          {"name": "metrics", "port": 9090, "protocol": "TCP"}],
                "endpoints": [self.endpoint(i, e) for e in range(self.per_service)]}


    def pod(self, k):
        """The pod behind endpoint k of all, as a kubelet reports it; the ones beyond belong to no service."""
        i, name = k // self.per_service, "default"
        if i < self.services:
            name = self.name(i)
        address = self.address(0, k)
        container = {"name": "app", "image": "registry.example/%s:1.4.2" % name, "imagePullPolicy": "IfNotPresent",
                     "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                     "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
                     "volumeMounts": [{"name": "token", "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}
        conditions = [{"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-01-01T00:00:00Z"}
                      for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")]
        state = {"name": "app", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "ready": True, "restartCount": 0,
                 "image": container["image"], "imageID": "sha256:%064x" % k, "containerID": "containerd://%064x" % k, "started": True}
        return {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": "%s-7d4b9c6f5d-%05x" % (name, k), "namespace": self.namespace(i), "labels": {"app": name}},
                "spec": {"nodeName": "node-%04d" % (k % 5000), "serviceAccountName": "default", "containers": [container],
                         "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "enableServiceLinks": True},
                "status": {"phase": "Running", "conditions": conditions, "hostIP": "192.0.2.1", "podIP": address,
                           "podIPs": [{"ip": address}], "qosClass": "Burstable", "containerStatuses": [state]}}


class Api:
    """One API server; each thread has its connection."""

    def __init__(self, url):
        self.url = urllib.parse.urlparse(url)
        self.context = ssl._create_unverified_context()
        self.local = threading.local()

    def connect(self):
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.context, timeout=60)

    def call(self, method, path, body=None):
        for attempt in range(5):
            try:
                c = getattr(self.local, "connection", None) or self.connect()
                self.local.connection = c
                c.request(method, path, json.dumps(body) if body else None, HEADERS)
                reply = c.getresponse()
                data = reply.read()
                if reply.status in (200, 201, 202, 409):
                    return json.loads(data)
                if attempt == 4 or reply.status in (401, 403, 404, 422):
                    sys.exit("%s %s: %d %s" % (method, path, reply.status, data[:300]))
            except (http.client.HTTPException, OSError):
                self.local.connection = None
            time.sleep(.2 * attempt)
        sys.exit("%s %s: no answer" % (method, path))


def manifests(folder, cluster):
    os.makedirs(folder, exist_ok=True)
    for n in range(cluster.namespaces):
        items = [cluster.namespace_object(n)]
        for i in range(n, cluster.services, cluster.namespaces):
            items.append(cluster.service(i, cluster.cluster_ip(i)))
            items.append(cluster.slice(i))
        with open(os.path.join(folder, cluster.namespace(n) + ".json"), "w") as out:
            json.dump({"apiVersion": "v1", "kind": "List", "items": items}, out, separators=(",", ":"))


def load(url, cluster):
    api, begin = Api(url), time.time()
    for i in range(cluster.namespaces):
        api.call("POST", "/api/v1/namespaces", cluster.namespace_object(i))
    waiting, lock = iter(range(cluster.services)), threading.Lock()

    def work():
        while True:
            with lock:
                i = next(waiting, None)
            if i is None:
                return
            made = api.call("POST", "/api/v1/namespaces/%s/services" % cluster.namespace(i), cluster.service(i))
            api.call("POST", "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices" % cluster.namespace(i),
                     cluster.slice(i, made.get("metadata", {}).get("uid", "x")))

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print("%d services, %d endpoints in %.0f s" %
          (cluster.services, cluster.services * cluster.per_service, time.time() - begin))


def queries(folder, cluster):
    """What is asked: the kinds of the table in docs/benchmarks.md."""
    os.makedirs(folder, exist_ok=True)
    pick = random.Random(1)
    plain = [i for i in range(cluster.services) if not cluster.headless(i)]
    bare = [i for i in range(cluster.services) if cluster.headless(i)] or plain

    def name(i):
        return "%s.%s.svc.%s" % (cluster.name(i), cluster.namespace(i), ZONE)

    def reverse(i):
        address = cluster.address(i, pick.randrange(cluster.per_service))
        return ".".join(reversed(address.split("."))) + ".in-addr.arpa"

    kinds = {
        "a": lambda: (name(pick.choice(plain)), "A"),
        "aaaa-nodata": lambda: (name(pick.choice(plain)), "AAAA"),
        "nxdomain": lambda: ("www.example.com.%s.svc.%s" % (cluster.namespace(pick.choice(plain)), ZONE), "A"),
        "srv": lambda: ("_http._tcp." + name(pick.choice(plain)), "SRV"),
        "ptr": lambda: (reverse(pick.choice(bare)), "PTR"),
        "headless-%d" % cluster.per_service: lambda: (name(pick.choice(bare)), "A"),
    }
    for kind, make in kinds.items():
        with open(os.path.join(folder, kind), "w") as out:
            for _ in range(QUESTIONS):
                out.write("%s %s\n" % make())


def mix(path, cluster):
    """Lookups of pods with search `NAMESPACE.svc.ZONE svc.ZONE ZONE` and ndots:5, A and AAAA of each name that is tried, until
    one exists. Of ten lookups six are of outside names, two of a service in the pod's namespace, one of SERVICE.NAMESPACE and one
    of the whole name without a dot at the end. What goes on to a forwarder is left out."""
    pick = random.Random(2)
    outside = ["api.github.com", "s3.eu-central-1.amazonaws.com", "registry.example.org", "db.example.net"]
    plain = [i for i in range(cluster.services) if not cluster.headless(i)]
    with open(path, "w") as out:
        for turn in range(QUESTIONS // 2):
            service = pick.choice(plain)
            home = cluster.namespace(service if turn % 10 in (6, 7) else pick.choice(plain))
            whole = "%s.%s.svc.%s" % (cluster.name(service), cluster.namespace(service), ZONE)
            wanted = (whole.split(".", 1)[0], ".".join(whole.split(".")[:2]), whole)[max(0, turn % 10 - 7)]
            if turn % 10 < 6:
                wanted = pick.choice(outside)
            for end in (".%s.svc.%s" % (home, ZONE), ".svc." + ZONE, "." + ZONE, ""):
                name = wanted + end
                if turn % 10 < 6 and not end:
                    break
                out.write("%s A\n%s AAAA\n" % (name, name))
                if name == whole:
                    break


def zone(path, cluster):
    """The names of the cluster's services and endpoints; those of pods by their address, which are computed, are left out."""
    with open(path, "w") as out:
        out.write("$ORIGIN %s.\n$TTL 30\n@ SOA ns.dns hostmaster 1 7200 1800 86400 30\n@ NS ns.dns\nns.dns A 10.96.0.10\n"
                  "dns-version TXT 1.1.0\n" % ZONE)
        for i in range(cluster.services):
            name = "%s.%s.svc" % (cluster.name(i), cluster.namespace(i))
            targets = {name: "10.%d.%d.%d" % (97 + i // 65536, i // 256 % 256, i % 256)}
            if cluster.headless(i):
                targets = {"%s-%d.%s" % (cluster.name(i), e, name): cluster.address(i, e) for e in range(cluster.per_service)}
            for target, address in targets.items():
                out.write("%s A %s\n" % (target, address))
                if target != name:
                    out.write("%s A %s\n" % (name, address))
                for port, number in (("http", 80), ("metrics", 9090)):
                    out.write("_%s._tcp.%s SRV 0 %d %d %s\n" % (port, name, 100 // len(targets), number, target))


def ask(sock, name):
    """(rcode, number of answers), or (-1, 0) when nothing comes."""
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack("!HHHHHH", random.randrange(65536), 0x100, 1, 0, 0, 0) + wire + b"\0" + struct.pack("!HH", 1, 1)
    sock.send(query)
    try:
        while True:
            reply = sock.recv(4096)
            if reply[:2] == query[:2]:
                return reply[3] & 15, struct.unpack("!H", reply[6:8])[0]
    except socket.timeout:
        return -1, 0


def until(sock, name, wanted):
    begin = time.perf_counter()
    while ask(sock, name) != wanted:
        if time.perf_counter() - begin > 20:
            sys.exit("%s: %s was never answered" % (name, wanted))
        time.sleep(.0002)
    return (time.perf_counter() - begin) * 1000


def main(arguments):
    if len(arguments) == 4 and arguments[0] in ("manifests", "load", "queries", "mix", "zone"):
        {"manifests": manifests, "load": load, "queries": queries, "mix": mix, "zone": zone}[arguments[0]](
            arguments[1], Cluster(int(arguments[2]), int(arguments[3])))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
