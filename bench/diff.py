#!/usr/bin/env python3
"""Speed and memory of `build-lab diff`, beside other programs that read the same bytes.

Two images of 2 GB in five layers (bench/diff_images.py), of which the last layer differs, all differ, or none does,
and two of 5 GB whose layers all differ. Interleaved; medians of wall and of CPU seconds (user + sys), which other load
on the machine moves less. Peers:

  diffoci v0.1.8, installed into the cache folder by Go. It compares what it has loaded into a store of its own; the
      ratio with a bar is to its comparison alone, the one with loading both archives stands beside it.
  igzip -d | openssl dgst -sha256 over all layers of both images, as many at once as there are cores: the limit of
      whoever has to unpack and verify them.
  diffoscope on the tars of the layer that differs, unpacked for it; once, without a bar (--diffoscope).
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import measure

DIFFOCI = "github.com/reproducible-containers/diffoci"
DIFFOCI_VERSION = "v0.1.8"
MIN_OVER_DIFFOCI = 15
MAX_OVER_LIMIT = 1.3
MAX_EQUAL_MS = 100  # with the launcher and the start of the program
MAX_MEMORY_MB = 200


class Arm:
    """A program's runs: wall and CPU seconds, peak memory of its largest process."""

    def __init__(self, name, arguments, accept=(0,), environment=None):
        self.name, self.arguments, self.accept = name, [str(item) for item in arguments], accept
        self.environment = environment
        self.wall, self.cpu, self.memory, self.output = [], [], 0, b""

    def __call__(self, _=None):
        with tempfile.TemporaryFile() as output:
            begin = time.monotonic()
            child = subprocess.Popen(self.arguments, stdout=output, stderr=output, env=self.environment)
            _, status, used = os.wait4(child.pid, 0)
            self.wall.append(time.monotonic() - begin)
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.output = output.read()
        if child.returncode not in self.accept:
            sys.exit(f"{' '.join(self.arguments)}: exit {child.returncode}\n{self.output.decode(errors='replace')}")
        self.cpu.append(used.ru_utime + used.ru_stime)
        self.memory = max(self.memory, used.ru_maxrss * 1024 / 1e6)

    def rows(self):
        return [measure.row(f"{self.name}: wall", self.wall), measure.row("  user + sys", self.cpu),
                ["  peak memory", f"{self.memory:.0f} MB", "", ""]]


class Lab(Arm):
    """build-lab diff of two images; the files that differ are those that were made to."""

    def __init__(self, command, a, b, differing_layers):
        super().__init__("build-lab diff", [command, "diff", "--json", a["path"], b["path"]], (1 if differing_layers else 0,))
        self.title, self.layers = f"{pathlib.Path(a['path']).stem} / {pathlib.Path(b['path']).stem}", differing_layers

    def __call__(self, _=None):
        super().__call__()
        found = json.loads(self.output)
        layers = sorted({item["layer"] for item in found["differences"] if item["attribute"] == "content"})
        if found["verdict"] != ("different" if self.layers else "identical") or layers != self.layers:
            sys.exit(f"{self.title}: {found['verdict']} in the layers {layers}, but {self.layers} differ")

    def memory_row(self):
        what = f"peak memory, {self.title}"
        return [what, f"{self.memory:.0f} MB", measure.bar(f"{what}, MB", self.memory, MAX_MEMORY_MB)]


