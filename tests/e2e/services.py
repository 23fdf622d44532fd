"""Servers of object stores to test against, which others wrote: moto (PyPI) for S3, Azurite (npm) for Azure Blob Storage.

Each is installed once into the cache folder, at a version that is pinned here, and runs on loopback.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

MOTO = "5.2.5"
AZURITE = "3.35.0"
# Azurite's own account and key, which its documentation names.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def peers():
    cache = os.environ.get("BUILDLAB_CACHE") or pathlib.Path(
        os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "buildlab"
    return pathlib.Path(cache) / "peers"


def installed(name, command):
    """The folder that `command`, given a folder, installs into; whole or not at all."""
    folder = peers() / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.mkdtemp(prefix=f"{name}-", dir=folder.parent)
        try:
            subprocess.run([*command, scratch], check=True, stdout=sys.stderr)
            with contextlib.suppress(OSError):  # another process was quicker
                os.rename(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def moto():
    return installed(f"moto-{MOTO}", [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                                      f"moto[server]=={MOTO}", "--target"])


def azurite():
    return installed(f"azurite-{AZURITE}",
                     ["npm", "install", "--silent", "--no-fund", "--no-audit", f"azurite@{AZURITE}", "--prefix"])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A child on a port of its own, up before the constructor returns."""

    def __init__(self, command, environment=None, within=60):
        self.port = free_port()
        self.process = subprocess.Popen([each.replace("PORT", str(self.port)) for each in command],
                                        env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with {self.process.returncode}")
            time.sleep(0.05)
        self.close()
        raise RuntimeError(f"{command} does not answer within {within} s")

    def close(self):
        self.process.kill()
        self.process.wait()


class S3(Server):
    def __init__(self, bucket):
        path = str(moto())
        super().__init__([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "PORT"], {"PYTHONPATH": path})
        self.address = f"http://127.0.0.1:{self.port}"
        script = ("import boto3, sys; boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1', "
                  "aws_access_key_id='x', aws_secret_access_key='x').create_bucket(Bucket=sys.argv[2])")
        subprocess.run([sys.executable, "-c", script, self.address, bucket], check=True,
                       env={**os.environ, "PYTHONPATH": path})

    def objects(self, bucket):
        with urllib.request.urlopen(f"{self.address}/{bucket}?list-type=2", timeout=10) as answer:
            return answer.read().decode().count("<Key>")


class AzureBlobs(Server):
    def __init__(self, folder):
        program = azurite() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
        super().__init__(["node", str(program), "--silent", "--skipApiVersionCheck", "--blobHost", "127.0.0.1",
                          "--blobPort", "PORT", "--location", str(folder)])
        self.address = f"http://127.0.0.1:{self.port}/{ACCOUNT}"
