#!/usr/bin/env python3
# Records tests/data/progress/: what the real engine says in the situations that are easy to misread. One folder a
# behaviour with the Dockerfile, the progress stream byte for byte, the provenance of the daemon's history and
# case.json (how the build was asked for, what was seen of it from outside).
#
#   sudo tests/support/record_transcripts.py --tools FOLDER_WITH_BUILDKITD [--only NAME]
#
# Needs docker-registry, runc and a static busybox (Debian: busybox-static). All work happens below --work, whose
# path is replaced by /work in what is written (it shows in local cache names and in error texts only); nothing else
# of a recording is touched.
import argparse
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from buildkit_daemon import Daemon, Registry, write_tree  # noqa: E402

OUTPUT = pathlib.Path(__file__).resolve().parents[1] / "data" / "progress"
PORT = 5957
BASE = f"localhost:{PORT}/base"
FROM = f"FROM {BASE}:1"


class Recorder:
    def __init__(self, tools, work):
        self.tools, self.work = tools, work
        self.registry = Registry(work / "registry", PORT).start()
        self.count, self.daemons = 0, []
        self.version = subprocess.run([tools / "buildkitd", "--version"], capture_output=True, text=True,
                                      check=True).stdout.split()[2]

    def daemon(self):
        self.count += 1
        daemon = Daemon(self.tools, self.work / f"d{self.count}", [self.registry.endpoint]).start()
        self.daemons.append(daemon)
        return daemon

    def context(self, dockerfile, files=None, name=None):
        if name is None:
            self.count += 1
            name = f"c{self.count}"
        write_tree(self.work / name, {"Dockerfile": dockerfile, **(files or {})})
        return self.work / name

    def push_base(self):
        context = self.context("FROM scratch\nCOPY busybox /bin/busybox\n"
                               'RUN ["/bin/busybox", "--install", "-s", "/bin"]\nRUN mkdir -m 1777 /tmp\n',
                               {"busybox": (pathlib.Path("/bin/busybox").read_bytes(), 0o755)})
        daemon = self.daemon()
        for tag in "12":
            built = daemon.build(context, "--output", f"type=image,name={BASE}:{tag},push=true")
            if built.exit_code != 0:
                raise RuntimeError(built.stream.decode())

    def keep(self, name, what, context, built, fresh, imports, target=None, build_args=None):
        folder = OUTPUT / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

        def hide(data):
            return data.replace(str(self.work).encode(), b"/work")
        (folder / "Dockerfile").write_bytes((context / "Dockerfile").read_bytes())
        (folder / "progress.rawjson").write_bytes(hide(built.stream))
        provenance = built.daemon.provenance(built.ref) if built.ref else None
        if provenance:
            (folder / "provenance.json").write_bytes(hide(provenance))
        (folder / "case.json").write_text(json.dumps({
            "what": what, "buildkit": self.version, "exit_code": built.exit_code,
            "window": {"started_ns": built.started_ns, "duration_ns": built.duration_ns},
            "builder_is_fresh": fresh, "imports_cache": imports, "target": target,
            "build_args": build_args or {}}, indent=2) + "\n")
        print(f"{name}: exit {built.exit_code}, {len(built.stream)} bytes"
              f"{', provenance' if provenance else ''}", flush=True)

    def end(self):
        for daemon in self.daemons:
            daemon.remove()
        self.registry.stop()


def oci(recorder):
    recorder.count += 1
    return ["--output", f"type=oci,dest={recorder.work}/o{recorder.count}.tar"]


def done(build):
    if build.exit_code != 0:
        raise RuntimeError(build.stream.decode())
    return build


