"""The plain manifests of deploy/, and the rights that any manifest may give."""

import os
import re

import yaml

import helm
import restricted

READ = {"list", "watch"}
RIGHTS = {("", "endpoints"), ("", "services"), ("", "pods"), ("", "namespaces"), ("discovery.k8s.io", "endpointslices")}
MULTICLUSTER = {("multicluster.x-k8s.io", "serviceexports"), ("multicluster.x-k8s.io", "serviceimports")}
# Of the cluster-proportional-autoscaler, whose role is its own.
AUTOSCALER = {("", "nodes"): READ, ("apps", "deployments/scale"): {"get", "update"}, ("", "configmaps"): {"get", "create"}}


def allowed(role, multicluster, policies):
    if role["metadata"]["name"].endswith("-autoscaler"):
        return AUTOSCALER
    rights = {right: READ for right in RIGHTS | (MULTICLUSTER if multicluster else set())}
    if policies:
        rights.update({(group, "podsecuritypolicies"): {"use"} for group in ("policy", "extensions")})
    return rights


def too_wide(objects, multicluster=False, policies=False):
    """Rights of ClusterRoles beyond those that CoreDNS has; every other kind of grant."""
    found = []
    for made in objects:
        if made["kind"] in ("Role", "RoleBinding"):
            found.append("a %s: %s" % (made["kind"], made["metadata"]["name"]))
        if made["kind"] != "ClusterRole":
            continue
        rights = allowed(made, multicluster, policies)
        for rule in made["rules"]:
            if set(rule) - {"apiGroups", "resources", "verbs", "resourceNames"}:
                found.append("%s: %s" % (made["metadata"]["name"], rule))
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    more = set(rule["verbs"]) - rights.get((group, resource), set())
                    found += ["%s: %s of %s/%s" % (made["metadata"]["name"], verb, group, resource) for verb in more]
    return found


def load(path):
    with open(path, encoding="utf-8") as file:
        return [document for document in yaml.safe_load_all(file) if document]


def images(node):
    """Every value of a key `image`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "image" and isinstance(value, str):
                yield value
            else:
                yield from images(value)
    elif isinstance(node, list):
        for value in node:
            yield from images(value)


def chart_image():
    """The image that the chart takes by default."""
    made = helm.render()
    return made["Deployment/dns-fairlead"]["spec"]["template"]["spec"]["containers"][0]["image"]


def plain(path, conform, corefile):
    """Problems of one file of deploy/."""
    documents = load(path)
    wanted = chart_image()
    found = ["%s: image %s, not %s" % (path, image, wanted) for image in images(documents) if image != wanted]
    if all("kind" in document for document in documents):
        with open(path, encoding="utf-8") as file:
            found += conform(file.read())
        found += corefile({document["metadata"]["name"]: document for document in documents})
        found += too_wide(documents)
        if os.path.basename(path) == "fairlead.yaml":  # kubeadm.yaml has kubeadm's security context
            found += restricted.violations(documents)
    elif len(documents) != 1 or list(images(documents)) != [wanted]:
        found.append("not a patch of one image")
    return found


def rendered_addon():
    """kubeadm's DNS addon, as Kubernetes' own source has it."""
    with open(os.path.join(os.environ["K8S_SOURCE"], "manifests.go"), encoding="utf-8") as file:
        source = file.read()
    text = "\n---\n".join(re.findall(r"CoreDNS\w+ = `\n(.*?)`", source, re.S))
    text = re.sub(r"\n *\{\{- if \.DNSDomain \}\}", "", text)
    text = re.sub(r"\n *\{\{- end \}\}", "", text)
    for name, value in {"DeploymentName": "coredns", "Replicas": "2", "Image": "registry.k8s.io/coredns/coredns:v1", "DNSIP": "10.96.0.10",
                        "DNSDomain": "cluster.local", "ControlPlaneTaintKey": "node-role.kubernetes.io/control-plane"}.items():
        text = text.replace("{{ .%s }}" % name, value)
    if "{{" in text:
        raise ValueError("a template of kubeadm was not understood: " + text[text.index("{{"):][:80])
    return [document for document in yaml.safe_load_all(text) if document]


def kubeadm_addon():
    """What differs between deploy/kubeadm.yaml and kubeadm's addon, but the image, the pace of
    readiness and what 'kubectl apply' must not have."""
    def keyed(documents):
        return {"%s/%s" % (document["kind"], document["metadata"]["name"]): document for document in documents}
    ours, theirs = keyed(load(os.path.join(helm.ROOT, "deploy", "kubeadm.yaml"))), keyed(rendered_addon())
    theirs["Service/kube-dns"]["metadata"].pop("resourceVersion")
    container = theirs["Deployment/coredns"]["spec"]["template"]["spec"]["containers"][0]
    container["image"] = chart_image()
    container["readinessProbe"].update(periodSeconds=1, failureThreshold=2)
    return ["%s differs" % name for name in sorted(set(ours) | set(theirs)) if ours.get(name) != theirs.get(name)]
