"""A bill of materials of the image: SPDX 2.3 as JSON."""
import datetime
import hashlib
import json
import re
import urllib.parse

UNKNOWN = "NOASSERTION"


def timestamp(epoch):
    return datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _identifier(kind, text):
    return "SPDXRef-%s-%s" % (kind, re.sub(r"[^A-Za-z0-9.]", lambda c: "-%02x" % ord(c.group()), text))


def _file(path, data):
    return {"SPDXID": _identifier("File", path), "fileName": "./" + path,
            "checksums": [{"algorithm": name, "checksumValue": hashlib.new(name, data).hexdigest()}
                          for name in ("SHA1", "SHA256")],
            "licenseConcluded": UNKNOWN, "licenseInfoInFiles": [UNKNOWN], "copyrightText": UNKNOWN}


def _package(name, version, files, more):
    """`files`: entries of _file(); empty for a package of which nothing was looked at."""
    package = {"SPDXID": _identifier("Package", name), "name": name, "versionInfo": version,
               "downloadLocation": UNKNOWN, "licenseConcluded": UNKNOWN, "licenseDeclared": UNKNOWN,
               "copyrightText": UNKNOWN, "filesAnalyzed": bool(files)}
    if files:  # SPDX 2.3, 7.9
        sums = "".join(sorted(f["checksums"][0]["checksumValue"] for f in files))
        package["packageVerificationCode"] = {"packageVerificationCodeValue": hashlib.sha1(sums.encode()).hexdigest()}
        package["licenseInfoFromFiles"] = [UNKNOWN]
    package.update(more)
    return package


def _debian_package(fields, files):
    name, version, arch = fields["Package"], fields["Version"], fields["Architecture"]
    source = re.match(r"([^ ]+)(?: \((.+)\))?", fields.get("Source", name))
    locator = "pkg:deb/debian/%s@%s?arch=%s&distro=debian-12" % (
        urllib.parse.quote(name), urllib.parse.quote(version, safe="~"), arch)
    return _package(name, version, files, {
        "supplier": "Organization: Debian",
        "sourceInfo": "built from the source package %s %s" % (source.group(1), source.group(2) or version),
        "licenseComments": "/usr/share/doc/%s/copyright" % name,
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}]})


def document(about, program_files, packages, compiled_in):
    """`packages`: rootfs.Packages, linked at run time; `compiled_in`: fields of packages of which only headers were used."""
    parts, files, relations = [], [], []

    def relate(one, kind, other):
        relations.append({"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other})

    def part(package, contents):
        parts.append(package)
        files.extend(contents)
        for file in contents:
            relate(package["SPDXID"], "CONTAINS", file["SPDXID"])
        return package["SPDXID"]

    own = [_file(path, data) for path, data in sorted(program_files.items())]
    root = part(_package("fairlead", about["version"], own, {
        "licenseDeclared": "Apache-2.0", "primaryPackagePurpose": "APPLICATION",
        "sourceInfo": "revision " + about["revision"]}), own)
    relate("SPDXRef-DOCUMENT", "DESCRIBES", root)
    for name in sorted(packages.fields):
        contents = [_file(path, packages.tree.files()[path]) for path in sorted(packages.paths[name])]
        linked = any(".so" in path for path in packages.paths[name])
        relate(root, "DYNAMIC_LINK" if linked else "DEPENDS_ON", part(_debian_package(packages.fields[name], contents), contents))
    for fields in compiled_in:
        relate(root, "STATIC_LINK", part(_debian_package(fields, []), []))
    result = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "fairlead " + about["version"],
              "creationInfo": {"created": timestamp(about["epoch"]), "creators": ["Tool: fairlead-image-" + about["version"]]},
              "packages": parts, "files": files, "relationships": relations}
    digest = hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()
    # A document is named by what it says: the same contents have the same name, others another.
    result["documentNamespace"] = "urn:fairlead:spdx:" + digest
    return json.dumps(result, indent=1, sort_keys=True) + "\n"
