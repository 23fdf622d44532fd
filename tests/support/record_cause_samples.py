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


def main(names):
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or SAMPLES:
        with tempfile.TemporaryDirectory() as tmp:
            SAMPLES[name](pathlib.Path(tmp))


if __name__ == "__main__":
    main(sys.argv[1:])
