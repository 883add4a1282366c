#!/usr/bin/python3
"""Objects that between them show every rule of the Kubernetes DNS records; fixed names and addresses.

Usage: fixtures.py up|down   (on the lab's API server)
"""
import sys
import time

import kube

LOCAL_IP = "10.250.53.53"     # the address the DNS servers under test are bound to; kube-dns has it as endpoint
S63 = "s" + "0123456789" * 6 + "ab"
N63 = "n" + "0123456789" * 6 + "ab"
HTTP = [("http", 80, "TCP")]


def meta(name, ns=None, **kw):
    m = {"name": name, "labels": kw.pop("labels", {})}
    m["labels"]["fixture"] = "fairlead"
    if ns:
        m["namespace"] = ns
    return dict(m, **kw)


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta(name, labels=labels)}


def ports(spec):
    """spec: (name, port, protocol), and the node port when there is one."""
    keys = ("name", "port", "protocol", "nodePort")
    return [{k: v for k, v in zip(keys, p) if v is not None} for p in spec]


def service(ns, name, ip=None, port=HTTP, labels=None, **spec):
    """ip: None for headless, one address, or a list for dual stack; 'external' for an ExternalName."""
    if ip == "external":
        spec.update(type="ExternalName")
    else:
        ips = ["None"] if ip is None else [ip] if isinstance(ip, str) else ip
        if ip is None and "ipFamilies" not in spec:
            spec.update(ipFamilies=["IPv4", "IPv6"], ipFamilyPolicy="RequireDualStack")
        elif len(ips) == 2:
            spec.update(ipFamilyPolicy="RequireDualStack")
        elif ip and ":" in ips[0]:
            spec.update(ipFamilies=["IPv6"], ipFamilyPolicy="SingleStack")
        spec.update(clusterIP=ips[0], clusterIPs=ips)
    if port:
        spec["ports"] = ports(port)
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, ns, labels=labels or {}), "spec": spec}


def endpoint(*addresses, hostname=None, pod=None, **conditions):
    e = {"addresses": list(addresses)}
    if conditions:
        e["conditions"] = conditions
    if hostname:
        e["hostname"] = hostname
    if pod:
        e["targetRef"] = {"kind": "Pod", "name": pod, "namespace": "alpha"}
    return e


def slice_(ns, svc, suffix, *endpoints, port=HTTP, labels=None):
    """A slice of the service svc (None: of no service)."""
    v6 = endpoints and ":" in endpoints[0]["addresses"][0]
    labels = dict(labels or {}, **{"endpointslice.kubernetes.io/managed-by": "fixtures"})
    if svc:
        labels["kubernetes.io/service-name"] = svc
    obj = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv6" if v6 else "IPv4",
           "metadata": meta("%s-%s" % (svc or "orphan", suffix), ns, labels=labels), "endpoints": list(endpoints)}
    if port is not None:
        obj["ports"] = ports(port)
    return obj


def pod(ns, name, *ips, phase="Running", ready=True, labels=None, **spec):
    condition = [{"type": "Ready", "status": "True" if ready else "False"}]
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, ns, labels=labels or {}),
           "spec": dict({"nodeName": "fixture-node", "automountServiceAccountToken": False, "containers": [{"name": "c", "image": "none"}]}, **spec),
           "status": {"phase": phase, "conditions": condition}}
    if spec.get("hostNetwork"):
        obj["status"]["hostIP"] = ips[0]
        obj["status"]["hostIPs"] = [{"ip": ips[0]}]
    if ips:
        obj["status"].update(podIP=ips[0], podIPs=[{"ip": i} for i in ips])
    return obj


