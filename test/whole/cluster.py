"""The cluster of the whole Corefiles: a few services of each kind."""


def metadata(name, namespace=None, **more):
    return dict({"name": name, "resourceVersion": "7", "uid": "%s-%s" % (namespace, name)}, **({"namespace": namespace} if namespace else {}), **more)


def port(name, number, protocol="TCP"):
    return {"name": name, "port": number, "protocol": protocol}


def service(namespace, name, address, *ports, **spec):
    addresses = {"clusterIP": address, "clusterIPs": [address]} if address else {}
    return {"metadata": metadata(name, namespace), "spec": {"type": "ClusterIP", "ports": list(ports), **addresses, **spec}}


def endpoint(address, pod=None, **more):
    target = {"targetRef": {"kind": "Pod", "name": pod, "namespace": "shop"}} if pod else {}
    return {"addresses": [address], "conditions": {"ready": True}, **target, **more}


def pod(name, address, namespace="shop", **labels):
    return {"metadata": metadata(name, namespace, labels=labels), "spec": {"containers": []},
            "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}}


def endpoint_slice(namespace, service_name, ports, *endpoints):
    return {"metadata": metadata(service_name + "-x7k2p", namespace, labels={"kubernetes.io/service-name": service_name}),
            "addressType": "IPv4", "ports": list(ports), "endpoints": list(endpoints)}


HTTP, DNS, DNS_TCP, POSTGRES = port("http", 80), port("dns", 53, "UDP"), port("dns-tcp", 53), port("postgres", 5432)
OBJECTS = {
    "namespaces": [{"metadata": metadata(name)} for name in ("default", "kube-system", "shop", "ingress-nginx", "istio-system")],
    "services": [
        service("default", "kubernetes", "10.96.0.1", port("https", 443)),
        service("kube-system", "kube-dns", "10.96.0.10", DNS, DNS_TCP),
        service("shop", "web", "10.96.0.7", HTTP, type="LoadBalancer", externalIPs=["192.0.2.90"]) | {
            "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.80"}]}}},
        service("shop", "db", "None", POSTGRES),
        service("shop", "outside", None, type="ExternalName", externalName="www.outside.example"),
        service("ingress-nginx", "ingress-nginx-controller", "10.96.0.20", HTTP, port("https", 443)),
        service("istio-system", "istio-ingressgateway", "10.96.0.21", HTTP)],
    "endpointslices": [
        endpoint_slice("default", "kubernetes", [port("https", 443)], endpoint("10.0.0.5")),
        endpoint_slice("kube-system", "kube-dns", [DNS, DNS_TCP], endpoint("10.244.0.2")),
        endpoint_slice("shop", "web", [HTTP], endpoint("10.244.1.5", "web-1"), endpoint("10.244.1.6", "web-2")),
        endpoint_slice("shop", "db", [POSTGRES], endpoint("10.244.1.7", "db-0", hostname="db-0"),
                       endpoint("10.244.1.8", "db-1", hostname="db-1")),
        endpoint_slice("ingress-nginx", "ingress-nginx-controller", [HTTP], endpoint("10.244.1.9"))],
    # the client of all questions is a pod, too
    "pods": [pod("web-1", "10.244.1.5", app="web"), pod("db-0", "10.244.1.7"), pod("client", "10.7.0.1", app="client")],
}
