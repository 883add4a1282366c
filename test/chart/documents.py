"""The chart's README, schema and numbers say the same as its values."""

import glob
import json
import os
import re

import yaml

import helm


def read(*path):
    with open(os.path.join(helm.ROOT, *path), encoding="utf-8") as file:
        return file.read()


def leaves(node, path=""):
    """(key, default) of every value; an empty mapping and a list are values."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            name = key.replace(".", r"\.")
            yield from leaves(value, "%s.%s" % (path, name) if path else name)
    else:
        yield path, node


SCHEMA = json.loads(read("charts", "fairlead", "values.schema.json"))
DEFINITIONS = SCHEMA["definitions"]
VALUES = yaml.safe_load(read("charts", "fairlead", "values.yaml"))


def table():
    """{key: default} of the table of the README."""
    return dict(re.findall(r"^\| `([^`]+)` \| (?:`([^`]*)`|[^|]*) \|", read("charts", "fairlead", "README.md"), re.M))


def documented():
    """Keys of values.yaml that the README has no row for, or another default; rows for what is no value."""
    rows, found, known = table(), [], set()
    for key, default in leaves(VALUES):
        row = key
        while row not in rows and "." in row:
            row = row.rsplit(".", 1)[0]
        known.add(row)
        if row not in rows:
            found.append("no row for " + key)
        elif row == key and rows[row] and rows[row].strip('"') != json.dumps(default).strip('"'):
            found.append("%s: the README says %s, values.yaml %s" % (key, rows[row], json.dumps(default)))
    undeclared = set(re.findall(r"^ *#? *(\w+):", read("charts", "fairlead", "values.yaml"), re.M)) | {"global", "automountServiceAccountToken"}
    return found + ["a row for %s, which is no value" % row for row in rows
                    if row not in known and not row.split("[")[0].split(".")[-1] in undeclared]


def in_schema():
    """Keys of values.yaml or of everything.yaml that the schema does not name, and the other way round."""
    full = yaml.safe_load(open(helm.values_file("everything"), encoding="utf-8"))
    found = ["schema.json has %s, values/everything.yaml has not" % key for key in SCHEMA["properties"] if key not in full]
    for name, part in SCHEMA["properties"].items():
        for key in part.get("properties", {}):
            if key not in full.get(name, {}):
                found.append("schema.json has %s.%s, values/everything.yaml has not" % (name, key))
    return found


def distributions():
    """The values files that the chart brings, the README and docs/migrate.md name the same ones."""
    there = {name for name in os.listdir(os.path.join(helm.CHART, "values")) if name.endswith(".yaml")}
    found = []
    for document, pattern in (("charts/fairlead/README.md", r"\]\(values/([^)]+)\)"), ("docs/migrate.md", r"\]\(\.\./charts/fairlead/values/([^)]+)\)")):
        named = set(re.findall(pattern, read(document)))
        found += ["%s: values/%s: %s" % (document, name, "not named" if name in there else "not there") for name in there ^ named]
    for name in there:
        if "charts/fairlead/values/" + name not in read("charts", "fairlead", "values", name):
            found.append("values/%s does not say how to use it" % name)
    return found


def versions():
    """The version of the project is that of the chart."""
    project = re.search(r"project\(fairlead VERSION ([0-9.]+)", read("CMakeLists.txt")).group(1)
    chart = yaml.safe_load(read("charts", "fairlead", "Chart.yaml"))
    return [] if chart["appVersion"] == project else ["appVersion %s, project %s" % (chart["appVersion"], project)]


def runbooks():
    """Every alert leads to its section of docs/alerts.md."""
    sections = {}
    for heading in re.findall(r"^### (.*)$", read("docs", "alerts.md"), re.M):
        anchor = re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")
        sections.update({alert: anchor for alert in heading.split(", ")})
    where, found = VALUES["prometheus"]["rules"]["runbookUrl"], []
    for group in yaml.safe_load(read("charts", "fairlead", "alerts", "fairlead.yaml"))["groups"]:
        for rule in group["rules"]:
            wanted = "%s#%s" % (where, sections.get(rule["alert"], "(no section)"))
            if rule["annotations"].get("runbook_url") != wanted:
                found.append("%s: runbook_url %s, not %s" % (rule["alert"], rule["annotations"].get("runbook_url"), wanted))
    return found


INSTALLED = {  # how a row of docs/alerts.md is installed: a file of deploy/, or the chart's release, namespace and values
    "deploy/kubeadm.yaml": "deploy/kubeadm.yaml",
    "deploy/fairlead.yaml": "deploy/fairlead.yaml",
    "release `fairlead` in namespace": {"release": "fairlead", "namespace": "fairlead"},
    "values/kubeadm.yaml": {"release": "coredns", "files": ["kubeadm"]},
    "values/eks.yaml": {"release": "coredns", "files": ["eks"]},
    "values/k3s.yaml": {"release": "coredns", "files": ["k3s"]},
    "values/rke2.yaml": {"release": "rke2-coredns", "files": ["rke2"]},
    "over a release `coredns`": {"release": "coredns", "values": {"compat": "coredns"}},
    "over a release `dns`": {"release": "dns", "values": {"compat": "coredns"}},
}


def installed(how):
    if isinstance(how, str):
        texts = [read(how)] + ([read("deploy", "service.yaml")] if how.endswith("fairlead.yaml") else [])
        documents = [document for text in texts for document in yaml.safe_load_all(text) if document]
    else:
        files = [os.path.join(helm.CHART, "values", name + ".yaml") for name in how.get("files", ())]
        documents = list(helm.render(**dict(how, files=files)).values())
    return {(document["kind"], document["metadata"]["name"]): document for document in documents}


def names():
    """The table of docs/alerts.md has the names and labels that each way of installing makes."""
    rows = re.findall(r"^\| ((?:`deploy|the chart|the same).*?) \| `(.*?)` \| `(.*?)` \| `(.*?)` \| `(.*?)` \| `(.*?)` \| `(.*?)` \|$",
                      read("docs", "alerts.md"), re.M)
    found = ["docs/alerts.md has no row for " + key for key in INSTALLED if not any(key in row[0] for row in rows)]
    for how, space, label, deployment, config, service, role in rows:
        for key in [key for key in INSTALLED if key in how]:
            there = installed(INSTALLED[key])
            wanted = [("Deployment", deployment), ("ConfigMap", config), ("Service", service), ("ClusterRole", role)]
            found += ["docs/alerts.md: %s: no %s %s" % (how, kind, name) for kind, name in wanted if (kind, name) not in there]
            made = there.get(("Deployment", deployment), {"metadata": {}, "spec": {"template": {"metadata": {}, "spec": {"containers": []}}}})
            pod, (name, value) = made["spec"]["template"], label.split("=")
            if pod["metadata"].get("labels", {}).get(name) != value:
                found.append("docs/alerts.md: %s: the pods have not the label %s" % (how, label))
            if made["metadata"].get("namespace") != space or [c["name"] for c in pod["spec"]["containers"]] != ["coredns"]:
                found.append("docs/alerts.md: %s: another namespace or container" % how)
    return found


def files_in_package():
    """What the templates read is there: dashboards and alerts."""
    chart = os.path.join(helm.CHART, "")
    found = [] if os.path.exists(chart + "alerts/fairlead.yaml") else ["no alerts/fairlead.yaml"]
    return found + ([] if any(name.endswith(".json") for name in os.listdir(chart + "dashboards")) else ["no dashboards"])


def anchors(path):
    """What a link may name behind '#' in a document: its headings, as GitHub writes them."""
    with open(path, encoding="utf-8") as file:
        return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", file.read(), re.M)}


def links():
    """Every link of the project's documents to a place in the project leads to one."""
    found = []
    for document in glob.glob("*.md", root_dir=helm.ROOT) + glob.glob("docs/*.md", root_dir=helm.ROOT) + ["charts/fairlead/README.md"]:
        for link in re.findall(r"\]\(([^)\s]+)\)", read(document)):
            place, _, anchor = link.partition("#")
            path = os.path.join(helm.ROOT, os.path.dirname(document), place) if place else os.path.join(helm.ROOT, document)
            if re.match(r"https?:", link):
                continue
            if not os.path.exists(path) or anchor and anchor not in anchors(path):
                found.append("%s: %s" % (document, link))
    return found


def checks():
    yield "README: a row for every value, with its default", documented
    yield "values/everything.yaml sets every value of the schema", in_schema
    yield "values of distributions", distributions
    yield "versions", versions
    yield "runbook_url of every alert", runbooks
    yield "links of the documents", links
    yield "names of each way of installing", names
    yield "files of the package", files_in_package