def cluster_ips():
    a = "alpha"
    yield service(a, "web", "10.96.1.1", labels={"tier": "front"})
    yield slice_(a, "web", "1", endpoint("10.244.1.1"), endpoint("10.244.1.2", ready=True), labels={"tier": "front"})
    yield service(a, "multi", "10.96.1.2", [("http", 80, "TCP"), ("https", 443, "TCP"), ("dns", 53, "UDP"),
                                            ("dns-tcp", 53, "TCP"), ("sctp", 132, "SCTP")])
    yield slice_(a, "multi", "1", endpoint("10.244.1.3"), port=[("http", 8080, "TCP"), ("https", 8443, "TCP"),
                 ("dns", 5353, "UDP"), ("dns-tcp", 5353, "TCP"), ("sctp", 132, "SCTP")])
    yield service(a, "unnamed", "10.96.1.3", [(None, 8080, "TCP")])
    yield slice_(a, "unnamed", "1", endpoint("10.244.1.4"), port=[(None, 8080, "TCP")])
    yield service(a, "dual", ["10.96.1.4", "fd00:10:96::104"])
    yield slice_(a, "dual", "1", endpoint("10.244.1.5", hostname="one"))
    yield slice_(a, "dual", "2", endpoint("fd00:10:240::105", hostname="one"))
    yield service(a, "dual-many", ["fd00:10:96::114", "10.96.1.14"], [("http", 80, "TCP"), ("https", 443, "TCP"),
                  ("dns", 53, "UDP")], ipFamilies=["IPv6", "IPv4"])
    yield service(a, "v6only", "fd00:10:96::105")
    yield service(a, "noslice", "10.96.1.6")
    yield service(a, "emptyslice", "10.96.1.7")
    yield slice_(a, "emptyslice", "1")
    yield service(a, "notready", "10.96.1.8")
    yield slice_(a, "notready", "1", endpoint("10.244.1.8", ready=False), endpoint("10.244.1.9", ready=False, hostname="down"))
    yield service(a, "nodeport", "10.96.1.9", [("http", 80, "TCP", 30080)], type="NodePort")
    lb = service(a, "lb", "10.96.1.10", [("http", 80, "TCP", 30081)], type="LoadBalancer", externalIPs=["198.51.100.7"])
    lb["status"] = {"loadBalancer": {"ingress": [{"ip": "198.51.100.8"}]}}
    yield lb
    yield service(a, "sameport", "10.96.1.11", [("a", 80, "TCP"), ("b", 80, "UDP")])
    yield service(a, "digits", "10.96.1.12", [("8-http", 80, "TCP"), ("1x", 81, "UDP")])
    yield service(a, S63, "10.96.1.13", [("p23456789012345", 80, "TCP")])
    yield slice_(a, S63, "1", endpoint("10.244.1.13", hostname="h" + "0123456789" * 6 + "ab"))
    yield service(a, "hosts", "10.96.1.15")
    yield slice_(a, "hosts", "1", endpoint("10.244.1.15", hostname="a"), endpoint("10.244.1.16", hostname="b"))
    yield service(a, "any", "10.96.1.16")
    yield service(a, "svc", "10.96.1.17")
    yield service(a, "pod", "10.96.1.18")
    yield service(a, "tcp", "10.96.1.19", [("tcp", 1, "TCP"), ("udp", 2, "UDP")])
    yield service(a, "portless-slice", "10.96.1.20")
    yield slice_(a, "portless-slice", "1", endpoint("10.244.1.20"), port=None)


