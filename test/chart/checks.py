#!/usr/bin/python3
"""Every check of the chart and the plain manifests; see run."""

import glob
import os
import re
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor

import yaml

import documents
import expect
import helm
import manifests
import restricted
import schemas

CRDS = os.path.join(helm.HERE, "crds")
KINDS = {("", "v1", kind) for kind in ("ConfigMap", "Pod", "Service", "ServiceAccount")} | {
    ("apps", "v1", "Deployment"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("networking.k8s.io", "v1", "NetworkPolicy"),
    ("policy", "v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
}


# Values files that ask for more than the Pod Security Standard `restricted` allows: containers of the user's, ports of the host.
LOOSE = ("everything", "external")


def lint(files):
    options = [option for path in files for option in ("-f", path)]
    code, out, err = helm.run("helm", "lint", "--strict", helm.CHART, *options)
    return [] if code == 0 else [out + err]


def conform(text, folder):
    """What kubeconform has against a text of manifests."""
    places = [option for place in (folder, CRDS)
              for option in ("-schema-location", place + "/{{.ResourceKind}}{{.KindSuffix}}.json")]
    code, out, err = helm.run("kubeconform", "-strict", "-summary", *places, "-", stdin=text)
    if code == 0 and re.search(r"Valid: [1-9]", out) and "Skipped: 0" in out:
        return []
    return [out + err]


def corefile(objects):
    """What the server has against the Corefiles of the ConfigMaps; its directives alone, not what `import` would find."""
    found = []
    for name, made in objects.items():
        if made["kind"] != "ConfigMap" or "Corefile" not in made.get("data", {}):
            continue
        with tempfile.TemporaryDirectory() as folder:
            for file, content in made["data"].items():
                with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                    out.write(content.replace("/etc/coredns/", folder + "/"))
            code, out, err = helm.run(os.environ["FAIRLEAD_BINARY"], "-check", "-conf", os.path.join(folder, "Corefile"))
        if code != 0:
            found.append("%s: %s%s" % (name, out, err))
    return found


def case(about):
    """Problems of one case of cases/."""
    options = {"files": [helm.values_file(name) for name in about.get("values", [])], "values": about.get("set")}
    options.update({key: about[key] for key in ("release", "namespace") if key in about})
    try:
        made = helm.render(**options)
    except helm.Refused as refused:
        wanted = about.get("fails")
        if wanted and re.search(wanted, str(refused)):
            return []
        return ["helm refused it: %s" % refused]
    if "fails" in about:
        return ["it was rendered, and should have failed with " + about["fails"]]
    problems = ["no " + name for name in about.get("has", []) if name not in made]
    problems += ["there is " + name for name in made for pattern in about.get("lacks", []) if re.fullmatch(pattern, name)]
    for name, fields in about.get("expect", {}).items():
        if name in made:
            problems += [name + line for line in expect.differences(fields, made[name])]
        else:
            problems.append("no %s, only %s" % (name, ", ".join(sorted(made))))
    return problems


def matrix(name, folder):
    files = [helm.values_file(name)] if name else []
    text = helm.render_text(files=files)
    made = helm.render(files=files)
    found = lint(files) + conform(text, folder) + corefile(made)
    with_all = name == "everything"
    found += [] if name in LOOSE else restricted.violations(made.values())
    return found + manifests.too_wide(made.values(), multicluster=with_all, policies=with_all)


def refusals(folder):
    """kubeconform must have something against each of these, or its silence elsewhere means nothing."""
    text = helm.render_text(files=[helm.values_file("monitoring")])
    broken = {"unknown field": ("dnsPolicy:", "dnsPolice:"), "wrong type": ("replicas: 2", "replicas: two"),
              "unknown kind": ("kind: PodMonitor", "kind: PodMonitors"), "field of a custom resource": ("endpoints:", "endpoint:"),
              "field of a list": ("targetPort: 53", "targetPorts: 53")}
    return ["%s was accepted" % name for name, (old, new) in broken.items() if old not in text or not conform(text.replace(old, new), folder)]


def confined():
    """restricted.py must have something against each of these, or its silence elsewhere means nothing."""
    found = []
    for name, values in {"hostPort": {"servers": [{"port": 53, "hostPort": 53}]}, "runAsNonRoot": {"podSecurityContext": {"runAsNonRoot": False}},
                         "seccomp": {"podSecurityContext": {"seccompProfile": None}}, "dropped": {"securityContext": {"capabilities": {"drop": []}}},
                         "capability NET_ADMIN": {"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}},
                         "allowPrivilegeEscalation": {"securityContext": {"allowPrivilegeEscalation": True}},
                         "hostPath": {"extraVolumes": [{"name": "host", "hostPath": {"path": "/"}}]}}.items():
        lines = list(restricted.violations(helm.render(values=values).values()))
        found += [] if any(name in line for line in lines) else ["%s was accepted: %s" % (name, lines)]
    return found


def checks(folder):
    """Yields (name, function without arguments that returns problems)."""
    yield "kubeconform refuses what it should", lambda: refusals(folder)
    yield "restricted.py refuses what it should", confined
    yield "default values", lambda: matrix("", folder)
    for path in sorted(path for folder in helm.VALUES for path in glob.glob(os.path.join(folder, "*.yaml"))):
        name = os.path.basename(path)[:-len(".yaml")]
        yield "values/" + name, lambda name=name: matrix(name, folder)
    for path in sorted(glob.glob(os.path.join(helm.HERE, "cases", "*.yaml"))):
        with open(path, encoding="utf-8") as file:
            for about in yaml.safe_load(file):
                yield "%s: %s" % (os.path.basename(path)[:-len(".yaml")], about["it"]), lambda about=about: case(about)
    for path in sorted(glob.glob(os.path.join(helm.ROOT, "deploy", "*.yaml"))):
        yield "deploy/" + os.path.basename(path), lambda path=path: manifests.plain(path, lambda text: conform(text, folder), corefile)
    yield "deploy/kubeadm.yaml is kubeadm's addon", manifests.kubeadm_addon
    yield from documents.checks()


def outcome(check):
    name, function = check
    try:
        return name, function()
    except Exception:  # a check that breaks is a failed one, and the others go on
        return name, [traceback.format_exc()]


def main():
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    failed = passed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        schemas.write(os.path.join(os.environ["K8S_SOURCE"], "swagger.json"), KINDS, folder)
        for name, problems in pool.map(outcome, [check for check in checks(folder) if only in check[0]]):
            passed, failed = passed + (not problems), failed + bool(problems)
            print("%s %s" % ("FAIL " if problems else "ok   ", name))
            for problem in problems:
                print("      " + problem.rstrip().replace("\n", "\n      "))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
