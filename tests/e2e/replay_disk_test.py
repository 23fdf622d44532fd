"""What a replay keeps on disk does not grow with its commits."""

import os
import signal

import harness
from history import HistoryTest


class DiskOfAReplay(HistoryTest):
    def test_a_cache_in_a_registry_is_that_of_the_last_commit(self):
        """Two of them while a build is under way; nothing once the walk has ended."""
        self.make_history()
        process = self.lab.start("replay", "--commits", "9", "--cache-mode", "registry")
        harness.wait_for(lambda: len(self.stored_rows()) >= 4, 120, "four rows")
        os.kill(process.pid, signal.SIGINT)
        self.assert_exit(harness.finish(process), 130)
        [storage] = self.lab.store.glob("replays/builders/*/cache/docker/registry/v2")
        tags = list(storage.glob("repositories/buildlab/replay/_manifests/tags/*"))
        self.assertIn(len(tags), (1, 2), tags)
        layers = storage.glob("repositories/buildlab/replay/_layers/sha256/*")
        blobs = {path.parent.name for path in storage.glob("blobs/sha256/*/*/data")}
        self.assertEqual({path.name for path in layers} - blobs, set(), "links to nothing")
        again = self.lab.run("replay", "--commits", "9", "--cache-mode", "registry", "--json")
        self.assert_exit(again, 0)
        self.assert_found(self.rows(again))  # what is kept is enough for the hits of the next commit
        self.assertEqual([path for kind in ("cache", "root", "fresh")
                          for path in self.lab.store.glob(f"replays/builders/*/{kind}")], [])

    def test_a_builder_that_grows_too_large_is_made_anew(self):
        """Each commit has other 8 MB; the builder of one of them stays below the limit, that of two does not."""
        lab = self.lab
        self.make_history()
        self.git("reset", "-q", "--hard", "main~9")
        for number in range(3):
            (lab.project / "app" / "src" / "a.txt").write_bytes(os.urandom(8_000_000))
            self.commit(f"{number} large")
        limited = lab.run("replay", "--commits", "3", "--json", environment={"BUILDLAB_MAX_BUILDER": "92MB"})
        self.assert_exit(limited, 0)
        rows = self.rows(limited)
        ran = ["COPY src /src", "RUN /bin/busybox cat"]
        self.assert_found(rows, [("built", ran)] * 3)
        notes = ["\n".join(row["notes"]) for row in rows]
        self.assertEqual(notes[:3], ["", "", ""])
        self.assertIn("above the limit of 87.7 MiB", notes[3])
        self.assertIn("was made anew", notes[3])
        refused = lab.run("replay", "--commits", "2", environment={"BUILDLAB_MAX_BUILDER": "1MB"})
        self.assert_exit(refused, 2)
        self.assert_says(refused, "BUILDLAB_MAX_BUILDER", "the same command goes on after them")


if __name__ == "__main__":
    harness.main()