def headless():
    a = "alpha"
    yield service(a, "hl")
    yield slice_(a, "hl", "1", *[endpoint("10.244.2.%d" % i) for i in (1, 2, 3)])
    yield service(a, "hl-hosts", port=[("http", 80, "TCP"), ("metrics", 9100, "TCP")])
    yield slice_(a, "hl-hosts", "1", endpoint("10.244.2.11", hostname="one"), endpoint("10.244.2.12", hostname="two"),
                 port=[("http", 80, "TCP"), ("metrics", 9100, "TCP")])
    yield service(a, "hl-shared")
    yield slice_(a, "hl-shared", "1", endpoint("10.244.2.21", hostname="same"), endpoint("10.244.2.22", hostname="same"),
                 endpoint("10.244.2.23", hostname="other"))
    yield slice_(a, "hl-shared", "2", endpoint("fd00:10:240::21", hostname="same"))
    yield service(a, "hl-dual")
    yield slice_(a, "hl-dual", "4", endpoint("10.244.2.31"))
    yield slice_(a, "hl-dual", "6", endpoint("fd00:10:240::31"))
    yield service(a, "hl-v6")
    yield slice_(a, "hl-v6", "1", endpoint("fd00:10:240:1::"), endpoint("fd00:10:240::42"))
    yield service(a, "hl-slices", port=[("http", 80, "TCP"), ("admin", 81, "TCP")])
    yield slice_(a, "hl-slices", "1", endpoint("10.244.2.51"), endpoint("10.244.2.52"))
    yield slice_(a, "hl-slices", "2", endpoint("10.244.2.52"), endpoint("10.244.2.53"), port=[("admin", 81, "TCP")])
    yield slice_(a, "hl-slices", "3", endpoint("10.244.2.53", ready=False), endpoint("10.244.2.54", hostname="four"))
    yield service(a, "hl-notready")
    yield slice_(a, "hl-notready", "1", endpoint("10.244.2.61", ready=False), endpoint("10.244.2.62", ready=False, hostname="x"))
    yield service(a, "hl-mixed")
    yield slice_(a, "hl-mixed", "1", endpoint("10.244.2.71", ready=True, serving=True, terminating=False),
                 endpoint("10.244.2.72", ready=False, serving=True, terminating=True), endpoint("10.244.2.73"),
                 endpoint("10.244.2.74", serving=False), endpoint("10.244.2.75", ready=False, hostname="never"))
    yield service(a, "hl-publish", publishNotReadyAddresses=True)
    yield slice_(a, "hl-publish", "1", endpoint("10.244.2.81", ready=True, serving=False),
                 endpoint("10.244.2.82", ready=False, serving=False))
    yield service(a, "hl-noports", port=[])
    yield slice_(a, "hl-noports", "1", endpoint("10.244.2.91"), port=None)
    yield service(a, "hl-emptyports", port=[])
    yield slice_(a, "hl-emptyports", "1", endpoint("10.244.2.92"), port=[])
    yield service(a, "hl-unnamed", port=[(None, 80, "TCP")])
    yield slice_(a, "hl-unnamed", "1", endpoint("10.244.2.93"), port=[("", 80, "TCP")])
    yield service(a, "hl-allports")
    yield slice_(a, "hl-allports", "1", endpoint("10.244.2.94"), port=[("http", None, "TCP")])
    yield service(a, "hl-six")
    yield slice_(a, "hl-six", "1", *[endpoint("10.244.3.%d" % i) for i in range(1, 7)])
    yield service(a, "hl-big")
    for n in (1, 2):
        yield slice_(a, "hl-big", str(n), *[endpoint("10.244.4.%d" % (n * 40 + i)) for i in range(40)])
    yield service(a, "hl-huge")
    for n in range(3):
        yield slice_(a, "hl-huge", str(n), *[endpoint("10.245.%d.%d" % (n, i), hostname="huge-%d" % (n * 100 + i))
                                             for i in range(100)])
    yield service(a, "hl-none")
    yield service(a, "hl-emptyslice")
    yield slice_(a, "hl-emptyslice", "1")
    yield service(a, "hl-pods")
    yield slice_(a, "hl-pods", "1", endpoint("10.244.2.101", pod="pods-a"), endpoint("10.244.2.102", pod="pods-b", hostname="named"),
                 endpoint("10.244.2.103", pod="p" * 63), endpoint("10.244.2.104", pod="q" * 64), endpoint("10.244.2.105", pod="dotted.pod"))
    yield service(a, "hl-sctp", port=[("diameter", 3868, "SCTP")])
    yield slice_(a, "hl-sctp", "1", endpoint("10.244.2.111"), port=[("diameter", 3868, "SCTP")])
    yield service(a, "hl-addresses")
    yield slice_(a, "hl-addresses", "1", endpoint("10.244.2.121", "10.244.2.122", hostname="pair"))
    yield slice_(a, None, "1", endpoint("10.244.2.131"))
    yield slice_(a, "ghost", "1", endpoint("10.244.2.132", hostname="boo"))
    # the same address behind several services, in one namespace and in another
    yield service("beta", "shares")
    yield slice_("beta", "shares", "1", endpoint("10.244.2.1"), endpoint("10.244.2.11", hostname="uno"))
    yield service("beta", "web", "10.96.2.1", labels={"tier": "front"})
    yield slice_("beta", "web", "1", endpoint("10.244.1.1", hostname="front"), labels={"tier": "front"})
    yield service("beta", "points-at-ip")
    yield slice_("beta", "points-at-ip", "1", endpoint("10.96.1.1"))
    yield service(N63, S63)
    yield slice_(N63, S63, "1", endpoint("10.244.6.1", hostname="h" + "0123456789" * 6 + "ab"))
    yield service("1ns", "digit", "10.96.2.2")
    yield service("svc", "dns", "10.96.2.3")
    yield service("pod", "web", "10.96.2.4")
    yield service("kube-system", "kube-dns", "10.96.0.10",
                  [("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP")])
    yield slice_("kube-system", "kube-dns", "1", endpoint(LOCAL_IP),
                 port=[("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP")])


