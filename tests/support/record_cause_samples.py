#!/usr/bin/env python3
"""Makes tests/data/causes: pairs of small files that differ for one known reason, written by the real tools.

    record_cause_samples.py [NAME...]

Each NAME is one function below; without any, all of them run. What a tool draws at random differs in every run,
so that tests must not depend on such values; times are given (2026-11-24T10:00:00Z and some seconds later).
"""

import io
import os
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "causes"
THEN = 1795514400
SAMPLES = {}


def sample(function):
    SAMPLES[function.__name__] = function
    return function


def keep(name, a, b):
    assert a != b, name
    assert max(len(a), len(b)) <= 16384, f"{name}: {len(a)} and {len(b)} bytes"
    (OUT / f"{name}.a").write_bytes(a)
    (OUT / f"{name}.b").write_bytes(b)
    print(f"{name}: {len(a)} and {len(b)} bytes")


def run(*command, cwd, **env):
    subprocess.run(command, cwd=cwd, check=True, env={**os.environ, **env}, stdout=subprocess.DEVNULL)


def write(path, content, mtime=THEN):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (mtime, mtime))
    return path


@sample
def gzip(tmp):
    write(tmp / "one.txt", "the same text\n", THEN)
    write(tmp / "other.txt", "the same text\n", THEN + 9)
    run("gzip", "one.txt", "other.txt", cwd=tmp)
    keep("gzip", (tmp / "one.txt.gz").read_bytes(), (tmp / "other.txt.gz").read_bytes())


MODULE = 'import os\n\n\ndef known(name):\n    """Says so."""\n    return name in {"one", "two", "three", "four"}\n'


def pyc(tmp, mtime=THEN, path="/src/app/m.py", seed="0", mode="TIMESTAMP", python=sys.executable):
    """What Python compiles of MODULE."""
    source = write(tmp / "m.py", MODULE, mtime)
    how = f"invalidation_mode=p.PycInvalidationMode.{mode}"
    call = f"import py_compile as p; p.compile('m.py', 'm.pyc', {path!r}, {how})"
    run(python, "-c", call, cwd=source.parent, PYTHONHASHSEED=seed)
    return (tmp / "m.pyc").read_bytes()


@sample
def pyc_time(tmp):
    keep("pyc_time", pyc(tmp), pyc(tmp, THEN + 7))


@sample
def pyc_path(tmp):
    keep("pyc_path", pyc(tmp), pyc(tmp, path="/home/build/longer/m.py"))


@sample
def pyc_pip_target(tmp):
    folder = "/tmp/pip-target-{}/lib/python/m.py"
    first = pyc(tmp, path=folder.format("k3x9mzqa"))
    keep("pyc_pip_target", first, pyc(tmp, THEN + 5, path=folder.format("7_uw2bcd")))


@sample
def pyc_order(tmp):
    old = os.environ.get("PYTHON310", "python3.10")  # later versions sort the constants
    first = pyc(tmp, python=old)
    others = (pyc(tmp, seed=str(seed), python=old) for seed in range(1, 50))
    keep("pyc_order", first, next(other for other in others if other != first))


@sample
def pyc_hash(tmp):
    first = pyc(tmp, mode="CHECKED_HASH")
    global MODULE
    MODULE += "\n# a comment\n"
    keep("pyc_hash", first, pyc(tmp, mode="CHECKED_HASH"))


def program(folder, *options, epoch=THEN, text=""):
    """A small program of one source, linked without a library so that it stays small."""
    code = f'const char *const said[] = {{"{text}", DATE, __FILE__}};\nvoid _start(void) {{}}\n'
    source = write(folder / "d.c", code)
    linking = "-Wl,--build-id,-z,noseparate-code,-z,max-page-size=64,-N,--no-warn-rwx-segments"
    run("gcc", "-Os", "-nostdlib", "-static", linking, "-fno-asynchronous-unwind-tables",
        *options, str(source), "-o", "d", cwd=folder, SOURCE_DATE_EPOCH=str(epoch))
    return (folder / "d").read_bytes()


@sample
def elf_date(tmp):
    option = '-DDATE=__DATE__ " " __TIME__'
    keep("elf_date", program(tmp, option), program(tmp, option, epoch=THEN + 86407))


@sample
def elf_path(tmp):
    # The linker orders the texts of debug information by a hash, which one folder for another may change.
    def build(i, name):
        content = program(tmp / str(i) / name, "-g", "-DDATE=0")
        return content, content.find(f"/{name}\0".encode())

    pairs = [(build(i, "one"), build(i, "two")) for i in range(40)]
    for name, moved in (("elf_path", False), ("elf_path_order", True)):
        keep(name, *next((a, b) for (a, at_a), (b, at_b) in pairs if (at_a != at_b) == moved))


