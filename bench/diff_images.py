#!/usr/bin/env python3
"""Pairs of big images for bench/diff.py: OCI archives made without a builder and without network.

A layer is a tar of many files, whose contents are pieces of the programs, libraries and texts of this machine, so that
they compress as those of real images do. A layer's stream is deflated in pieces of some megabytes that do not refer to
each other: a layer that differs in one file shares all other pieces with its twin, and 5 GB are written in the time of
2 GB. Each layer is one gzip member all the same, as builders write them.
"""

import argparse
import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import random
import tarfile
import zlib

MEGA = 1_000_000
LAYERS = (120, 600, 360, 500, 420)  # megabytes, the lowest first
PIECE = 8 * MEGA
POOL = 96 * MEGA
LEVEL = 6  # of deflate; builders' default
MADE = 1_700_000_000  # mtime


def pool_of_contents():
    """Bytes of real files one after another, taken at even distances from all that are of a usual size."""
    paths = []
    for top in ("/usr/bin", "/usr/lib"):
        for folder, _, names in os.walk(top):
            paths += [os.path.join(folder, name) for name in names]
    paths = sorted(path for path in paths if not os.path.islink(path) and os.path.isfile(path))
    sizes = {path: os.path.getsize(path) for path in paths}
    paths = [path for path in paths if 1000 <= sizes[path] <= 4 * MEGA]
    step = max(1, sum(sizes[path] for path in paths) // POOL)
    pool = b"".join(pathlib.Path(path).read_bytes() for path in paths[::step])
    if len(pool) < POOL // 4:
        raise SystemExit(f"this machine has only {len(pool) // MEGA} MB of files in /usr/bin and /usr/lib to make images of")
    return pool


def entry(name, content, mtime=MADE):
    header = tarfile.TarInfo(name)
    header.size, header.mtime, header.mode = len(content), mtime, 0o644
    return header.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512)


def piece_of_tar(pool, layer, number, changed):
    """The files of one piece. A changed one has a log with another time, a program with another build id, and a file
    with another mtime, among all the others."""
    chance = random.Random(f"{layer}/{number}")
    parts, size, count = [], 0, 0
    while size < PIECE:
        folder = f"usr/lib/part{layer}-{number:03}/d{count // 25:02}"
        length = min(3 * MEGA, int(chance.lognormvariate(9.3, 1.5)))  # median 11 kB, mean 34 kB
        if chance.random() < 0.05:
            content = chance.randbytes(length)  # pictures, archives
        else:
            at = chance.randrange(len(pool) - length)
            content = pool[at:at + length]
        mtime = MADE + 1 if changed and count == 10 else MADE
        parts.append(entry(f"{folder}/file{count:03}", content, mtime))
        if count == 20:
            parts.append(entry(f"{folder}/build.log", log(chance, changed)))
        if number == 0 and count == 30:
            parts.append(entry(f"{folder}/program", program(pool, changed)))
        size += len(parts[-1])
        count += 1
    return b"".join(parts)


def log(chance, changed):
    minute = 31 if changed else 30
    lines = [f"2026-11-27 10:{minute}:{line // 10:02} unpacking package-{chance.randrange(10**6)}\n" for line in range(500)]
    return "".join(lines).encode()


def program(pool, changed):
    """20 MB that are no text, in which an identifier of 20 bytes differs."""
    content = bytearray(pool[:20 * MEGA])
    content[7 * MEGA:7 * MEGA + 20] = hashlib.sha1(b"b" if changed else b"a").digest()
    return bytes(content)


class Pieces:
    """Deflated pieces, each made once, in a folder."""

    def __init__(self, folder):
        self.pool, self.folder = pool_of_contents(), folder

    def tar(self, layer, number, changed):
        return piece_of_tar(self.pool, layer, number, changed)

    def deflated(self, layer, number, changed):
        return (self.folder / f"{layer}-{number}-{int(changed)}").read_bytes()

    def make(self, wanted):
        def one(piece):
            path = self.folder / "{}-{}-{:d}".format(*piece)
            if path.exists():
                return
            packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
            path.write_bytes(packer.compress(self.tar(*piece)) + packer.flush(zlib.Z_FULL_FLUSH))

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
            list(workers.map(one, wanted))


