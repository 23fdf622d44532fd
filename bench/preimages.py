#!/usr/bin/env python3
"""What cache_preimages costs a build: warm builds and builds after an edit, with it and without, in turn on one kept
builder. The project copies --files files from the context, copies them in a RUN step and out of its stage; an edit
changes one of them. Prints medians and the paired differences."""

import argparse
import json
import pathlib
import shutil
import statistics
import tempfile

import measure

DOCKERFILE = """\
FROM scratch AS build
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]
COPY files /files
RUN /bin/busybox cp -r /files /made
FROM scratch
COPY --from=build /made /made
"""


def make_project(folder, files):
    shutil.copy("/bin/busybox", folder / "busybox")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    for i in range(files):
        place = folder / "files" / str(i % 50)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i}.txt").write_text(f"{i}\n" * 20)
    scenarios = []
    for name, fields in (("plain", {}), ("told", {"cache_preimages": True})):
        scenarios.append({"name": f"app.warm-{name}", "subject": "app", "kind": "warm", "runs": 1, **fields})
        scenarios.append({"name": f"app.edit-{name}", "subject": "app", "kind": "edit", "runs": 1, **fields,
                          "input_mutation": [{"append": "files/0/0.txt", "text": "{token}\n"}]})
    (folder / "buildlab.json").write_text(json.dumps({
        "schema_version": 1, "subjects": {"app": {"context": ".", "dockerfile": "Dockerfile"}}, "scenarios": scenarios}))


def compared(lab, kind, pairs):
    seconds = {"plain": [], "told": []}

    def arm(name):
        def build(_):
            _, records = lab.run(f"app.{kind}-{name}")
            seconds[name].append(records[f"app.{kind}-{name}"]["builds"][0]["duration_sec"])
        return build

    measure.in_turn(pairs, arm("plain"), arm("told"))
    differences = [1000 * (told - plain) for told, plain in zip(seconds["told"], seconds["plain"], strict=True)]
    return [measure.row(f"{kind}, without", seconds["plain"]), measure.row(f"{kind}, with", seconds["told"]),
            [f"{kind}, difference", measure.with_interval(statistics.median(differences), measure.interval(differences),
                                                          "{:.0f} ms"), "", ""]]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", help="the build-lab command (default: $BUILDLAB_COMMAND, ./build-lab)")
    arguments.add_argument("--pairs", type=int, default=10)
    arguments.add_argument("--files", type=int, action="append", help="of the project (default: 20 and 3000)")
    given = arguments.parse_args()
    command = measure.find_command(given.command)
    for files in given.files or [20, 3000]:
        with tempfile.TemporaryDirectory(prefix="bl-bench-") as folder:
            project = pathlib.Path(folder) / "project"
            project.mkdir()
            make_project(project, files)
            lab = measure.Lab(command, project, pathlib.Path(folder) / "store")
            lab.run("app.warm-told")
            measure.table(f"{files} files, {given.pairs} pairs",
                          [row for kind in ("warm", "edit") for row in compared(lab, kind, given.pairs)])


if __name__ == "__main__":
    main()
