"""Images made of bytes, right and wrong ones: layers block by block, layouts and archives document by document."""

import gzip
import hashlib
import io
import json
import tarfile

OCI = "application/vnd.oci.image."
INDEX, MANIFEST, CONFIG = OCI + "index.v1+json", OCI + "manifest.v1+json", OCI + "config.v1+json"
LAYER = OCI + "layer.v1.tar+gzip"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def block(name, size=0, kind=b"0", link=b"", mode=b"0000644", mtime=0, size_field=None):
    """One ustar header; `name` in bytes, `size_field` in place of the octal size."""
    header = bytearray(512)

    def put(at, data):
        header[at:at + len(data)] = data

    put(0, name[:100])
    put(100, mode)
    put(108, b"0000000")
    put(116, b"0000000")
    put(124, size_field if size_field is not None else b"%011o" % size)
    put(136, b"%011o" % mtime)
    put(148, b" " * 8)
    put(156, kind)
    put(157, link[:100])
    put(257, b"ustar\x0000")
    put(148, b"%06o\0 " % sum(header))
    return bytes(header)


def padded(data):
    return data + bytes(-len(data) % 512)


def entry(name, content=b"", **fields):
    return block(name, len(content), **fields) + padded(content)


def pax(records, name, content=b""):
    text = b""
    for key, value in records.items():
        length = len(key) + len(value) + 3
        while len(b"%d" % length) + len(key) + len(value) + 3 != length:
            length += 1
        text += b"%d %s=%s\n" % (length, key, value)
    return entry(b"PaxHeaders/x", text, kind=b"x") + entry(name, content)


def layer(*entries):
    return b"".join(entries) + bytes(1024)


class Layout:
    """The files of an OCI layout; whatever was written may be replaced before it is stored."""

    def __init__(self):
        self.files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def blob(self, data, media_type):
        self.files["blobs/sha256/" + hashlib.sha256(data).hexdigest()] = data
        return {"mediaType": media_type, "digest": sha256(data), "size": len(data)}

    def config(self, diff_ids, **members):
        return {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": diff_ids}, **members}

    def manifest(self, config, layers):
        return self.blob(json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}).encode(),
                         MANIFEST)

    def index(self, *manifests):
        self.files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
        return self

    def image(self, *tars, packed=None, diff_ids=None, **members):
        """A right image of these layers, but for what is given otherwise."""
        blobs = [self.blob(data, LAYER) for data in packed or [gzip.compress(tar, 1, mtime=0) for tar in tars]]
        diff_ids = diff_ids or [sha256(tar) for tar in tars]
        config = self.blob(json.dumps(self.config(diff_ids, **members)).encode(), CONFIG)
        return self.index(self.manifest(config, blobs))

    def folder(self, path):
        for name, data in self.files.items():
            target = path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return path

    def archive(self, path):
        path.write_bytes(tar_of(self.files))
        return path


def docker_files(*tars, **members):
    """What docker save wrote before it wrote layouts."""
    config = json.dumps(Layout().config([sha256(tar) for tar in tars], **members)).encode()
    names = [f"{number}/layer.tar" for number in range(len(tars))]
    listing = [{"Config": "config.json", "RepoTags": ["app:1"], "Layers": names}]
    return {"manifest.json": json.dumps(listing).encode(), "config.json": config, **dict(zip(names, tars))}


def tar_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