EXTERNAL = {
    "in": "web.alpha.svc.cluster.local", "in-dual": "dual.alpha.svc.cluster.local", "in-v6": "v6only.alpha.svc.cluster.local",
    "hl": "hl.alpha.svc.cluster.local", "pod": "10-244-50-1.alpha.pod.cluster.local",
    "missing": "missing.alpha.svc.cluster.local", "out": "host.example.test", "out-missing": "nope.example.test",
    "ip": "10.1.2.3", "self": "ext-self.alpha.svc.cluster.local", "chain-1": "ext-chain-2.alpha.svc.cluster.local",
    "chain-2": "ext-in.alpha.svc.cluster.local", "loop-a": "ext-loop-b.alpha.svc.cluster.local",
    "loop-b": "ext-loop-a.alpha.svc.cluster.local", "dot": "web.alpha.svc.cluster.local.", "short": "web",
    "nodata": "alpha.svc.cluster.local", "apex": "cluster.local", "version": "dns-version.cluster.local",
    "port": "_http._tcp.web.alpha.svc.cluster.local", "endpoint": "one.hl-hosts.alpha.svc.cluster.local",
    "to-out": "ext-out.alpha.svc.cluster.local", "other-zone": "web.alpha.svc.second.example",
}
EXTERNAL.update({"deep-%d" % i: "ext-deep-%d.alpha.svc.cluster.local" % (i + 1) for i in range(12)})
EXTERNAL["deep-12"] = "web.alpha.svc.cluster.local"
EXTERNAL.pop("port")          # underscores are refused by the API server


def external_names():
    for name, target in EXTERNAL.items():
        yield service("alpha", "ext-" + name, "external", port=[], externalName=target)
    yield service("alpha", "ext-ports", "external", externalName="web.alpha.svc.cluster.local")
    yield service("beta", "ext-cross", "external", port=[], externalName="web.alpha.svc.cluster.local")


def pods():
    yield {"apiVersion": "v1", "kind": "Node", "metadata": meta("fixture-node")}
    yield pod("alpha", "plain", "10.244.50.1")
    yield pod("alpha", "both", "10.244.50.2", "fd00:10:240::50:2")
    yield pod("alpha", "six", "fd00:10:240::50:3")
    yield pod("alpha", "host", "10.250.9.9", hostNetwork=True)
    yield pod("alpha", "done", "10.244.50.4", phase="Succeeded", ready=False)
    yield pod("alpha", "failed", "10.244.50.5", phase="Failed", ready=False)
    yield pod("alpha", "pending", phase="Pending", ready=False)
    yield pod("alpha", "unready", "10.244.50.6", ready=False)
    yield pod("beta", "elsewhere", "10.244.50.7")
    # a StatefulSet's pods, through the real endpoint slice controller
    yield service("alpha", "db", port=[("sql", 5432, "TCP")], selector={"app": "db"}, ipFamilies=["IPv4"])
    yield service("alpha", "db-front", "10.96.1.50", [("sql", 5432, "TCP")], selector={"app": "db"})
    yield service("alpha", "db-all", port=[("sql", 5432, "TCP")], selector={"app": "db"}, publishNotReadyAddresses=True,
                  ipFamilies=["IPv4"])
    for i in range(3):
        yield pod("alpha", "db-%d" % i, "10.244.51.%d" % (i + 1), labels={"app": "db"}, hostname="db-%d" % i,
                  subdomain="db", ready=i != 2)


def objects():
    yield namespace("alpha", exposed="yes")
    yield namespace("beta", exposed="no")
    for n in ("empty", "1ns", "svc", "pod", N63):
        yield namespace(n)
    yield from cluster_ips()
    yield from headless()
    yield from external_names()
    yield from pods()


def up():
    for o in objects():
        for attempt in range(50):
            try:
                kube.create(o)
                break
            except kube.Refused as e:
                # a new namespace's default service account takes a moment; pods need it
                if e.code != 403 or attempt == 49:
                    print("%s %s: %s" % (o["kind"], o["metadata"]["name"], e), file=sys.stderr)
                    break
                time.sleep(0.2)


def down():
    """Removes them; returns when the namespaces are gone."""
    found = list(objects())
    for o in found:
        if o["kind"] in ("Pod", "Node") or o["metadata"].get("namespace") == "kube-system":
            kube.delete(o)
    spaces = [o for o in found if o["kind"] == "Namespace"]
    for o in spaces:
        kube.delete(o)
    for _ in range(300):
        left = {n["metadata"]["name"] for n in kube.call("GET", "/api/v1/namespaces")["items"]}
        if not left & {o["metadata"]["name"] for o in spaces}:
            return
        time.sleep(0.2)
    sys.exit("namespaces are still there after a minute")


if __name__ == "__main__":
    {"up": up, "down": down}[sys.argv[1]]()
