"""The lab's API server: objects in and out, and a kubeconfig with the rights of a cluster DNS server.

Uses the administrator's key of the lab (test/e2e/lab), found by the variables RUN and API_PORT or their defaults.
"""
import json
import os
import pathlib
import ssl
import subprocess
import urllib.error
import urllib.request

CACHE = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
LAB = pathlib.Path(os.environ.get("FAIRLEAD_LAB", CACHE + "/fairlead/lab"))
RUN = pathlib.Path(os.environ.get("FAIRLEAD_LAB_RUN", LAB / "run"))
API = "https://127.0.0.1:" + os.environ.get("API_PORT", "6443")
HERE = pathlib.Path(__file__).resolve().parent
PATHS = {
    "Namespace": "/api/v1/namespaces", "Node": "/api/v1/nodes",
    "Service": "/api/v1/namespaces/{ns}/services", "Pod": "/api/v1/namespaces/{ns}/pods",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
}
_context = None


class Refused(Exception):
    """The API server's answer was an error; .code is its status."""

    def __init__(self, code, text):
        super().__init__("%d %s" % (code, text))
        self.code = code


def call(method, path, body=None, kind="application/json", timeout=30):
    """One request; the decoded JSON answer."""
    global _context
    if _context is None:
        _context = ssl.create_default_context(cafile=RUN / "pki/ca.crt")
        _context.load_cert_chain(RUN / "pki/admin.crt", RUN / "pki/admin.key")
    request = urllib.request.Request(API + path, method=method, headers={"Content-Type": kind},
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, context=_context, timeout=timeout) as reply:
            return json.loads(reply.read())
    except urllib.error.HTTPError as e:
        raise Refused(e.code, json.loads(e.read() or b"{}").get("message", "")) from None


def path_of(obj, name=True):
    meta = obj["metadata"]
    path = PATHS[obj["kind"]].format(ns=meta.get("namespace", ""))
    return path + "/" + meta["name"] if name else path


def create(obj):
    """Creates the object (and sets its status, when it has one); one that exists is replaced."""
    try:
        call("POST", path_of(obj, name=False), obj)
    except Refused as e:
        # a Service that exists is refused for its cluster IP first
        if e.code != 409 and "already allocated" not in str(e):
            raise
        if obj["kind"] not in ("Pod", "Node"):
            call("PATCH", path_of(obj), obj, "application/merge-patch+json")
    if "status" in obj:
        call("PATCH", path_of(obj) + "/status", {"status": obj["status"]},
             "application/strategic-merge-patch+json")


def delete(obj):
    try:
        call("DELETE", path_of(obj) + "?gracePeriodSeconds=0")
    except Refused as e:
        if e.code != 404:
            raise


def kubectl(*args, **kw):
    env = dict(os.environ, KUBECONFIG=str(RUN / "kubeconfig/admin.conf"))
    env["PATH"] = "%s/bin:%s" % (LAB, env["PATH"])
    return subprocess.run(["kubectl", *args], check=True, capture_output=True, text=True, env=env, **kw).stdout


def grant():
    """The ServiceAccount and the rights that kubeadm gives to its DNS server."""
    kubectl("apply", "-f", str(HERE / "../e2e/lab/rbac.yaml"))


def token(duration="24h"):
    return kubectl("-n", "kube-system", "create", "token", "coredns", "--duration", duration).strip()


def kubeconfig(folder, token_file=None):
    """Writes a kubeconfig for that ServiceAccount into folder; its path."""
    credentials = "tokenFile: %s" % token_file if token_file else "token: " + token()
    path = pathlib.Path(folder) / "kubeconfig"
    path.write_text(f"""apiVersion: v1
kind: Config
clusters: [{{name: lab, cluster: {{server: "{API}", certificate-authority: {RUN}/pki/ca.crt}}}}]
users: [{{name: coredns, user: {{{credentials}}}}}]
contexts: [{{name: lab, context: {{cluster: lab, user: coredns}}}}]
current-context: lab
""")
    path.chmod(0o600)
    return path