APP = f"""# A small build with all kinds of steps.
ARG GREETING=hello
{FROM} AS deps
WORKDIR /deps
COPY lock.txt .
RUN sleep 0.3 && head -c 300000 /dev/urandom > modules
{FROM} AS builder
ARG GREETING
WORKDIR /src
COPY --from=deps /deps/modules /src/modules
COPY src src
RUN --mount=type=cache,target=/cache \\
    sleep 0.2 && \\
    cat src/main.txt > /src/app && echo $GREETING
FROM {BASE}:1 AS unused
RUN echo never
{FROM}
LABEL a=b
COPY --from=builder /src/app /usr/bin/app
RUN --mount=type=bind,source=lock.txt,target=/lock cat /lock /usr/bin/app > /result
CMD ["/usr/bin/app"]
"""
APP_FILES = {"lock.txt": "locked\n", "src/main.txt": "one\n"}


def app_on_a_kept_builder(r):
    daemon, context = r.daemon(), r.context(APP, APP_FILES)
    r.keep("first_build", "An empty builder: everything executes", context, done(daemon.build(context, *oci(r))), True,
           False)
    r.keep("unchanged", "The same again: everything is a hit, most of it inferred", context,
           done(daemon.build(context, *oci(r))), False, False)
    write_tree(context, {"src/main.txt": "two, longer\n"})
    r.keep("source_changed", "COPY src and what follows it re-run; FROM has several intervals", context,
           done(daemon.build(context, *oci(r))), False, False)
    r.keep("target_stage", "--target deps", context, done(daemon.build(context, "--opt", "target=deps")), False, False,
           target="deps")
    r.keep("forced", "--no-cache forces RUN and COPY, not WORKDIR", context,
           done(daemon.build(context, "--no-cache", *oci(r))), False, False)
    text = APP.replace("COPY src src\n", "COPY lock.txt lock2\nCOPY src src\n")
    write_tree(context, {"Dockerfile": text})
    r.keep("line_inserted", "A line more in the stage: [builder n/m] of later steps moved on", context,
           done(daemon.build(context, *oci(r))), False, False)


def registry_cache(r):
    where = f"type=registry,ref=localhost:{PORT}/cache/app"
    context = r.context(APP, APP_FILES)
    r.keep("cache_exported", "mode=max to a registry", context,
           done(r.daemon().build(context, "--export-cache", where + ",mode=max", *oci(r))), True, False)
    r.keep("remote_unchanged", "Fresh builder, registry import, image exported: hits whose layers are pulled", context,
           done(r.daemon().build(context, "--import-cache", where, *oci(r))), True, True)
    r.keep("remote_lazy", "Fresh builder, registry import, nothing exported: nothing is pulled", context,
           done(r.daemon().build(context, "--import-cache", where)), True, True)
    write_tree(context, {"src/main.txt": "remote and longer\n"})
    r.keep("remote_source_changed", "Fresh builder, registry import, an edit: hits are pulled because a later step "
           "needs their files", context, done(r.daemon().build(context, "--import-cache", where, *oci(r))), True, True)


LINEAR = f"""{FROM}
WORKDIR /w
RUN head -c 200000 /dev/urandom > one
RUN head -c 200000 /dev/urandom > two
COPY tail.txt .
RUN cat tail.txt one > three
"""


def layer_chain(config):
    """Blobs of the longest chain of a cache config, bottom first. An absent parent is index 0; none is -1."""
    layers, best = config["layers"], []
    for top in range(len(layers)):
        chain, at = [], top
        while at >= 0:
            chain.insert(0, layers[at]["blob"])
            at = layers[at].get("parent", 0)
        best = max(best, chain, key=len)
    return best


def hydration_blamed_on_producer(r):
    where = f"type=registry,ref=localhost:{PORT}/cache/linear"
    context = r.context(LINEAR, {"tail.txt": "1\n"})
    done(r.daemon().build(context, "--export-cache", where + ",mode=max"))
    write_tree(context, {"tail.txt": "22\n"})
    r.keep("hydrated_for_a_consumer", "RUN two is pulled, with the layers below it, for the COPY that follows",
           context, done(r.daemon().build(context, "--import-cache", where, *oci(r))), True, True)


