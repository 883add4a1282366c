"""A small API server: lists and watches of fixed objects as JSON, and rights that can be taken away."""
import http.server
import json
import threading
import urllib.parse

KINDS = {"namespaces": ("v1", "Namespace"), "services": ("v1", "Service"), "pods": ("v1", "Pod"),
         "configmaps": ("v1", "ConfigMap"), "endpointslices": ("discovery.k8s.io/v1", "EndpointSlice")}
USER = "system:serviceaccount:kube-system:coredns"


def forbidden(resource, verb):
    group = "discovery.k8s.io" if resource == "endpointslices" else ""
    name = resource + ("." + group if group else "")
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403,
            "details": {"group": group, "kind": resource},
            "message": '%s is forbidden: User "%s" cannot %s resource "%s" in API group "%s" at the cluster scope'
                       % (name, USER, verb, resource, group)}


def selected(item, namespace, asked):
    """`namespace` is None for all; selectors are K=V,… of labels, and metadata.name=NAME."""
    meta = item["metadata"]
    if namespace not in (None, meta.get("namespace")):
        return False
    labels = [pair.partition("=") for pair in asked.get("labelSelector", [""])[0].split(",") if pair]
    fields = [field for field in asked.get("fieldSelector", [""])[0].split(",") if field.startswith("metadata.name=")]
    return (all(key in meta.get("labels", {}) and value in ("", meta["labels"][key]) for key, _, value in labels)
            and all(field == "metadata.name=" + meta["name"] for field in fields))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = urllib.parse.parse_qs(url.query)
        path = url.path.split("/")
        resource = path[-1]
        namespace = path[-2] if "namespaces" in path[:-1] else None
        watch = "watch" in asked
        if resource not in KINDS:
            return self.reply(404, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "NotFound",
                                    "code": 404, "message": "the server could not find the requested resource"})
        if resource in self.server.denied:
            return self.reply(403, forbidden(resource, "watch" if watch else "list"))
        if not watch:
            version, kind = KINDS[resource]
            return self.reply(200, {"kind": kind + "List", "apiVersion": version, "metadata": {"resourceVersion": "100"},
                                    "items": [item for item in self.server.objects.get(resource, [])
                                              if selected(item, namespace, asked)]})
        self.stream(resource, "sendInitialEvents" in asked)

    def reply(self, status, body):
        octets = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def stream(self, resource, initial):
        """What there is, then silence until the server ends."""
        version, kind = KINDS[resource]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if initial:
            for item in self.server.objects.get(resource, []):
                self.event("ADDED", dict(item, kind=kind, apiVersion=version))
            self.event("BOOKMARK", {"kind": kind, "apiVersion": version, "metadata": {
                "resourceVersion": "100", "annotations": {"k8s.io/initial-events-end": "true"}}})
        self.server.ended.wait()
        self.close_connection = True

    def event(self, kind, item):
        line = json.dumps({"type": kind, "object": item}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def log_message(self, *_):
        pass


class ApiServer(http.server.ThreadingHTTPServer):
    """`objects` and `denied` by resource; `denied` may change while it runs. `tls`: an SSLContext, for https."""
    daemon_threads = True

    def __init__(self, objects, denied=(), address=("127.0.0.1", 0), tls=None):
        super().__init__(address, Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.objects = objects
        self.denied = set(denied)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_port

    def end(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


def metadata(name, namespace=None, **more):
    place = {"namespace": namespace} if namespace else {}
    return dict({"name": name, "resourceVersion": "7"}, **place, **more)


OBJECTS = {
    "namespaces": [{"metadata": metadata("shop")}],
    "services": [
        {"metadata": metadata("web", "shop"), "spec": {
            "type": "ClusterIP", "clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"],
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}},
        {"metadata": metadata("db", "shop"), "spec": {
            "type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"],
            "ports": [{"name": "postgres", "port": 5432, "protocol": "TCP"}]}}],
    "endpointslices": [
        {"metadata": metadata("db-x7k2p", "shop", labels={"kubernetes.io/service-name": "db"}), "addressType": "IPv4",
         "ports": [{"name": "postgres", "port": 5432, "protocol": "TCP"}],
         "endpoints": [{"addresses": ["10.244.1.7"], "hostname": "db-0", "conditions": {"ready": True},
                        "targetRef": {"kind": "Pod", "name": "db-0", "namespace": "shop"}}]}],
}
