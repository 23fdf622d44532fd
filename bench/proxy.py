#!/usr/bin/env python3
"""Throughput of a large blob through the counting proxy / direct from the same server.

The server sends one file with sendfile(2), the fastest that a server can. The client receives, and receives and checks
the digest, as every reader of blobs does. Both ways take turns. Exit 1 when the ratio of the medians is below the bar in
one of the two.
"""

import argparse
import hashlib
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time


class Server:
    """GET of anything gives the file; PUT takes a body. One thread a connection, HTTP/1.1 with keep-alive."""

    def __init__(self, file):
        self.file = file
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        rest = b""
        with connection:
            while True:
                while b"\r\n\r\n" not in rest:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    rest += piece
                rest = rest.split(b"\r\n\r\n", 1)[1]
                size = self.file.stat().st_size
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
                with self.file.open("rb") as file:
                    connection.sendfile(file)


def fetch(port, digest, size, checks):
    """Seconds until the whole blob was received."""
    piece = bytearray(1 << 20)
    view = memoryview(piece)
    summed = hashlib.sha256()
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /v2/a/blobs/sha256:%s HTTP/1.1\r\nHost: x\r\n\r\n" % digest.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        body = head.split(b"\r\n\r\n", 1)[1]
        summed.update(body)
        left = size - len(body)
        while left:
            got = connection.recv_into(view, min(left, len(piece)))
            if not got:
                raise RuntimeError("the blob was cut")
            if checks:
                summed.update(view[:got])
            left -= got
    if checks and summed.hexdigest() != digest:
        raise RuntimeError("the blob is another one")
    return time.monotonic() - begin


def compare(ports, digest, size, pairs, checks):
    """Median bytes a second of each way, taken in turn (A B B A)."""
    seconds = {way: [] for way in ports}
    for way in ports:
        fetch(ports[way], digest, size, checks)
    for number in range(pairs):
        for way in list(ports) if number % 2 == 0 else reversed(list(ports)):
            seconds[way].append(fetch(ports[way], digest, size, checks))
    return {way: size / statistics.median(values) for way, values in seconds.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program", help="buildlab_bench_proxy, of a Release build with -DBUILDLAB_BENCH=ON")
    arguments.add_argument("--megabytes", type=int, default=512)
    arguments.add_argument("--pairs", type=int, default=15)
    arguments.add_argument("--bar", type=float, default=0.8)
    given = arguments.parse_args()
    size = given.megabytes << 20
    with tempfile.TemporaryDirectory(prefix="bl-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        blob = pathlib.Path(folder, "blob")
        with blob.open("wb") as file:
            for _ in range(given.megabytes):
                file.write(os.urandom(1 << 20))
        digest = hashlib.sha256(blob.read_bytes()).hexdigest()
        server = Server(blob)
        proxy = subprocess.Popen([given.program, f"127.0.0.1:{server.port}"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        try:
            ports = {"direct": server.port, "proxy": int(proxy.stdout.readline().rsplit(":", 1)[1])}
            ratios = {}
            for checks in (True, False):
                rates = compare(ports, digest, size, given.pairs, checks)
                ratios[checks] = rates["proxy"] / rates["direct"]
                what = "received and checked" if checks else "received only"
                print(f"{what}: direct {rates['direct'] / 1e6:.0f} MB/s, through the proxy {rates['proxy'] / 1e6:.0f} MB/s, "
                      f"ratio {ratios[checks]:.2f}")
        finally:
            counted, _ = proxy.communicate(timeout=10)
        requests, down, _ = map(int, counted.split())
        asked = 2 * (given.pairs + 1)
        if (requests, down) != (asked, asked * size):
            sys.exit(f"the proxy counted {requests} requests and {down} bytes of {asked} and {asked * size}")
    least = min(ratios.values())
    passed = least >= given.bar
    print(f"throughput through the proxy: {least:.2f} of direct, bar {given.bar}: {'held' if passed else 'MISSED'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
