"""`build-lab diff` on images that were made to hurt: each is a clear error, exit 2, in bounded time and memory."""

import gzip
import json
import os
import resource
import subprocess
import time
import zlib

import harness
import image_maker as im
from image_maker import Layout, entry, layer

PEAK_MIB = 200
SECONDS = 60  # on a busy machine; each of these takes below a second but for the bombs


def good():
    return layer(entry(b"etc/", kind=b"5"), entry(b"etc/a", b"hello"))


def zeros_packed(gigabytes):
    """A gzip stream of so many GB of zeros, of members that are compressed once."""
    member = gzip.compress(bytes(64 << 20), 9, mtime=0)
    return member * (gigabytes * 16)


class HostileImages(harness.LabTest):
    def setUp(self):
        super().setUp()
        self.count = 0
        self.good = Layout().image(good()).folder(self.place("good"))

    def place(self, name):
        self.count += 1
        return self.lab.base / f"{self.count}-{name}"

    def diff(self, a, b, *arguments):
        """Exit code, stdout and stderr in bytes, with the peak of memory and the seconds checked."""
        begin = time.monotonic()
        out, err = self.place("out"), self.place("err")
        with open(out, "wb") as to_out, open(err, "wb") as to_err:
            child = subprocess.Popen([harness.COMMAND, "diff", a, b, *arguments], stdin=subprocess.DEVNULL, stdout=to_out,
                                     stderr=to_err, env={**self.lab.environment, "TERM": "xterm"}, cwd=self.lab.base,
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS)))
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        seconds, peak = time.monotonic() - begin, usage.ru_maxrss / 1024
        self.assertLess(seconds, SECONDS, a)
        self.assertLess(peak, PEAK_MIB, a)
        return child.returncode, out.read_bytes(), err.read_bytes()

    def assert_refused(self, path, *texts, side="b"):
        """As one of the two images: exit 2, nothing on stdout, an error that names the image and what is wrong."""
        pair = (self.good, path) if side == "b" else (path, self.good)
        code, out, err = self.diff(*pair)
        said = err.decode(errors="replace")
        self.assertEqual(code, 2, f"{texts}\n{out[:500]}\n{said}")
        self.assertEqual(out, b"", said)
        for text in (str(path), *texts):
            self.assertIn(text, said)
        self.assert_plain(err)

    def assert_plain(self, data):
        """Nothing that a terminal obeys."""
        wrong = [byte for byte in data if (byte < 32 and byte != 10) or byte == 127]
        self.assertEqual(wrong, [], data[:300])
        data.decode()  # and UTF-8

    def layer_image(self, *entries, tail=bytes(1024), name="layer"):
        return Layout().image(b"".join(entries) + tail).archive(self.place(name))

    def test_paths_that_leave_the_image(self):
        for path in (b"../x", b"etc/../../x", b"etc/..", b".."):
            with self.subTest(path=path):
                self.assert_refused(self.layer_image(entry(path, b"boo")), "layer 1", "leaves the image")
        self.assert_refused(self.layer_image(im.pax({b"path": b"a/../../x"}, b"ok")), "leaves the image")
        self.assert_refused(self.layer_image(entry(b"l", kind=b"1", link=b"../../etc/passwd")), "leaves the image")

    def test_names_that_leave_the_archive(self):
        for name in ("../index.json", "/etc/passwd", "blobs/../../x"):
            with self.subTest(name=name):
                made = Layout().image(good())
                made.files = {name: b"x", **made.files}
                path = self.place("names")
                data = b"".join(entry(file.encode(), content) for file, content in made.files.items()) + bytes(1024)
                path.write_bytes(data)
                self.assert_refused(path, "leaves the layout")

    def test_sizes_that_are_absurd(self):
        for field, text in ((b"77777777777", "ends"), (b"\x80" + b"\xff" * 10 + b"\0", "size"), (b"zzzzzzzzzzz", "size")):
            with self.subTest(field=field):
                broken = entry(b"etc/", kind=b"5") + im.block(b"etc/a", size_field=field) + im.padded(b"hello")
                self.assert_refused(Layout().image(broken + bytes(1024)).archive(self.place("size")), "layer 1", text)
        self.assert_refused(self.layer_image(im.pax({b"size": b"99999999999999999999"}, b"a")), "size")
        # A pax header that wants gigabytes of memory.
        huge = im.block(b"PaxHeaders/x", 6 << 30, kind=b"x")
        self.assert_refused(self.layer_image(huge), "layer 1")
        name = im.block(b"././@LongLink", 3 << 30, kind=b"L")
        self.assert_refused(self.layer_image(name), "layer 1")

    def test_streams_that_are_cut(self):
        whole = gzip.compress(good() + os.urandom(4096), mtime=0)
        tar = good()
        for at in (1, 10, len(whole) // 2, len(whole) - 1):
            with self.subTest(gzip=at):
                path = Layout().image(tar, packed=[whole[:at]]).archive(self.place("cut"))
                self.assert_refused(path, "layer 1")
        # Between entries nothing is missing but the end mark, which some writers leave out.
        for at in (100, 1000, 1100):
            with self.subTest(tar=at):
                self.assert_refused(Layout().image(tar[:at]).archive(self.place("cut")), "layer 1")
        path = Layout().image(tar).archive(self.place("cut"))
        data = path.read_bytes()
        for at in (0, 100, 512, 5000, len(data) - 2000):
            with self.subTest(archive=at):
                path.write_bytes(data[:at])
                self.assert_refused(path)

    def test_data_behind_the_stream(self):
        packed = gzip.compress(good(), 1, mtime=0)
        path = Layout().image(good(), packed=[packed + b"more than the stream"]).archive(self.place("behind"))
        self.assert_refused(path, "layer 1", "20 bytes after the end of the gzip stream")
        self.assert_refused(Layout().image(good(), packed=[packed + os.urandom(64) * 100_000]).folder(self.place("behind")), "layer 1",
                            "bytes after the end of the gzip stream")

    def test_entries_that_undo_others(self):
        """Never the same where the last one, or what a link makes of it, is another."""
        def verdict(a, b):
            pair = [Layout().image(*layers).archive(self.place("undone")) for layers in (a, b)]
            code, out, err = self.diff(*pair, "--json")
            self.assertEqual((code, err), (1, b""))
            return json.loads(out)["verdict"]

        one, two = entry(b"x", b"1"), entry(b"x", b"2")
        link, through, beside = entry(b"l", kind=b"2", link=b"d"), entry(b"l/x", b"1"), entry(b"d/x", b"1")
        folder, base = entry(b"d/", kind=b"5"), entry(b"d/", kind=b"5") + entry(b"l", kind=b"2", link=b"d")
        hard = entry(b"h", kind=b"1", link=b"x")
        self.assertEqual(verdict([layer(two)], [layer(one, two)]), "representation")
        self.assertEqual(verdict([layer(two, one)], [layer(one, two)]), "different")
        self.assertEqual(verdict([layer(one, hard, two)], [layer(one, two, hard)]), "different")
        self.assertEqual(verdict([layer(folder, link, through)], [layer(folder, link, beside)]), "representation")
        self.assertEqual(verdict([layer(folder, link, through)], [layer(folder, through, link)]), "different")
        self.assertEqual(verdict([layer(base), layer(through)], [layer(base), layer(beside)]), "different")
        self.assertEqual(verdict([layer(base), layer(through)], [layer(base + through)]), "different")
        # Links round and chains of links are followed in bounded time.
        round_trip = b"".join(entry(b"l%d" % i, kind=b"2", link=b"l%d" % ((i + 1) % 100)) for i in range(100))
        self.assertEqual(verdict([layer(round_trip, entry(b"l0/x", b"1"))], [layer(entry(b"l0/x", b"1"), round_trip)]), "different")

    def test_decompression_bombs(self):
        bomb = zeros_packed(40)  # in 40 MB
        path = Layout().image(good(), packed=[bomb]).folder(self.place("bomb"))
        self.assert_refused(path, "layer 1", "decompression bomb")
        self.assert_refused(path, "layer 1", "decompression bomb", side="a")

    def test_bombs_inside_of_files(self):
        def packed(seconds):
            return gzip.compress(bytes(200 << 20), 9, mtime=seconds)

        def nested(seconds):
            data = packed(seconds)
            for _ in range(20):
                data = gzip.compress(data, 9, mtime=seconds)
            return data

        for name, make in (("a.gz", packed), ("b.gz", nested)):
            with self.subTest(name=name):
                pair = [Layout().image(layer(entry(name.encode(), make(when)))).archive(self.place(name)) for when in (1, 2)]
                code, out, err = self.diff(*pair, "--json")
                self.assertEqual((code, err), (1, b""))
                self.assertEqual(json.loads(out)["differences"][0]["path"], name)

    def test_links_that_lead_nowhere_or_round(self):
        self.assert_refused(self.layer_image(entry(b"q", kind=b"1", link=b"none")), "which no layer holds")
        self.assert_refused(self.layer_image(entry(b"q", kind=b"1", link=b"r"), entry(b"r", kind=b"1", link=b"q")), "circle")
        self.assert_refused(self.layer_image(entry(b"q", kind=b"1", link=b"q")), "itself")
        # Symbolic links are never followed.
        path = self.layer_image(entry(b"s", kind=b"2", link=b"../../../etc/passwd"), entry(b"t", kind=b"2", link=b"t"))
        self.assertEqual(self.diff(self.good, path)[0], 1)
        # Nor those of a layout folder.
        folder = Layout().image(good()).folder(self.place("linked"))
        (folder / "index.json").unlink()
        (folder / "index.json").symlink_to("/etc/passwd")
        self.assert_refused(folder, "no plain file")

    def test_digests_that_are_wrong(self):
        other = im.sha256(b"another")
        self.assert_refused(Layout().image(good() + bytes(512), diff_ids=[other]).archive(self.place("diff-id")), "DiffID", other)
        made = Layout().image(layer(entry(b"x", b"1")))
        blob = next(name for name, data in made.files.items() if data[:2] == b"\x1f\x8b")
        made.files[blob] = gzip.compress(layer(entry(b"x", b"2")), 1, mtime=0)
        self.assert_refused(made.archive(self.place("blob")), "digest")
        for part in (im.MANIFEST, im.CONFIG):
            with self.subTest(part=part):
                made = Layout().image(good())
                needle = b'"schemaVersion"' if part == im.MANIFEST else b'"rootfs"'
                name = next(n for n, data in made.files.items() if n.startswith("blobs") and needle in data and b"manifests" not in data)
                made.files[name] = made.files[name][:-1] + b" }"
                self.assert_refused(made.archive(self.place("document")), name[-64:][:8])

    def test_blobs_that_are_missing(self):
        for at in range(3):
            made = Layout().image(good())
            del made.files[[name for name in made.files if name.startswith("blobs")][at]]
            with self.subTest(blob=at):
                self.assert_refused(made.archive(self.place("missing")), "holds no blob")
                self.assert_refused(made.folder(self.place("missing")), "holds no blob")
        self.assert_refused(self.lab.base / "nothing", "No such file")

    def test_documents_that_are_none(self):
        deep = b'{"manifests":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        for text in (b"", b"garbage", b"[]", b"null", b"{", b'{"manifests":{}}', b'{"manifests":[7]}', b'{"manifests":[{}]}',
                     b'{"manifests":[{"digest":"sha256:../../../etc/passwd","size":1}]}', b'\xff\xfe{"a":1}', deep,
                     b'{"manifests":[{"digest":"sha256:' + b"0" * 64 + b'","size":-1}]}'):
            with self.subTest(index=text[:60]):
                made = Layout().image(good())
                made.files["index.json"] = text
                self.assert_refused(made.archive(self.place("index")))
        for text in (b"[]", b'{"layers":[]}', b'{"config":7,"layers":[]}', b"{" * 5000):
            with self.subTest(manifest=text[:60]):
                made = Layout()
                made.index(made.blob(text, im.MANIFEST))
                self.assert_refused(made.archive(self.place("manifest")))
        for text in (b"[]", b"{}", b'{"rootfs":{"diff_ids":[7]}}', b'{"rootfs":{"diff_ids":"x"}}'):
            with self.subTest(config=text):
                made = Layout()
                made.index(made.manifest(made.blob(text, im.CONFIG), []))
                self.assert_refused(made.archive(self.place("config")))
        for text in (b"[]", b"{}", b'[{"Config":"../../etc/passwd","Layers":[]}]', b'[{"Config":7}]', b'[{}]'):
            with self.subTest(docker=text):
                files = {**im.docker_files(good()), "manifest.json": text}
                path = self.place("docker")
                path.write_bytes(im.tar_of(files))
                self.assert_refused(path)

    def test_indexes_that_go_round_or_deep(self):
        # A digest cannot name itself; the nearest to a loop is a blob that claims to be that of another.
        loop = Layout()
        claimed = {"mediaType": im.INDEX, "digest": im.sha256(b"loop"), "size": 0}
        text = json.dumps({"manifests": [claimed]}).encode()
        claimed["size"] = len(text)
        loop.files["blobs/sha256/" + im.sha256(b"loop")[7:]] = text
        loop.index(claimed)
        self.assert_refused(loop.archive(self.place("loop")))
        deep = Layout().image(good())
        inner = json.loads(deep.files["index.json"])["manifests"][0]
        for _ in range(50):
            inner = deep.blob(json.dumps({"manifests": [inner]}).encode(), im.INDEX)
        self.assert_refused(deep.index(inner).archive(self.place("deep")), "deeper")
        wide = Layout()
        made = [wide.blob(json.dumps({"manifests": [], "n": n}).encode(), im.INDEX) for n in range(3000)]
        self.assert_refused(wide.index(*made).archive(self.place("wide")), "more than")

    def test_thousands_of_layers(self):
        def many(last):
            tars = [layer(entry(b"f%d" % n, b"x")) for n in range(3000)]
            tars[-1] = layer(entry(b"last", last))
            return Layout().image(*tars).archive(self.place("layers"))

        code, out, err = self.diff(many(b"1"), many(b"2"), "--json")
        self.assertEqual((code, err), (1, b""))
        self.assertEqual([found["path"] for found in json.loads(out)["differences"]], ["last"])

    def test_names_that_speak_to_the_terminal(self):
        names = [b"\x1b[31mred\x1b]0;owned\x07", b"new\nline", b"bell\x07", b"\x9b31m", b"\xff\xfe\xc3", b"carriage\rreturn",
                 "right\u202eto left".encode(), b"tab\tname", b"del\x7fete", b"<script>alert(1)</script>", b"| pipe ` tick"]
        one = self.layer_image(*(entry(name, b"1") for name in names), name="one")
        two = self.layer_image(*(entry(name, b"2") for name in names), name="two")
        link = self.layer_image(*(entry(name, kind=b"2", link=b"\x1b[2J") for name in names), name="link")
        for pair in ((one, two), (one, self.good), (one, link)):
            for form in ("text", "markdown", "html", "json"):
                for more in ((), ("--all",)):
                    with self.subTest(form=form, pair=pair, more=more):
                        code, out, err = self.diff(*pair, "--format", form, *more)
                        self.assertEqual((code, err), (1, b""))
                        self.assert_plain(out)
                        self.assertNotIn("\u202e".encode() if form != "json" else b"\x1b", out)
                        if form == "html":
                            self.assertNotIn(b"<script>", out)
        # In an error too.
        self.assert_refused(self.layer_image(entry(b"\x1b[31m/../../\x1b]0;x\x07", b"")), "leaves the image")
        self.assert_refused(self.layer_image(entry(b"q\x1b[1m", kind=b"1", link=b"no\x1b[5mne")), "which no layer holds")
        labels = {"config": {"Labels": {"\u001b[31mkey": "\u001b[32mvalue\u0007"}}}
        labelled = Layout().image(good(), **labels).archive(self.place("labels"))
        for form in ("text", "markdown", "html"):
            self.assert_plain(self.diff(self.good, labelled, "--format", form)[1])
        named = Layout()
        named.index({"mediaType": "\u001b[31m", "digest": "sha256:\u001b[31m", "size": 1})
        self.assert_refused(named.archive(self.place("named")))

    def test_what_is_no_image(self):
        special = self.place("fifo")
        os.mkfifo(special)
        self.assert_refused(special, "neither")
        packed = self.place("packed.tar.gz")
        whole = Layout().image(layer(entry(b"x", os.urandom(9000)))).archive(self.place("x"))
        packed.write_bytes(gzip.compress(whole.read_bytes()))
        self.assert_refused(packed, "compressed")
        self.assert_refused("/dev/zero", "neither")
        empty = self.place("empty")
        empty.mkdir()
        self.assert_refused(empty, "index.json")
        sparse = self.place("sparse")
        with open(sparse, "wb") as file:
            file.truncate(1 << 40)
        self.assert_refused(sparse)

    def test_the_unusual_that_is_right(self):
        """An image that only looks wrong is compared."""
        tar = layer(entry(b"etc/", kind=b"5"), entry(b"etc/a", b"hello"))
        raw = zlib.compressobj(1, zlib.DEFLATED, 31)
        members = gzip.compress(tar[:700], mtime=0) + raw.compress(tar[700:]) + raw.flush() + bytes(100)
        path = Layout().image(tar, packed=[members]).archive(self.place("members"))
        code, out, _ = self.diff(self.good, path, "--json")
        self.assertEqual((code, json.loads(out)["verdict"]), (1, "representation"))


if __name__ == "__main__":
    harness.main()