def missing_blob_local(r):
    context, cache = r.context(LINEAR, {"tail.txt": "1\n"}), r.work / "local-cache"
    done(r.daemon().build(context, "--export-cache", f"type=local,dest={cache},mode=max"))
    r.keep("local_cache", "Fresh builder, import from a folder, an edit at the end", context,
           done(r.daemon().build(context, "--import-cache", f"type=local,src={cache}", *oci(r))), True, True)
    index = json.loads((cache / "index.json").read_text())
    blobs = cache / "blobs" / "sha256"
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    config = json.loads((blobs / manifest["config"]["digest"][7:]).read_text())
    bottom_up = layer_chain(config)
    (blobs / bottom_up[-1][7:]).unlink()
    r.keep("failed_load", "The blob of the last RUN is missing in the cache folder: reported cached with an error, "
           "then run", context, done(r.daemon().build(context, "--import-cache", f"type=local,src={cache}", *oci(r))),
           True, True)
    (blobs / bottom_up[-3][7:]).unlink()
    r.keep("failed_load_fatal", "A blob lower in the chain is missing too: load after load fails, then the build",
           context, r.daemon().build(context, "--import-cache", f"type=local,src={cache}", *oci(r)), True, True)
    r.keep("local_cache_absent", "A cache folder that does not exist: no importing vertex, a plain line", context,
           done(r.daemon().build(context, "--import-cache", f"type=local,src={r.work}/nowhere")), True, True)
    r.keep("registry_unreachable", "The import's vertex has an error; the build succeeds", context,
           done(r.daemon().build(context, "--import-cache", "type=registry,ref=localhost:9/cache/app")), True, True)
    r.keep("export_refused_ignored", "ignore-error=true: the vertex has an error, exit 0", context,
           done(r.daemon().build(context, "--export-cache",
                                 "type=registry,ref=localhost:9/cache/app,mode=max,ignore-error=true")), True, False)
    r.keep("export_refused", "exit 1", context, r.daemon().build(
        context, "--export-cache", "type=registry,ref=localhost:9/cache/app,mode=max"), True, False)


def lazy_blob_missing(r):
    where = f"type=registry,ref=localhost:{PORT}/cache/lazy"
    context = r.context(LINEAR, {"tail.txt": "1\n"})
    done(r.daemon().build(context, "--export-cache", where + ",mode=max"))
    manifests = r.registry.folder / "data/docker/registry/v2/repositories/cache/lazy/_manifests/tags/latest/current/link"
    digest = manifests.read_text().strip()
    blobs = r.registry.folder / "data/docker/registry/v2/blobs/sha256"
    manifest = json.loads((blobs / digest[7:9] / digest[7:] / "data").read_text())
    config_digest = manifest["config"]["digest"]
    config = json.loads((blobs / config_digest[7:9] / config_digest[7:] / "data").read_text())
    chain = layer_chain(config)
    r.registry.delete_blob(chain[-3])
    r.registry.stop()  # it remembers what it has seen
    r.registry.start()
    write_tree(context, {"tail.txt": "22\n"})
    r.keep("lazy_blob_missing", "The blob of RUN two is gone from the registry: the COPY after it fails, RUN two "
           "stays a hit", context, r.daemon().build(context, "--import-cache", where, *oci(r)), True, True)