@sample
def elf_path_moved(tmp):
    keep("elf_path_moved", program(tmp / "one", "-g", "-DDATE=0"), program(tmp / "another", "-g", "-DDATE=0"))


@sample
def elf_path_compressed(tmp):
    # Names long enough to be compressed.
    deep = tmp / ("x" * 150)
    pairs = (tuple(program(deep / f"{name}{i}", "-g", "-gz", "-DDATE=0") for name in ("one", "two")) for i in range(99))
    keep("elf_path_compressed", *next((a, b) for a, b in pairs if len(a) == len(b)))


@sample
def elf_text(tmp):
    keep("elf_text", program(tmp, "-DDATE=0", text="one"), program(tmp, "-DDATE=0", text="two"))


@sample
def elf_lto(tmp):
    source = write(tmp / "f.c", "int f(int x) { return x + 1; }\n")
    objects = []
    for name in ("one.o", "two.o"):
        run("gcc", "-Os", "-flto", "-c", str(source), "-o", name, cwd=tmp)
        objects.append((tmp / name).read_bytes())
    keep("elf_lto", *objects)


def zipped(members, level=6, mode=0o100644, extra=b""):
    """A zip archive of (name, content, seconds since THEN)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content, later in members:
            info = zipfile.ZipInfo(name, time.gmtime(THEN + later)[:6])
            info.external_attr = mode << 16
            info.extra = extra and struct.pack("<HHBl", 0x5455, 5, 1, THEN + later)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED, level)
    return packed.getvalue()


@sample
def zip_(tmp):
    one, two = ("one.txt", "text " * 20, 0), ("two.txt", "more " * 20, 0)
    first = zipped([one, two])
    keep("zip_time", first, zipped([one, two[:2] + (8,)]))
    keep("zip_unix_time", zipped([one], extra=b"x"), zipped([one[:2] + (9,)], extra=b"x"))
    keep("zip_order", first, zipped([two, one]))
    keep("zip_mode", first, zipped([one, two], mode=0o100664))
    keep("zip_packing", first, zipped([one, two], level=0))
    keep("zip_content", first, zipped([one, (two[0], "MORE " * 20, 0)]))
    keep("zip_member", first, zipped([one, two, ("three.txt", "", 0)]))
    manifest = "Manifest-Version: 1.0\r\nBuilt-By: {}\r\nBuild-Time: 2026-11-24 10:00:0{}\r\n\r\n"
    builds = ((0, "ada"), (4, "bob"))
    keep("zip_manifest", *(zipped([("META-INF/MANIFEST.MF", manifest.format(who, i), i * 2)]) for i, who in builds))
    date = "#Generated by Maven\n#Tue Nov 24 10:00:0{} UTC 2026\nversion=1.0\n"
    keep("zip_properties", *(zipped([("META-INF/maven/g/a/pom.properties", date.format(i), 0)]) for i in (3, 5)))


@sample
def jar(tmp):
    jars = []
    for later in (0, 60):
        write(tmp / "A.txt", "text", THEN + later)
        run("jar", "--create", "--file=a.jar", "--no-manifest", "A.txt", cwd=tmp)
        jars.append((tmp / "a.jar").read_bytes())
    keep("jar_time", *jars)


def tarred(members, format=tarfile.USTAR_FORMAT, mode=0o644, uid=0, fraction=0, records=None):
    """A tar archive of (name, content, seconds since THEN), without the padding to a whole record."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=format, pax_headers=records or {}) as archive:
        for name, content, later in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode, info.uid = len(content), THEN + later + fraction, mode, uid
            archive.addfile(info, io.BytesIO(content.encode()))
    content = packed.getvalue().rstrip(b"\0")
    return content + bytes(-len(content) % 512 + 1024)


@sample
def tar(tmp):
    one, two = ("d/one", "built at 100", 0), ("d/two", "more", 0)
    first = tarred([one, two])
    keep("tar_time", first, tarred([one, two[:2] + (7,)]))
    keep("tar_order", first, tarred([two, one]))
    keep("tar_owner", first, tarred([one, two], mode=0o664, uid=1000))
    keep("tar_content", first, tarred([one, ("d/two", "MORE", 0)]))
    keep("tar_inside", first, tarred([("d/one", "built at 200", 3), two]))
    keep("tar_format", first, tarred([one, two], format=tarfile.GNU_FORMAT))
    long_name = ("d/" + "n" * 120, "x", 0)
    keep("tar_long", *(tarred([long_name, one[:2] + (later,)], format=tarfile.GNU_FORMAT) for later in (0, 8)))
    keep("tar_pax", *(tarred([long_name], format=tarfile.PAX_FORMAT, fraction=part) for part in (0.25, 3.5)))
    keep("tar_commit", *(tarred([two], format=tarfile.PAX_FORMAT, records={"comment": c * 40}) for c in "ab"))


