# Private BuildKit daemons and registries for tests that drive the real engine: started here, ended here.
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time


def wait_for(check, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not answer within {seconds} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_tree(folder, files):
    """files: relative path -> str or bytes, or (content, mode)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o644
        if isinstance(content, tuple):
            content, mode = content
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)


class Registry:
    """docker-registry on loopback, its storage a folder."""

    def __init__(self, folder, port):
        self.folder, self.port, self.process = folder, port, None
        self.endpoint = f"localhost:{port}"

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "registry.yml"
        settings.write_text(
            "version: 0.1\n"
            f"storage: {{filesystem: {{rootdirectory: {self.folder}/data}}, delete: {{enabled: true}}}}\n"
            f"http: {{addr: '127.0.0.1:{self.port}'}}\n")
        with open(self.folder / "registry.log", "ab") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", str(settings)], stdout=log, stderr=log,
                                            start_new_session=True)

        def answers():
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", self.port)) == 0
        wait_for(answers, 10, "docker-registry")
        return self

    def delete_blob(self, digest):
        blob = self.folder / "data/docker/registry/v2/blobs/sha256" / digest[7:9] / digest[7:] / "data"
        blob.unlink()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None


class Daemon:
    """One buildkitd with its own root folder; with the PID namespace its containers end with it."""

    def __init__(self, tools, root, plain_http=()):
        self.tools, self.root, self.plain_http = tools, root, plain_http
        self.socket = root / "b.sock"
        self.process = None

    def start(self):
        self.root.mkdir(parents=True, exist_ok=True)
        settings = self.root / "buildkitd.toml"
        settings.write_text("[worker.oci]\n  gc = false\n[worker.containerd]\n  enabled = false\n" + "".join(
            f'[registry."{name}"]\n  http = true\n' for name in self.plain_http))
        with open(self.root / "daemon.log", "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", str(self.tools / "buildkitd"),
                 "--config", str(settings), "--root", str(self.root / "state"), "--addr", f"unix://{self.socket}",
                 "--otel-socket-path", str(self.root / "otel.sock")],
                stdout=log, stderr=log, start_new_session=True)

        def answers():
            return subprocess.run(self.control("debug", "workers"), capture_output=True).returncode == 0
        wait_for(answers, 20, "buildkitd")
        return self

    def control(self, *arguments):
        return [str(self.tools / "buildctl"), "--addr", f"unix://{self.socket}", *arguments]

    def begin_build(self, context, *options, dockerfile="Dockerfile"):
        return Client(self, subprocess.Popen(
            self.control("build", "--progress=rawjson", "--frontend", "dockerfile.v0", "--local",
                         f"context={context}", "--local", f"dockerfile={context}", "--opt",
                         f"filename={dockerfile}", "--ref-file", f"{context}.ref", *options),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE), pathlib.Path(f"{context}.ref"))

    def build(self, context, *options, dockerfile="Dockerfile"):
        return self.begin_build(context, *options, dockerfile=dockerfile).finish()

    def provenance(self, ref):
        """The predicate that the daemon's history keeps of this build, or None (a failed build has none)."""
        listed = subprocess.run(self.control("debug", "histories", "--format", "{{json .}}"), capture_output=True,
                                text=True, check=True).stdout
        for line in listed.splitlines():
            record = json.loads(line).get("record", {})
            if record.get("Ref") != ref:
                continue
            results = [record.get("Result") or {}] + list((record.get("Results") or {}).values())
            for result in results:
                for attestation in result.get("Attestations") or []:
                    if attestation.get("annotations", {}).get("in-toto.io/predicate-type") == \
                            "https://slsa.dev/provenance/v1":
                        return subprocess.run(self.control("debug", "get", attestation["digest"]),
                                              capture_output=True, check=True).stdout
        return None

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)


class Client:
    """A running buildctl: its stream, its window."""

    def __init__(self, daemon, process, ref_file):
        self.daemon, self.process, self.ref_file = daemon, process, ref_file
        self.started_ns, self.begun = time.time_ns(), time.monotonic_ns()

    def finish(self):
        _, self.stream = self.process.communicate()
        self.duration_ns = time.monotonic_ns() - self.begun
        self.exit_code = self.process.returncode
        self.ref = self.ref_file.read_text().strip() if self.ref_file.exists() else None
        return self
