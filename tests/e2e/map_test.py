"""build-lab map: derived from the Dockerfile, checked by builds of an edit each, and as a picture."""

import json
import shutil
import xml.etree.ElementTree as ElementTree

import harness

DOCKERFILE = """\
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM tools AS build
COPY deps.json /deps.json
RUN /bin/busybox sleep 0.3; /bin/busybox sha256sum /deps.json > /deps.sum
COPY src /src
RUN /bin/busybox sleep 0.1; /bin/busybox ls /src > /names

FROM tools
COPY --from=build /names /names
COPY etc/*.conf /etc/
RUN /bin/busybox sha256sum /names > /sum
"""


class Map(harness.LabTest):
    def make(self):
        lab = self.lab
        shutil.copy(harness.static_busybox(), lab.project / "busybox")
        for path, text in (("Dockerfile", DOCKERFILE), ("deps.json", "{}\n"), ("src/a.py", "a\n"), ("src/b.py", "bb\n"),
                           ("etc/app.conf", "x\n"), ("README.md", "words\n"), (".dockerignore", "*.md\nstore\n")):
            lab.write(path, text)
        file = {"schema_version": 1, "subjects": {"app": lab.subject()},
                "scenarios": [harness.scenario("app.first", "cold")]}
        lab.write("buildlab.json", json.dumps(file))

    def lines(self, map_, row):
        return [(map_["steps"][each["step"]]["line"], each["reach"]) for each in row["re_runs"]]

    def test_derived_and_probed(self):
        self.make()
        unknown = self.lab.run("map")
        self.assert_exit(unknown, 0)
        self.assertIn("nothing is known of seconds", unknown.out)
        self.assert_exit(self.lab.run("run", "--all"), 0)

        done = self.lab.run("map", "--json")
        self.assert_exit(done, 0)
        map_ = json.loads(done.out)
        rows = {row["name"]: row for row in map_["classes"]}
        self.assertEqual(map_["seconds_from"], self.lab.records()[0]["run_id"])
        self.assertEqual(self.lines(map_, rows["src/**/*.py"]),
                         [(8, "certain"), (9, "certain"), (12, "at_most"), (13, "at_most"), (14, "at_most")])
        self.assertEqual(self.lines(map_, rows["etc/**/*.conf"]),
                         [(13, "certain"), (14, "certain")])
        self.assertEqual(rows["Dockerfile"]["re_runs"], [])
        self.assertNotIn("README.md", rows)
        self.assertGreater(rows["deps.json"]["derived"]["own_sec"], 0.4)
        self.assertIsNone(rows["deps.json"]["measured"])

        before = {path: path.read_bytes() for path in self.lab.project.rglob("*") if path.is_file()}
        probed = self.lab.run("map", "--probe", "3", "--json")
        self.assert_exit(probed, 0)
        self.assertEqual({path: path.read_bytes() for path in before}, before)
        self.assert_schema(probed.out, "map")
        map_ = json.loads(probed.out)
        rows = {row["name"]: row for row in map_["classes"]}
        measured = {name for name, row in rows.items() if row["measured"]}
        self.assertEqual(measured, {"busybox", "deps.json", "src/**/*.py"}, probed)
        sources = rows["src/**/*.py"]["measured"]
        # The list of names is the same after the edit, so that BuildKit stops at the copy from the stage.
        self.assertEqual([map_["steps"][step]["line"] for step in sources["ran"]], [8, 9])
        self.assertTrue(sources["as_derived"])
        self.assertEqual(sources["path"], "src/b.py")
        self.assertTrue(rows["deps.json"]["measured"]["as_derived"])
        self.assertGreater(rows["deps.json"]["measured"]["own_sec"], 0.4)
        self.assertEqual(len(list(self.lab.store.glob("runs/*"))), 1, "a probe left a run behind")

        picture = self.lab.run("map", "--format", "svg")
        self.assert_exit(picture, 0)
        root = ElementTree.fromstring(picture.out)
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
        self.assertTrue(any("Dockerfile:9 RUN" in title and "derived" in title for title in titles), titles)

    def test_sources_named_by_build_arguments(self):
        self.make()
        text = DOCKERFILE.replace("COPY deps.json", "ARG WHERE=etc\nCOPY $WHERE/app.conf /w\nCOPY deps.json")
        self.lab.write("Dockerfile", text)
        file = json.loads((self.lab.project / "buildlab.json").read_text())
        file["subjects"]["app"]["build_args"] = {"WHERE": "src/../etc"}
        self.lab.write("buildlab.json", json.dumps(file))
        done = self.lab.run("map", "--json")
        self.assert_exit(done, 0)
        rows = {row["name"]: row for row in json.loads(done.out)["classes"]}
        self.assertEqual(len(rows["etc/**/*.conf"]["readers"]), 2)


if __name__ == "__main__":
    harness.main()
