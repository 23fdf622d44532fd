"""The other arm of a comparison: the same builds with buildctl and nothing else, on the same kind of builder."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time


def engine_file(name):
    """The file that the command uses too: BUILDLAB_BUILDKITD's folder, PATH, the pinned copy."""
    if folder := os.environ.get("BUILDLAB_BUILDKITD"):
        return str(pathlib.Path(folder).parent / name)
    if found := shutil.which(name):
        return found
    for found in sorted(cache_folder().glob(f"engine/*/**/{name}")):
        return str(found)
    sys.exit(f"no {name}: run `build-lab doctor`")


def cache_folder():
    return pathlib.Path(os.environ.get("BUILDLAB_CACHE") or
                        pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "buildlab")


def local_base_storage():
    """The registry storage that holds the base which the command made last."""
    found = [path for path in cache_folder().glob("bases/*") if (path / "docker" / "registry").is_dir()]
    if not found:
        sys.exit("the record says that the base was made locally, but the cache folder has none")
    return max(found, key=lambda path: path.stat().st_mtime)


class Registry:
    """A registry server over a folder that already holds images."""

    def __init__(self, storage, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.endpoint = f"localhost:{port}"
        settings = pathlib.Path(folder) / "registry.yml"
        settings.write_text(f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n"
                            f"storage: {{filesystem: {{rootdirectory: {storage}}}}}\n")
        self.process = subprocess.Popen(["docker-registry", "serve", str(settings)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Builder:
    """A private buildkitd as the command starts it: own root, PID and mount namespace."""

    def __init__(self, root, mirror=None):
        self.root = pathlib.Path(root)
        self.root.mkdir(parents=True, exist_ok=True)
        self.address = f"unix://{self.root}/b.sock"
        settings = self.root / "buildkitd.toml"
        text = "[worker.oci]\n  gc = false\n[worker.containerd]\n  enabled = false\n"
        if mirror:
            text += f'[registry."docker.io"]\n  mirrors = ["{mirror}"]\n[registry."{mirror}"]\n  http = true\n'
        settings.write_text(text)
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", engine_file("buildkitd"), "--config",
                 str(settings), "--root", str(self.root / "state"), "--addr", self.address, "--otel-socket-path",
                 str(self.root / "otel.sock")],
                stdout=log, stderr=log, start_new_session=True)
        for _ in range(1000):
            probe = [engine_file("buildctl"), "--addr", self.address, "debug", "workers"]
            if os.path.exists(self.root / "b.sock") and subprocess.run(probe, capture_output=True).returncode == 0:
                return
            time.sleep(0.01)
        sys.exit(f"buildkitd does not answer, see {self.root}/log")

    def start_build(self, context, target=None, epoch=0):
        out = self.root / "out"
        out.mkdir(exist_ok=True)
        argv = [engine_file("buildctl"), "--addr", self.address, "build", "--progress=rawjson",
                "--frontend=dockerfile.v0", "--local", f"context={context}", "--local", f"dockerfile={context}",
                "--opt", f"build-arg:SOURCE_DATE_EPOCH={epoch}", "--metadata-file", str(out / "metadata.json"),
                "--output", f"type=oci,dest={out}/image.tar,rewrite-timestamp=true"]
        if target:
            argv += ["--opt", f"target={target}"]
        with open(out / "progress", "wb") as progress:
            return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=progress)

    def build(self, context, **options):
        """Wall seconds of one build."""
        begin = time.monotonic()
        client = self.start_build(context, **options)
        if client.wait() != 0:
            sys.exit(f"bare build failed, see {self.root}/out/progress")
        return time.monotonic() - begin

    def stop(self, keep=False):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        time.sleep(0.05)
        if not keep:
            shutil.rmtree(self.root, ignore_errors=True)
