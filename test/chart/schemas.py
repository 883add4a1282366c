"""JSON schemas for kubeconform, from the description of the API in Kubernetes' source.

One file for each kind, kind-group-version.json, strict: a field that the API does not know is an error.
"""

import json
import os

INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
PREFIX = "#/definitions/"


def strict(schema):
    """A schema of the API description as one that refuses unknown fields."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()
            if not key.startswith("x-kubernetes") and key not in ("description", "format", "default")}
    if "properties" in made and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


def references(schema):
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"][len(PREFIX):]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def closure(name, definitions):
    """The definition and all that it refers to."""
    found, todo = {}, [name]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = definitions[name]
            todo += references(definitions[name])
    return found


def write(swagger, kinds, folder):
    """Writes the schemas of kinds, (group, version, kind) each, into the folder."""
    with open(swagger, encoding="utf-8") as file:
        source = json.load(file)["definitions"]
    definitions = {name: strict(schema) for name, schema in source.items()}
    definitions[INT_OR_STRING] = {"type": ["string", "integer"]}
    definitions[QUANTITY] = {"type": ["string", "number"]}
    for name, schema in source.items():
        for about in schema.get("x-kubernetes-group-version-kind", []):
            key = (about["group"], about["version"], about["kind"])
            if key in kinds:
                suffix = "-".join(filter(None, [key[2].lower(), key[0].split(".")[0], key[1]]))
                with open(os.path.join(folder, suffix + ".json"), "w", encoding="utf-8") as file:
                    json.dump({"$ref": PREFIX + name, "definitions": closure(name, definitions)}, file)