@sample
def tar_gnu(tmp):
    """GNU tar names its extended headers after its process, and keeps when a file was read."""
    packed = []
    for name in ("a", "b"):
        source = write(tmp / "file", "text")
        os.utime(source, (THEN + len(packed) + 0.5, THEN))
        run("tar", "--format=posix", "-b2", "-cf", f"{name}.tar", "--owner=0", "--group=0", "--mode=644",
            "--pax-option=exthdr.name=%d/PaxHeaders.%p/%f,delete=ctime", "file", cwd=tmp)
        packed.append((tmp / f"{name}.tar").read_bytes())
    keep("tar_gnu", *packed)


@sample
def ar(tmp):
    write(tmp / "f.c", "int f(void) { return 1; }\n")
    libraries = []
    for later in (0, 65):
        run("gcc", "-Os", "-c", "f.c", "-o", "function_of_long_name.o", cwd=tmp)
        os.utime(tmp / "function_of_long_name.o", (THEN, THEN + later))
        (tmp / "l.a").unlink(missing_ok=True)
        run("ar", "qcU", "l.a", "function_of_long_name.o", cwd=tmp)
        libraries.append((tmp / "l.a").read_bytes())
    # Only the index's own time is not given.
    index = len(b"!<arch>\n") + 16
    keep("ar_time", *(content[:index] + b"1795514400  " + content[index + 12:] for content in libraries))


def database(path, statements):
    """A database of small pages, one transaction for each statement."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 512")
    for statement, *values in statements:
        connection.execute(statement, values)
    connection.close()
    return path.read_bytes()


@sample
def sqlite(tmp):
    table, row = ("CREATE TABLE t(name, at, data)",), "INSERT INTO t VALUES (?, ?, ?)"

    def rows(name, at, data, extra=0):
        return database(tmp / "t.db", [table, (row, name, at, data)] +
                        [("UPDATE t SET name = ?", value) for value in ("xyz", name)] * extra)

    first = rows("one", 5, b"x")
    keep("sqlite_counters", first, rows("one", 5, b"x", extra=3))
    keep("sqlite_rows", first, rows("two", 5, b"x"))
    for name, unit in (("seconds", 1), ("milliseconds", 1000)):
        keep(f"sqlite_{name}", *(rows("one", (THEN + later) * unit, b"x", later > 9) for later in (5, 1900)))
    keep("sqlite_header", *(rows("gcc", 0, struct.pack(">II", 1008, THEN + later)) for later in (5, 1900)))


@sample
def keystore(tmp):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
        "k.pem", "-out", "c.pem", "-days", "3000", "-subj", "/CN=x", cwd=tmp)
    for kind in ("JKS", "PKCS12"):
        stores = []
        for name in ("one", "two"):
            run("keytool", "-importcert", "-noprompt", "-alias", "a", "-file", "c.pem", "-keystore", name + kind,
                "-storetype", kind, "-storepass", "changeit", "-J-Djava.awt.headless=true", cwd=tmp)
            stores.append((tmp / (name + kind)).read_bytes())
            time.sleep(1)
        keep(f"keystore_{kind.lower()}", *stores)


@sample
def git_index(tmp):
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    write(tmp / "origin/a", "a")
    write(tmp / "origin/folder/b", "b")
    run("git", "init", "-q", cwd=tmp / "origin")
    run("git", "add", ".", cwd=tmp / "origin")
    run("git", *who, "commit", "-q", "-m", "x", cwd=tmp / "origin")
    for version in (2, 4):
        for name in ("one", "two"):
            run("git", "-c", f"index.version={version}", "clone", "-q", "origin", f"{name}{version}", cwd=tmp)
        keep(f"git_index_{version}", *((tmp / f"{name}{version}/.git/index").read_bytes() for name in ("one", "two")))


@sample
def aux_cache(tmp):
    caches = []
    for root, names in (("one", "abc"), ("two", "bca")):
        for folder in ("lib", "etc", "var/cache/ldconfig"):
            (tmp / root / folder).mkdir(parents=True)
        for name in names:
            write(tmp / f"{name}.c", f"int {name};\n")
            library = f"lib{name}.so.1"
            run("gcc", "-shared", "-nostdlib", f"-Wl,-soname,{library}", f"{name}.c", "-o", f"{root}/lib/{library}", cwd=tmp)
        (tmp / root / "etc/ld.so.conf").write_text("/lib\n")
        run("ldconfig", "-r", str(tmp / root), cwd=tmp)
        caches.append((tmp / root / "var/cache/ldconfig/aux-cache").read_bytes())
        time.sleep(1)
    keep("aux_cache", *caches)


def main(names):
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or SAMPLES:
        with tempfile.TemporaryDirectory() as tmp:
            SAMPLES[name](pathlib.Path(tmp))


if __name__ == "__main__":
    main(sys.argv[1:])