def merged_twins(r):
    text = f"""FROM {BASE}:1 AS a
RUN sleep 0.5 && head -c 1000 /dev/urandom > /a
FROM {BASE}:2 AS b
RUN sleep 0.5 && head -c 1000 /dev/urandom > /a
FROM scratch
COPY --from=a /a /a
COPY --from=b /a /b
"""
    context, daemon = r.context(text), r.daemon()
    r.keep("twins_first", "Two tags of one image, the same RUN: equal keys, merged", context,
           done(daemon.build(context)), True, False)
    r.keep("twins_again", "The same again", context, done(daemon.build(context)), False, False)
    text = f"""{FROM} AS a
RUN sleep 0.1 && head -c 1000 /dev/urandom > /a
{FROM} AS b
RUN sleep 0.1 && head -c 1000 /dev/urandom > /a
FROM scratch
COPY --from=a /a /a
COPY --from=b /a /b
"""
    context = r.context(text)
    r.keep("same_vertex", "Two stages with the same instructions over one image: one vertex, named after the first",
           context, done(r.daemon().build(context)), True, False)
    # One twin has a record of its own from an earlier build, under the other tag.
    text = f"""FROM {BASE}:1 AS a
RUN sleep 0.3 && echo x > /a
FROM {BASE}:2 AS b
RUN sleep 0.3 && echo x > /a
RUN cat /a > /c
FROM scratch
COPY --from=a /a /a
COPY --from=b /c /b
"""
    context, daemon = r.context(text), r.daemon()
    done(daemon.build(context, "--opt", "target=a"))
    r.keep("twins_half_known", "Stage a was built before; its twin b never was", context,
           done(daemon.build(context)), False, False)


def concurrent(r):
    daemon = r.daemon()
    text = f"{FROM}\nWORKDIR /w\nRUN sleep 1.2 && echo shared > s\n"
    first, second = r.context(text + "RUN echo first > f\n"), r.context(text + "RUN echo second > f\n")
    one = daemon.begin_build(first)
    time.sleep(0.6)
    two = daemon.begin_build(second)
    one.finish()
    r.keep("shared_with_another", "A second build on one daemon joins a RUN that the first one started before it",
           second, done(two.finish()), True, False)


def failures(r):
    text = f"""FROM scratch AS empty
COPY a.txt /
FROM {BASE}:1 AS one
WORKDIR /
WORKDIR /one
COPY a.txt .
RUN sleep 5
FROM one AS two
RUN echo two
FROM base2 AS three
RUN echo three
FROM {BASE}:1 AS final
COPY --from=empty /a.txt /
WORKDIR /x
RUN sleep 0.7 && echo out && echo problem >&2 && exit 7
COPY --from=two /one /one
COPY --from=three /bin/busybox /three
RUN echo last
"""
    context = r.context(text, {"a.txt": "a\n"})
    r.keep("failed_run", "A RUN fails while another stage runs; no provenance, so names join to lines", context,
           r.daemon().build(context, "--opt", f"context:base2=docker-image://{BASE}:2"), True, False)
    context = r.context(f"{FROM} AS one\nRUN echo 1\n{FROM}\nCOPY --from=one /nothing /\nRUN echo 2\n")
    r.keep("failed_copy", "COPY of a file that does not exist", context, r.daemon().build(context), True, False)
    context = r.context(f"{FROM}\nRUN echo 1\nCOPPY a b\n")
    r.keep("syntax_error", "The frontend refuses the Dockerfile: no step is in the graph", context,
           r.daemon().build(context), True, False)
    context = r.context(f"FROM {BASE}:absent\nRUN echo 1\n")
    r.keep("base_missing", "The base image does not exist", context, r.daemon().build(context), True, False)


def adds(r):
    folder = r.work / "www"
    write_tree(folder, {"file.txt": "served\n"})

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def log_message(self, *arguments):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 5958), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = (f"{FROM}\nADD http://localhost:5958/file.txt /served.txt\n"
            "ADD --link http://localhost:5958/file.txt /linked.txt\nRUN cat /served.txt\n")
    context, daemon = r.context(text), r.daemon()
    r.keep("add_url", "Two vertexes of one name: the download and the copy", context, done(daemon.build(context)),
           True, False)
    r.keep("add_url_again", "The download is asked for again, the copy is a hit", context,
           done(daemon.build(context)), False, False)
    server.shutdown()
    server.server_close()
    r.keep("add_url_gone", "The server is gone: the download fails, the copy never starts", context,
           daemon.build(context), False, False)


