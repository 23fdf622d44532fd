"""Generated Dockerfiles for tests that know what a build must do: lines with marks, a change, and a web server that
hears which RUN ran. Used with tools of the tests' own (ground_truth_test.py) and through the command
(miss_truth_test.py)."""

import http.server
import threading
import time


class Witness:
    """Hears what runs: GET /ran/ID. Also serves /file/NAME for ADD."""

    def __init__(self):
        self.heard = []
        self.times = []  # (id, seconds since 1970)
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/ran/"):
                    witness.times.append((self.path[5:], time.time()))
                    witness.heard.append(self.path[5:])
                body = b"served\n"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", '"fixed"')
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *arguments):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Line:
    """One instruction; `mark` names its truth, None for those that are no step."""

    def __init__(self, text, mark=None, kind=None):
        self.text, self.mark, self.kind = text, mark, kind


class Plan:
    """A Dockerfile as stages of lines, with its context's files and build args."""

    def __init__(self, number, chance, port):
        self.number, self.chance, self.port = number, chance, port
        self.count = 0
        self.files = {f"f{i}.txt": f"pair {number} file {i}\n" for i in range(4)}
        self.files.update({"d/one.txt": f"one of {number}\n", "d/two.txt": f"two of {number}\n"})
        self.modes = {}
        self.args = {"USED": "1", "IDLE": "1"}
        self.stages = []

    def mark(self):
        self.count += 1
        return f"p{self.number}m{self.count}"

    def run(self, command="true", flags="", mark=None):
        mark = mark or self.mark()
        return Line(f"RUN {flags}{command} && $BB wget -q -O /dev/null http://127.0.0.1:{self.port}/ran/{mark}", mark,
                    "run")

    def copy(self, source, flags="", verb="COPY"):
        mark = self.mark()
        return Line(f"{verb} {flags}{source} /{mark}/x/", mark, "file")

    def random_line(self, earlier):
        choice = self.chance.choice(["run", "run", "reads", "arg", "cache", "bind", "copy", "copy", "dir", "link",
                                     "heredoc", "workdir", "url", "label", "env", "from", "from", "mount-from"])
        name = f"f{self.chance.randrange(4)}.txt"
        if choice == "run":
            return [self.run(f"echo {self.chance.randrange(1000)}")]
        if choice == "reads":  # its output is the same for another text of as many lines: content cut-off
            copied = self.copy(name)
            return [copied, self.run(f"$BB wc -l < /{copied.mark}/x/{name} > /out.txt")]
        if choice == "arg":
            return [Line("ARG " + self.chance.choice(["USED", "IDLE"])), self.run("echo $USED")]
        if choice == "cache":
            return [self.run("echo >> /c/log", f"--mount=type=cache,target=/c,id=p{self.number} ")]
        if choice == "bind":
            return [self.run("$BB cat /b", f"--mount=type=bind,source={name},target=/b ")]
        if choice == "copy":
            return [self.copy(name)]
        if choice == "dir":
            return [self.copy("d")]
        if choice == "link":
            return [self.copy(name, "--link ")]
        if choice == "heredoc":
            mark = self.mark()
            return [Line(f"COPY <<EOF /{mark}/x/inline.txt\ntext {self.chance.randrange(9)}\nEOF", mark, "file")]
        if choice == "workdir":
            mark = self.mark()
            return [Line(f"WORKDIR /{mark}/x", mark, "file")]
        if choice == "url":
            return [self.copy(f"http://127.0.0.1:{self.port}/file/{name}", verb="ADD")]
        if choice == "label":
            return [Line(f"LABEL a={self.chance.randrange(9)}")]
        if choice == "env":
            return [Line(f"ENV E=e{self.chance.randrange(9)}")]
        if not earlier:
            return [self.copy(name)]
        stage = self.chance.choice(earlier)
        if choice == "from":
            return [self.copy("/out.txt", f"--from={stage} ")]
        return [self.run("$BB cat /o", f"--mount=type=bind,from={stage},source=/out.txt,target=/o ")]

    def generate(self):
        tools = [Line("COPY busybox /tools/x/", "tools", "file"),
                 Line('SHELL ["/tools/x/busybox", "sh", "-c"]'), Line("ENV BB=/tools/x/busybox")]
        self.stages = [("scratch", "tools", tools)]
        names = []
        twins = self.chance.random() < 0.3
        for index in range(self.chance.randrange(1, 4)):
            body = [Line("ARG USED")] if self.chance.random() < 0.3 else []
            for _ in range(self.chance.randrange(2, 6)):
                body += self.random_line(names)
            body.append(self.run("echo 1 > /out.txt" if self.chance.random() < 0.5 else
                                 "$BB wc -l < /tools/x/busybox > /out.txt"))
            base = self.chance.choice(names) if names and self.chance.random() < 0.3 else "tools"
            names.append(f"s{index}")
            self.stages.append((base, names[-1], body))
            if twins:
                twins = False
                names.append(f"s{index}twin")
                self.stages.append((base, names[-1], body))
        final = [self.copy("/out.txt", f"--from={name} ") for name in names]
        self.stages.append(("tools", "final", final + [self.run("echo end")]))
        return self

    def change(self):
        """Changes one thing and says what."""
        what = self.chance.choice(["nothing", "content", "content", "content", "lines", "touch", "mode", "arg", "arg",
                                   "insert", "delete", "text", "file-added", "heredoc", "label", "folder"])
        name = f"f{self.chance.randrange(4)}.txt"
        bodies = [body for _, _, body in self.stages[1:]]
        body = self.chance.choice(bodies)
        if what == "content":
            self.files[name] = self.files[name].rstrip("\n") + " edited\n"
        elif what == "lines":
            self.files[name] += "another line\n"
        elif what == "touch":
            pass  # every file is written again in any case, with a new time
        elif what == "mode":
            self.modes[name] = 0o755
        elif what == "arg":
            which = self.chance.choice(["USED", "IDLE"])
            self.args[which] = "2"
            return f"arg {which}"
        elif what == "insert":
            body.insert(self.chance.randrange(len(body)), self.run("echo inserted"))
        elif what == "delete" and len(body) > 2:
            candidates = [line for line in body[:-1] if line.kind == "file" or line.mark is None]
            used = " ".join(line.text for line in body)
            candidates = [line for line in candidates if line.mark is None or used.count(line.mark) == 1]
            if candidates:
                body.remove(self.chance.choice(candidates))
        elif what == "text":
            line = self.chance.choice([line for line in body if line.kind == "run"])
            line.text = line.text.replace(" && ", " && true && ", 1)
        elif what == "file-added":
            self.files["d/three.txt" if self.chance.random() < 0.5 else "unused.txt"] = "new\n"
        elif what == "heredoc":
            for line in body:
                line.text = line.text.replace("\ntext ", "\nother text ")
        elif what == "label":
            body.insert(0, Line("LABEL changed=yes"))
        elif what == "folder":
            self.files["d/one.txt"] = "one, edited\n"
        return f"{what} {name}" if what in ("content", "lines", "touch", "mode") else what

    def dockerfile(self):
        """Its text, and of each step (first line, mark, kind, stage)."""
        text, steps = [], []
        for base, name, body in self.stages:
            text.append(f"FROM {base} AS {name}")
            for line in body:
                number = sum(part.count("\n") + 1 for part in text) + 1
                if line.mark:
                    steps.append((number, line.mark, line.kind, name))
                text.append(line.text)
        return "\n".join(text) + "\n", steps
