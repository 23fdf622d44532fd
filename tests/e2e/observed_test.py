"""What steps fetch goes through a server of the run's own: all of it, ADD too, and nothing that works without it fails."""

import base64
import http.server
import pathlib
import re
import select
import socket
import ssl
import subprocess
import threading
import time

import harness
from harness import scenario

# BuildKit's NO_PROXY names loopback, where the servers here listen: the steps ask the proxy for it all the same.
ASK = "export no_proxy= NO_PROXY=;"
BUSYBOX = 'FROM scratch\nCOPY busybox /bin/busybox\nSHELL ["/bin/busybox", "sh", "-c"]\n'


class Server(http.server.ThreadingHTTPServer):
    """Gives each path what `answer` makes of its request: (status, fields, body)."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, answer, certificate=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, fields, body = answer(self)
                self.send_response(status)
                for name, value in {**fields, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_CONNECT(self):
                answer(self)

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.address = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.address}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


def given(_):
    return 200, {}, b"given"


def pump(one, other):
    """Bytes between two sockets until one of them ends."""
    while True:
        for ready in select.select([one, other], [], [])[0]:
            piece = ready.recv(65536)
            if not piece:
                return
            (other if ready is one else one).sendall(piece)


class Observed(harness.LabTest):
    def serve(self, answer, **options):
        server = Server(answer, **options)
        self.addCleanup(server.close)
        return server

    def build(self, code, steps, *faults, environment=None, wrapper=(), **fields):
        """Runs one scenario of these steps; returns the command and the record."""
        self.lab.describe(scenario("app.cold", "cold", network="observed", faults=list(faults), **fields),
                          dockerfile=BUSYBOX + steps)
        finished = self.lab.run("run", "--all", timeout=240, environment=environment, wrapper=wrapper)
        self.assert_exit(finished, code)
        return finished, self.lab.records()[-1]

    def test_a_slow_download_of_add_is_noisy_and_built_again(self):
        server = self.serve(given)
        _, record = self.build(
            0, f"ARG AT={server.url}\nadd $AT/a /a\n",
            {"at": "fetch", "fault": "latency", "latency_ms": 5000, "build": 2}, runs=2,
            gates={"max_duration_sec": 4.5})
        builds = record["builds"]
        self.assertEqual(["noisy_network" in build for build in builds], [False, True, False])
        self.assertIn("add $AT/a /a", builds[1]["noisy_network"])
        fetches = [build["steps"][-1]["fetches"] for build in builds]
        self.assertEqual([(each["requests"], each["failed"]) for each in fetches], [(1, 0)] * 3)
        self.assertGreaterEqual(fetches[1]["slowest_answer_sec"], 5)
        self.assertNotIn("other_fetches", builds[1])
        self.assert_schema((next(self.lab.store.glob("runs/*/*/record.json"))).read_text(), "record")

    def test_a_redirected_add_goes_through_the_server_to_its_end(self):
        """What each body's fault shows: three answers, by a path alone and to another server, for ADD as for RUN."""
        other = self.serve(given)
        leads = {"/a/b": "/c?d", "/c?d": other.url + "/e"}
        first = self.serve(lambda request: (302, {"Location": leads[request.path]}, b""))
        url = first.url + "/a/b"
        _, record = self.build(
            0, f"ADD {url} /added\nRUN {ASK} /bin/busybox wget -q -O /fetched {url}\n"
            "RUN for i in added fetched; do test -s /$i && test $(/bin/busybox cat /$i) != given || exit 9; done\n",
            {"at": "fetch", "fault": "corrupt"})
        (build,) = record["builds"]
        fetches = [step["fetches"]["requests"] for step in build["steps"] if "fetches" in step]
        self.assertEqual(fetches, [3, 3])
        self.assertNotIn("other_fetches", build)
        for path in self.lab.store.rglob("*"):
            if path.is_file():
                self.assertIsNone(re.search(rb"[0-9a-f]{32}/buildlab-through", path.read_bytes()), f"{path}: its word")

    def test_credentials_of_an_url_reach_its_server_and_no_record(self):
        expected = "Basic " + base64.b64encode(b"me:planted-word").decode()
        asked = []

        def answer(request):
            asked.append(request.headers.get("Authorization"))
            return (200, {}, b"given") if asked[-1] == expected else (401, {}, b"")

        server = self.serve(answer)
        self.build(0, f"ADD http://me:planted-word@{server.address}/a /a\nRUN test $(/bin/busybox cat /a) = given\n")
        self.assertEqual(set(asked), {expected})
        for path in self.lab.store.rglob("*"):
            # BuildKit itself writes the URL into the image's history.
            if path.is_file() and path.name != "image.oci.tar":
                self.assertNotIn(b"planted-word", path.read_bytes(), path)

    def test_hundreds_of_fetches_at_once_succeed_with_the_usual_descriptors(self):
        """The steps themselves may open as many files as without the server."""
        def answer(_):
            time.sleep(1)
            return 200, {}, b"given"

        server = self.serve(answer)
        one = f"/bin/busybox wget -q -O /dev/null {server.url}/$i || echo $i >>/failed"
        _, record = self.build(
            0, f"RUN {ASK} test $(ulimit -n) = 1024; for i in $(/bin/busybox seq 200); do ({one}) & done; wait; "
            "test ! -e /failed\n",
            wrapper=("sh", "-c", 'ulimit -Sn 1024 && exec "$@"', "sh"))
        (build,) = record["builds"]
        fetches = build["steps"][-1]["fetches"]
        self.assertEqual((fetches["requests"], fetches["failed"], fetches["retries"]), (200, 0, 0))
        self.assertNotIn("noisy_network", build)
        self.assertNotIn("other_fetches", build)

    def test_it_goes_through_the_proxy_that_the_machine_names(self):
        """Neither server's name can be looked up: only the proxy knows the way."""
        certificate = self.lab.base / "server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=secure.test", "-addext", "subjectAltName=DNS:secure.test", "-keyout", str(certificate),
                        "-out", f"{certificate}.crt"], check=True, capture_output=True)
        certificate.write_text(certificate.read_text() + pathlib.Path(f"{certificate}.crt").read_text())
        secure = self.serve(given, certificate=str(certificate))
        asked = []

        def answer(request):
            asked.append(f"{request.command} {request.path}")
            if request.command == "GET":
                return given(request)
            with socket.create_connection(("127.0.0.1", secure.server_port)) as upstream:
                request.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                pump(request.connection, upstream)
            request.close_connection = True
            return None

        proxy = self.serve(answer)
        names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")
        environment = {**dict.fromkeys(names, proxy.url), "NO_PROXY": "", "no_proxy": "",
                       "SSL_CERT_FILE": f"{certificate}.crt"}
        self.build(0, "ADD https://secure.test/a /a\n"
                   f"RUN {ASK} /bin/busybox wget -q -O /b http://far.test/b\n"
                   "RUN test $(/bin/busybox cat /a /b) = givengiven\n", environment=environment)
        self.assertEqual(set(asked), {"CONNECT secure.test:443", "GET http://far.test/b"})


if __name__ == "__main__":
    harness.main()