def installed_diffoci():
    cache = pathlib.Path(os.environ.get("BUILDLAB_CACHE") or
                         pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "buildlab")
    folder = cache / "peers" / f"diffoci-{DIFFOCI_VERSION}"
    program = folder / "diffoci"
    if not program.exists():
        measure.say(f"installing diffoci {DIFFOCI_VERSION} into {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "go.mod").write_text("module peer\n")
        # Not `go install`, which also asks for the list of the module's versions.
        subprocess.run(["go", "get", "-tool", f"{DIFFOCI}/cmd/diffoci@{DIFFOCI_VERSION}"], cwd=folder, check=True,
                       stdout=sys.stderr)
        subprocess.run(["go", "build", "-o", "diffoci", f"{DIFFOCI}/cmd/diffoci"], cwd=folder, check=True, stdout=sys.stderr)
    return program


def made(folder, *options):
    """The images, made by a process of its own: a child's peak memory would begin at that of this process."""
    begin = time.monotonic()
    subprocess.run([sys.executable, pathlib.Path(__file__).with_name("diff_images.py"), folder, *options], check=True)
    images = json.loads((folder / "images.json").read_text())
    one = next(iter(images.values()))
    measure.say(f"images of {one['unpacked'] / 1e9:.2f} GB ({one['packed'] / 1e6:.0f} MB compressed) "
                f"made in {time.monotonic() - begin:.0f} s")
    return images


def ratio_rows(name, above, below):
    """Rows of the ratio of wall and of CPU seconds, and the first's value and span."""
    wall, cpu = measure.paired_ratio(above.wall, below.wall), measure.paired_ratio(above.cpu, below.cpu)
    return [[f"{name}: wall", measure.with_interval(*wall, "{:.2f}")],
            [f"{name}: user + sys", measure.with_interval(*cpu, "{:.2f}")]], wall


def one_layer(lab, images, work, pairs):
    program = installed_diffoci()
    environment = {**os.environ, "XDG_CACHE_HOME": str(work)}
    at = [program, "--backend", "local", "--local-cache", work / "diffoci"]
    loads = [Arm("diffoci load", [*at, "load", "--input", images[key]["path"]], environment=environment)
             for key in ("a", "last")]
    peer = Arm("diffoci diff", [*at, "diff", "--pull", "never", images["a"]["name"], images["last"]["name"]], (1,), environment)
    for load in loads:
        load()
    measure.in_turn(pairs, lab, peer)
    rows, (ratio, span) = ratio_rows("diffoci / build-lab", peer, lab)
    # A bar is the most that a value may be: the inverse of "at least 15 times as fast".
    reached = measure.bar(f"build-lab / diffoci, one layer (at most 1/{MIN_OVER_DIFFOCI})", 1 / ratio,
                          round(1 / MIN_OVER_DIFFOCI, 4), (1 / span[1], 1 / span[0]) if span else None)
    rows[0].append(f"at least {MIN_OVER_DIFFOCI}; of the inverse, {reached}")
    loading = sum(load.wall[0] for load in loads)
    with_loading = (statistics.median(peer.wall) + loading) / statistics.median(lab.wall)
    rows.append(["with its loading of both (once, {:.1f} s)".format(loading), f"{with_loading:.1f}", ""])
    measure.table("One layer of five differs", lab.rows() + peer.rows())
    measure.table("  ratios", [row + [""] * (3 - len(row)) for row in rows])


def all_layers(lab, images, pairs):
    blobs = {layer["blob"]: layer["packed"] for key in ("a", "all") for layer in images[key]["layers"]}
    largest_first = "\n".join(sorted(blobs, key=blobs.get, reverse=True))
    one = "igzip -d -c {} | openssl dgst -sha256"
    limit = Arm("igzip -d | sha256", ["sh", "-c", f"echo \"$0\" | xargs -P {os.cpu_count()} -I{{}} sh -c '{one}'", largest_first])
    # What build-lab does beside: the digest of the packed bytes is verified too.
    both = Arm("the same, and sha256 of the blobs",
               ["sh", "-c", f"echo \"$0\" | xargs -P {os.cpu_count()} -I{{}} sh -c '{one}; openssl dgst -sha256 {{}}'", largest_first])
    limit()
    limit.wall.clear(), limit.cpu.clear()
    measure.in_turn(pairs, lab, lambda pair: (limit(pair), both(pair)))
    rows, (ratio, span) = ratio_rows("build-lab / limit", lab, limit)
    rows[0].append(measure.bar("all layers, build-lab / igzip | sha256", ratio, MAX_OVER_LIMIT, span))
    rows += ratio_rows("build-lab / both digests", lab, both)[0]
    measure.table("All layers differ", lab.rows() + limit.rows()[:2] + both.rows()[:2])
    measure.table("  ratios", [row + [""] * (3 - len(row)) for row in rows])


def equal(lab, pairs):
    for _ in range(pairs):
        lab()
    milliseconds = 1000 * statistics.median(lab.wall)
    measure.table("Equal images", [["build-lab diff: wall", f"{milliseconds:.0f} ms",
                                    measure.bar("equal images, ms", milliseconds, MAX_EQUAL_MS)]])


def diffoscope(images, work):
    tars = []
    for key in ("a", "last"):
        tars.append(work / f"{key}-last-layer.tar")
        with open(tars[-1], "wb") as tar:
            subprocess.run(["igzip", "-d", "-c", images[key]["layers"][-1]["blob"]], check=True, stdout=tar)
    peer = Arm("diffoscope", ["diffoscope", "--no-progress", "--text", os.devnull, *tars], (1,))
    peer()
    measure.table("The tars of the layer that differs", peer.rows())
    for tar in tars:
        tar.unlink()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", help="the build-lab command (default: $BUILDLAB_COMMAND, ./build-lab)")
    arguments.add_argument("--part", action="append", choices=("last", "all", "equal", "five"))
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--scale", default="1", help="of the images of 2 GB")
    arguments.add_argument("--diffoscope", action="store_true", help="run it too, once")
    arguments.add_argument("--images", type=pathlib.Path, help="a folder that keeps the images of 2 GB for the next time")
    arguments.add_argument("--work", default="/var/tmp", help="where there are 8 GB for a while (default: /var/tmp)")
    given = arguments.parse_args()
    # Ended from outside, it removes its gigabytes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    command = measure.find_command(given.command)
    if not shutil.which("igzip"):
        sys.exit("no igzip, which this compares with: apt-get install isal")
    parts = given.part or ["last", "all", "equal", "five"]
    subprocess.run([command, "--version"], check=True, capture_output=True)
    memory = []
    with tempfile.TemporaryDirectory(prefix="bl-bench-", dir=given.work) as folder:
        work = pathlib.Path(folder)
        if set(parts) != {"five"}:
            place = given.images or work / "images"
            kept = place / "images.json"
            images = json.loads(kept.read_text()) if kept.exists() else made(place, "--scale", given.scale)
            every = list(range(1, len(images["a"]["layers"]) + 1))
            twin = work / "twin.tar"
            subprocess.run(["cp", "--reflink=auto", images["a"]["path"], twin], check=True)
            labs = {"last": Lab(command, images["a"], images["last"], every[-1:]), "all": Lab(command, images["a"], images["all"], every),
                    "equal": Lab(command, images["a"], {"path": str(twin)}, [])}
            if "last" in parts:
                one_layer(labs["last"], images, work, given.pairs)
            if "all" in parts:
                all_layers(labs["all"], images, given.pairs)
            if "equal" in parts:
                equal(labs["equal"], 4 * given.pairs)
            if given.diffoscope:
                diffoscope(images, work)
            memory += [labs[part].memory_row() for part in parts if part in labs]
        if "five" in parts:
            images = made(work / "five", "--five")
            lab = Lab(command, images["five-a"], images["five-b"], list(range(1, len(images["five-a"]["layers"]) + 1)))
            lab()
            measure.table("5 GB, all layers differ", lab.rows())
            memory.append(lab.memory_row())
    measure.table("Memory of build-lab diff", memory)
    measure.finish()


if __name__ == "__main__":
    main()
