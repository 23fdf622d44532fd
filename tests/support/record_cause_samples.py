#!/usr/bin/env python3
"""Makes tests/data/causes: pairs of small files that differ for one known reason, written by the real tools.

    record_cause_samples.py [NAME...]

Each NAME is one function below; without any, all of them run. What a tool draws at random differs in every run,
so that tests must not depend on such values; times are given (2026-11-24T10:00:00Z and some seconds later).
"""

import os
import pathlib
import subprocess
import sys
import tempfile

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
    call = f"import py_compile as p; p.compile('m.py', 'm.pyc', {path!r}, invalidation_mode=p.PycInvalidationMode.{mode})"
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
    keep("pyc_pip_target", pyc(tmp, path=folder.format("k3x9mzqa")), pyc(tmp, THEN + 5, path=folder.format("7_uw2bcd")))


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
    source = write(folder / "d.c", f'const char *const said[] = {{"{text}", DATE, __FILE__}};\nvoid _start(void) {{}}\n')
    run("gcc", "-Os", "-nostdlib", "-static", "-Wl,--build-id,-z,noseparate-code,-z,max-page-size=64,-N,--no-warn-rwx-segments", "-fno-asynchronous-unwind-tables",
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
    pairs = ((program(tmp / ("x" * 150) / f"one{i}", "-g", "-gz", "-DDATE=0"), program(tmp / ("x" * 150) / f"two{i}", "-g", "-gz", "-DDATE=0")) for i in range(99))
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


def main(names):
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or SAMPLES:
        with tempfile.TemporaryDirectory() as tmp:
            SAMPLES[name](pathlib.Path(tmp))


if __name__ == "__main__":
    main(sys.argv[1:])