def write_blob(blobs, pieces, layer):
    """One layer from its pieces. Its descriptor and DiffID."""
    blob, tar, check, size = hashlib.sha256(), hashlib.sha256(), 0, 0
    temporary = blobs / f"new-{os.getpid()}-{id(layer)}"
    with open(temporary, "wb") as file:
        def put(data):
            blob.update(data)
            file.write(data)

        def put_tar(raw):
            nonlocal check, size
            tar.update(raw)
            check, size = zlib.crc32(raw, check), size + len(raw)

        put(b"\x1f\x8b\x08\0\0\0\0\0\0\xff")
        for piece in layer:
            put_tar(pieces.tar(*piece))
            put(pieces.deflated(*piece))
        end = bytes(1024)
        put_tar(end)
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        put(packer.compress(end) + packer.flush(zlib.Z_FINISH))
        put(check.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little"))
    digest = blob.hexdigest()
    bytes_of_blob = temporary.stat().st_size
    temporary.rename(blobs / digest)
    descriptor = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{digest}",
                  "size": bytes_of_blob}
    return descriptor, f"sha256:{tar.hexdigest()}", size


def write_image(path, blobs, name, layers):
    """An OCI archive of these (descriptor, DiffID, size)."""
    files = {}

    def document(value, media_type):
        text = json.dumps(value).encode()
        digest = hashlib.sha256(text).hexdigest()
        files[f"blobs/sha256/{digest}"] = text
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(text)}

    config = document({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"]},
                       "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id, _ in layers]},
                       "history": [{"created_by": f"RUN step {number}"} for number in range(len(layers))]},
                      "application/vnd.oci.image.config.v1+json")
    manifest = document({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
                         "layers": [descriptor for descriptor, _, _ in layers]},
                        "application/vnd.oci.image.manifest.v1+json")
    manifest["platform"] = {"architecture": "amd64", "os": "linux"}
    manifest["annotations"] = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": "latest"}
    files["index.json"] = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                                      "manifests": [manifest]}).encode()
    files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    with tarfile.open(path, "w") as archive:
        for member, content in files.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for digest in dict.fromkeys(descriptor["digest"] for descriptor, _, _ in layers):
            archive.add(blobs / digest.removeprefix("sha256:"), f"blobs/sha256/{digest.removeprefix('sha256:')}")
    return {"path": str(path), "name": name,
            "unpacked": sum(size for _, _, size in layers), "packed": sum(descriptor["size"] for descriptor, _, _ in layers),
            "layers": [{"blob": str(blobs / descriptor["digest"].removeprefix("sha256:")), "packed": descriptor["size"]}
                       for descriptor, _, _ in layers]}


def layer_pieces(layer, scale, changed):
    """A changed layer differs in its first piece and in the middle."""
    count = max(2, round(LAYERS[layer] * MEGA * scale / PIECE))
    return [(layer, number, changed and number in (0, count // 2)) for number in range(count)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path, help="filled with archives, blobs and images.json")
    arguments.add_argument("--scale", type=float, default=1.0, help="of the layers' sizes; 1 is 2 GB (default: 1)")
    arguments.add_argument("--five", action="store_true", help="the pair of 5 GB instead of those of 2 GB")
    given = arguments.parse_args()
    blobs, made = given.folder / "blobs", given.folder / "pieces"
    for folder in (blobs, made):
        folder.mkdir(parents=True, exist_ok=True)
    same = [layer_pieces(layer, given.scale, False) for layer in range(len(LAYERS))]
    other = [layer_pieces(layer, given.scale, True) for layer in range(len(LAYERS))]
    if given.five:
        # Each layer holds what two or three of the smaller ones do: five layers of together 5 GB.
        groups = [(0, 1, 2), (1, 3), (2, 3, 0), (4, 1), (4, 2, 0)]
        a, b = ([sum((side[layer] for layer in group), []) for group in groups] for side in (same, other))
        images = {"five-a": a, "five-b": b}
    else:
        images = {"a": same, "last": same[:-1] + other[-1:], "all": other}
    pieces = Pieces(made)
    pieces.make(dict.fromkeys(piece for layers in images.values() for layer in layers for piece in layer))
    wanted = list(dict.fromkeys(tuple(layer) for layers in images.values() for layer in layers))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        written = dict(zip(wanted, workers.map(lambda layer: write_blob(blobs, pieces, layer), wanted), strict=True))
    described = {key: write_image(given.folder / f"{key}.tar", blobs, f"bench.invalid/{key}:latest",
                                  [written[tuple(layer)] for layer in layers]) for key, layers in images.items()}
    (given.folder / "images.json").write_text(json.dumps(described))


if __name__ == "__main__":
    main()
