#!/usr/bin/env python3
"""Makes libFuzzer's first inputs of the recorded samples.

    make_seeds.py SAMPLES SEEDS

SEEDS/formats: a byte that chooses the path, two bytes of the first side's size (little), the first side, the second.
SEEDS/image: a byte that chooses the target, then layers, archives and documents.
SEEDS/answers: a byte that chooses the target, then texts and packets.
"""

import base64
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


def question(name, kind=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"ab\x01\0\0\1\0\0\0\0\0\0" + labels + struct.pack(">BHH", 0, kind, 1)


# A file's header as a key holds it, in lists of files, below the key of a step that reads them.
def one_key():
    def data(*pieces):
        return [{"type": 2, "data": base64.b64encode(piece).decode()} for piece in pieces]

    header = [b"name", b"mode420", b"uid0", b"gid0", b"size2", b"typeflag0", b"linkname", b"uname", b"gname", b"devmajor0",
              b"devminor0", b"user.xy"]
    files = {"digest": "sha256:f", "type": "file", "data": data(*header)}
    within = {"digest": "sha256:w", "type": "file-list", "data": data(b"b", b"sha256:f"), "subRecords": [files]}
    listed = {"digest": "sha256:l", "type": "file-list", "data": data(b"\0a", b"sha256:f", b"\0d\0", b"sha256:w"),
              "subRecords": [files, within]}
    digests = {"digest": "sha256:d", "type": "digest-list", "data": data(b"sha256:l"), "subRecords": [listed]}
    read = {"digest": "sha256:x", "type": "string", "data": data(b"sha256:d@-1"), "subRecords": [digests]}
    action = base64.b64encode(b'{"src":"a","dest":"/b","mode":-1}').decode()
    made = {"digest": "sha256:o", "type": "string",
            "subRecords": [{"type": "json", "data": data(json.dumps({"Type": "buildkit.file.v0", "Actions": [action]}).encode())}]}
    return [{"id": 1, "digest": "sha256:x", "debug": [read]},
            {"id": 2, "parents": [{"input": 0, "digest": "sha256:o", "target": 1}], "debug": [made]}]


def answers(recorded):
    texts = [question("cache.buildlab.test"), question("A.b", 28) + b"more", b"ab\x85\x82" + question("a")[4:] + b"\xc0\x0c",
             question("a") + b"ab\x83\x80" + question("a")[4:],
             b"# made by hand\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\nsearch a.example b.example\noptions ndots:2 use-vc\n"
             b"domain c.example\n",
             b"/buildlab-through/https/me:word@host:8080/a/b?c=d\n../e?f=g#h",
             b"/buildlab-through/http/[::1]:80/a\n//other.example/b", b"/buildlab-through/http/h/a\nHTTPS://u:p@k:1/./../x",
             b"http://127.0.0.1:5/buildlab-through/http/me:word@host:8080/a?token=x", b"http://user:w%6frd@proxy:3128/",
             b"[::1]:443", b"a.example\n10.0.0.0/8, .a.example,*.b.example:80,[::1]:80,*",
             b"GET https://h/p?next=https://u:p@k/&token=x git+ssh://git:p@h 'postgres://a:b@h' x://",
             b'{"Exec":{"meta":{"env":["A=1"],"cwd":"/"},"mounts":[{"dest":"/m"}]},"OS":"linux"}\n'
             b'{"Exec":{"meta":{"env":["A=2"]},"mounts":[]},"Arch":"x"}', json.dumps(one_key()).encode()]
    texts += [path.read_bytes() for path in sorted(recorded.glob("*.json"))]
    for number, text in enumerate(texts):
        yield f"text{number}", bytes([number % 10]) + text


def main(samples, seeds):
    formats = pathlib.Path(seeds, "formats")
    images = pathlib.Path(seeds, "image")
    others = pathlib.Path(seeds, "answers")
    for folder in (formats, images, others):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in answers(pathlib.Path(samples, "cache_keys")):
        (others / name).write_bytes(content)
    for number, first in enumerate(sorted(pathlib.Path(samples, "causes").glob("*.a"))):
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
