"""Running helm, and what it renders."""

import os
import subprocess
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CHART = os.path.join(ROOT, "charts", "fairlead")


class Refused(Exception):
    """helm did not render; the text is its message."""


# Values files of the tests, and those that the chart brings for distributions.
VALUES = (os.path.join(HERE, "values"), os.path.join(CHART, "values"))


def values_file(name):
    found = [path for path in (os.path.join(folder, name + ".yaml") for folder in VALUES) if os.path.exists(path)]
    if len(found) != 1:
        raise FileNotFoundError("values files called %s: %s" % (name, found))
    return found[0]


def run(*arguments, stdin=None):
    done = subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def render_text(files=(), values=None, release="dns", namespace="kube-system"):
    """The text of 'helm template' with values files and inline values, the latter winning. Throws Refused."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as inline:
        yaml.safe_dump(values or {}, inline)
        inline.flush()
        options = [option for path in (*files, inline.name) for option in ("-f", path)]
        code, out, err = run("helm", "template", release, CHART, "-n", namespace, *options)
    if code != 0:
        raise Refused(err)
    return out


def render(**about):
    """The objects as {"Kind/name": object}."""
    made = {}
    for document in yaml.safe_load_all(render_text(**about)):
        if document:
            key = "%s/%s" % (document["kind"], document["metadata"]["name"])
            if key in made:
                raise Refused("two objects called " + key)
            made[key] = document
    return made
