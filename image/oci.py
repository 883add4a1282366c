"""OCI image layouts, and archives of them that also read as `docker save` writes them."""
import gzip
import hashlib
import io
import json
import os
import tarfile

MEDIA = "application/vnd.oci.image."


def _json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Layout:
    """Files of a layout by path."""

    def __init__(self):
        self.files = {"oci-layout": _json({"imageLayoutVersion": "1.0.0"})}

    def blob(self, data, media, **more):
        """Keeps the octets and returns their descriptor."""
        digest = hashlib.sha256(data).hexdigest()
        self.files["blobs/sha256/" + digest] = data
        return {"mediaType": MEDIA + media, "digest": "sha256:" + digest, "size": len(data), **more}

    def image(self, arch, layers, config, about):
        """One image. `layers`: (tar, what made it). Returns (its descriptor, its manifest)."""
        described = [self.blob(gzip.compress(tar, 9, mtime=0), "layer.v1.tar+gzip") for tar, _ in layers]
        full = {"architecture": arch, "os": "linux", "created": about["created"], "config": config,
                "rootfs": {"type": "layers",
                           "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest() for tar, _ in layers]},
                "history": [{"created": about["created"], "created_by": by} for _, by in layers]}
        manifest = {"schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json",
                    "config": self.blob(_json(full), "config.v1+json"), "layers": described,
                    "annotations": config["Labels"]}
        return self.blob(_json(manifest), "manifest.v1+json", platform={"architecture": arch, "os": "linux"}), manifest

    def index(self, images, name):
        """Makes these images what the layout is about; several become one image of several platforms."""
        top = images[0]
        if len(images) > 1:
            body = {"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": images}
            top = self.blob(_json(body), "index.v1+json")
        # The second is what containerd names an imported image by, the first what everybody else looks for.
        names = {"org.opencontainers.image.ref.name": name.rpartition(":")[2], "io.containerd.image.name": name}
        self.files["index.json"] = _json({"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json",
                                          "manifests": [{**top, "annotations": names}]})
        return top["digest"]

    def write(self, folder):
        for path, data in self.files.items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as out:
                out.write(data)

    def archive(self, path, manifest, name):
        """One file with the layout of a single image, and the list that readers of `docker save` archives look for."""
        def at(descriptor):
            return "blobs/sha256/" + descriptor["digest"].partition(":")[2]

        entry = {"Config": at(manifest["config"]), "RepoTags": [name], "Layers": [at(l) for l in manifest["layers"]]}
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for member, data in sorted({**self.files, "manifest.json": _json([entry])}.items()):
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
