#!/usr/bin/env python3
"""Makes libFuzzer's first inputs of the recorded samples.

    make_seeds.py SAMPLES SEEDS

SEEDS/formats: a byte that chooses the path, two bytes of the first side's size (little), the first side, the second.
SEEDS/image: a byte that chooses the target, then layers, archives and documents.
"""

import gzip
import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile


def tar_of(files, form):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mtime = 1_795_514_400.5 if form == tarfile.PAX_FORMAT else 1_795_514_400
            if form == tarfile.PAX_FORMAT:
                entry.pax_headers = {"SCHILY.xattr.user.x": "y", "atime": "7"}
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("etc/l" * 40)
        link.type, link.linkname = tarfile.LNKTYPE, files[0][0]
        if form != tarfile.USTAR_FORMAT:
            archive.addfile(link)
    return buffer.getvalue()


def documents(layer):
    packed = gzip.compress(layer, mtime=0)
    blobs = {}

    def add(content, kind):
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    config = json.dumps({"os": "linux", "architecture": "amd64", "config": {"Labels": {"a": "b"}}, "history": [{}],
                         "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "config": add(config, "config.v1+json"),
                           "layers": [add(packed, "layer.v1.tar+gzip")]}).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [dict(
        add(manifest, "manifest.v1+json"), platform={"os": "linux", "architecture": "amd64"})]}).encode()
    files = list(blobs.items()) + [("index.json", index), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')]
    docker = json.dumps([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l/layer.tar"]}]).encode()
    saved = [("manifest.json", docker), ("c.json", config), ("l/layer.tar", layer)]
    return {"config": config, "manifest": manifest, "index": index, "docker": docker, "packed": packed,
            "archive": tar_of(files, tarfile.USTAR_FORMAT), "saved": tar_of(saved, tarfile.USTAR_FORMAT)}


def main(samples, seeds):
    formats = pathlib.Path(seeds, "formats")
    images = pathlib.Path(seeds, "image")
    for folder in (formats, images):
        folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(sorted(pathlib.Path(samples).glob("*.a"))):
        a, b = first.read_bytes(), first.with_suffix(".b").read_bytes()
        (formats / first.stem).write_bytes(struct.pack("<BH", number % 6, min(len(a), 0xFFFF)) + a + b)
    for number, form in enumerate((tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)):
        layer = tar_of([("etc/a", b"hello"), ("etc/b", b"x" * 600)], form)
        (images / f"tar{number}").write_bytes(b"\0" + layer)
        (images / f"pair{number}").write_bytes(b"\x08" + layer + layer.replace(b"hello", b"hellO"))
        for name, content in documents(layer).items():
            (images / f"{name}{number}").write_bytes(b"\2" + content)


if __name__ == "__main__":
    main(*sys.argv[1:])