def copies(r):
    text = f"""{FROM}
WORKDIR /w
COPY <<EOF config.txt
one
EOF
RUN <<EOF
cat config.txt
echo done > out
EOF
COPY --link a.txt /a.txt
RUN cat /a.txt
"""
    context, daemon = r.context(text, {"a.txt": "a\n"}), r.daemon()
    r.keep("heredoc_and_link", "COPY heredoc, RUN heredoc, COPY --link on an empty builder", context,
           done(daemon.build(context)), True, False)
    write_tree(context, {"Dockerfile": text.replace("\none\n", "\ntwo\n")})
    r.keep("heredoc_changed", "The body of the heredoc changed; the linked COPY is still a hit, its merge is new",
           context, done(daemon.build(context)), False, False)
    write_tree(context, {"a.txt": "another\n"})
    r.keep("linked_file_changed", "Only the file of COPY --link changed", context, done(daemon.build(context)), False,
           False)
    text = (f"{FROM} AS gen\nCOPY in.txt /in\nRUN wc -l < /in > /out\n{FROM}\n"
            "RUN --mount=type=bind,from=gen,source=/out,target=/out cat /out > /r\nRUN echo after\n")
    context, daemon = r.context(text, {"in.txt": "1\n"}), r.daemon()
    done(daemon.build(context))
    write_tree(context, {"in.txt": "another text\n"})
    r.keep("content_cut_off", "The first stage re-runs with an equal result: what mounts it is a hit by content",
           context, done(daemon.build(context)), False, False)
    context = r.context("FROM scratch\nARG TARGETARCH\nCOPY a.txt /a.txt\nCOPY a.txt /${TARGETARCH}.txt\n",
                        {"a.txt": "a\n"})
    r.keep("two_platforms", "amd64 and arm64 of a Dockerfile without RUN", context,
           done(r.daemon().build(context, "--opt", "platform=linux/amd64,linux/arm64")), True, False)
    text = f"{FROM}\nRUN i=0; while [ $i -lt 300 ]; do echo line $i of many; i=$((i+1)); done; printf 'no end'; false\n"
    context = r.context(text)
    r.keep("long_log", "Three hundred lines, the last without an end, then a failure", context,
           r.daemon().build(context), True, False)


def triggers(r):
    text = (f"{FROM} AS base\nONBUILD COPY a.txt /a\nONBUILD RUN cat /a > /b\nONBUILD ENV X=1\n"
            "ONBUILD RUN cat /b > /c\nFROM base AS app\nRUN cat /c > /d\n")
    context, daemon = r.context(text, {"a.txt": "a\n"}), r.daemon()
    r.keep("triggers", "What ONBUILD of the stage below has a stage do, on an empty builder", context,
           done(daemon.build(context)), True, False)
    write_tree(context, {"Dockerfile": text.replace("cat /b", "sort /b")})
    r.keep("trigger_changed", "The last of three triggers changed", context, done(daemon.build(context)), False, False)


CASES = [app_on_a_kept_builder, registry_cache, hydration_blamed_on_producer, missing_blob_local, lazy_blob_missing,
         merged_twins, concurrent, failures, adds, copies, triggers]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="folder with buildkitd and buildctl")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/buildlab-record"))
    parser.add_argument("--only", help="name of a function in CASES")
    options = parser.parse_args()
    if options.work.exists():
        sys.exit(f"{options.work} exists already; remove it or give another --work")
    options.work.mkdir(parents=True)
    recorder = Recorder(options.tools, options.work)
    try:
        recorder.push_base()
        for case in CASES:
            if options.only in (None, case.__name__):
                case(recorder)
    finally:
        recorder.end()
        shutil.rmtree(options.work, ignore_errors=True)


if __name__ == "__main__":
    main()
