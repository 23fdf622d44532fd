"""A registry in memory, for faults that a real one would have to be talked into: it can vanish after a push."""

import hashlib
import http.server
import re
import threading
import uuid


class Registry:
    """Serves on loopback until closed. `after_manifest` is called once the first manifest was stored and answered."""

    def __init__(self, after_manifest=None):
        self.blobs, self.manifests, self.uploads, self.requests = {}, {}, {}, []
        self.after_manifest = after_manifest
        self.closed = False
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                if registry.closed:
                    self.close_connection = True
                    return
                super().handle_one_request()

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                if "Content_Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                self.wfile.flush()

            def body(self):
                if "chunked" in self.headers.get("Transfer-Encoding", ""):
                    parts = []
                    while size := int(self.rfile.readline().split(b";")[0], 16):
                        parts.append(self.rfile.read(size))
                        self.rfile.readline()
                    self.rfile.readline()
                    return b"".join(parts)
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def serve(self):
                registry.requests.append((self.command, self.path))
                if registry.closed:
                    self.close_connection = True
                    return
                path, _, query = self.path.partition("?")
                if path == "/v2/":
                    return self.answer(200)
                if match := re.fullmatch(r"/v2/.+/blobs/uploads/([0-9a-f]*)", path):
                    return self.upload(match[1], query)
                if match := re.fullmatch(r"/v2/.+/blobs/(sha256:[0-9a-f]{64})", path):
                    return self.content(registry.blobs.get(match[1]), match[1], "application/octet-stream")
                if match := re.fullmatch(r"/v2/(.+)/manifests/(.+)", path):
                    return self.manifest(match[1], match[2])
                return self.answer(404)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = serve

            def content(self, blob, digest, kind):
                if blob is None:
                    return self.answer(404)
                begin, headers = 0, {}
                if span := re.match(r"bytes=(\d+)-", self.headers.get("Range", "")):
                    begin = int(span[1])
                    headers["Content_Range"] = f"bytes {begin}-{len(blob) - 1}/{len(blob)}"
                part = blob[begin:]
                self.answer(206 if headers else 200, part, Content_Type=kind, Docker_Content_Digest=digest,
                            Content_Length=str(len(part)), **headers)

            def upload(self, session, query):
                data = self.body()
                if self.command == "POST":
                    session = uuid.uuid4().hex
                registry.uploads[session] = registry.uploads.get(session, b"") + data
                location = self.path.split("?")[0].rsplit("/", 1)[0] + "/" + session
                if self.command != "PUT":
                    size = len(registry.uploads[session])
                    return self.answer(202, Location=location, Range=f"0-{max(size - 1, 0)}")
                blob = registry.uploads.pop(session)
                digest = "sha256:" + hashlib.sha256(blob).hexdigest()
                registry.blobs[digest] = blob
                return self.answer(201, Location=location, Docker_Content_Digest=digest)

            def manifest(self, name, reference):
                if self.command == "PUT":
                    data, kind = self.body(), self.headers.get("Content-Type")
                    digest = "sha256:" + hashlib.sha256(data).hexdigest()
                    registry.manifests[name, reference] = registry.manifests[name, digest] = (data, kind, digest)
                    self.answer(201, Docker_Content_Digest=digest)
                    if registry.after_manifest:
                        registry.after_manifest(registry)
                    return None
                if (name, reference) not in registry.manifests:
                    return self.answer(404)
                data, kind, digest = registry.manifests[name, reference]
                return self.content(data, digest, kind)

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # clients that go away are what these tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def vanish(self):
        """From now on connections are refused; open ones are closed at their next request."""
        self.closed = True
        self.server.socket.close()

    def close(self):
        self.closed = True
        self.server.shutdown()
        self.server.server_close()
