"""What `diff` says of random small images beside a model of unpacking: none that unpack to different files are the same.

Links, whiteouts, hard links and repeated entries at a few paths, so that they meet; the second image is the first one
changed here and there. The model unpacks into one folder, following links, as a runtime without overlays does. `diff`
may say more: where runtimes differ, images stay different. Prints how often each verdict met each truth; the seed is
fixed, so that a failure comes again.

    unpacking_test.py [--pairs N] [--seed N]
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from image_maker import Layout, block, entry, layer

COMMAND = os.environ.get("BUILDLAB_COMMAND", "build-lab")
NAMES = ["a", "d", "e", "l"]
PATHS = NAMES + [f"{folder}/{name}" for folder in NAMES[1:] for name in "xy"]
LINKS_FOLLOWED = 40

Entry = collections.namedtuple("Entry", "kind path value mtime")


class Impossible(Exception):
    """No runtime unpacks this image."""


class Node:
    def __init__(self, kind, layer_number, value="", mtime=0):
        self.kind, self.layer, self.value, self.mtime = kind, layer_number, value, mtime
        self.children = {}  # name -> (node, the layer that put it there)


class Unpacked:
    """All layers of an image, one after the other in one folder."""

    def __init__(self, layers):
        self.root = Node("folder", -1)
        for number, entries in enumerate(layers):
            for item in entries:
                self.add(number, item)

    def folder(self, parts, number, make):
        stack, left, links = [self.root], list(parts), 0
        while left:
            name = left.pop(0)
            child, _ = stack[-1].children.get(name, (None, None))
            if child is not None and child.kind == "symlink":
                links += 1
                if links > LINKS_FOLLOWED:
                    raise Impossible
                left = child.value.split("/") + left
                continue
            if child is None or child.kind != "folder":
                if not make:
                    return None
                child = Node("folder", number, mtime=None)
                stack[-1].children[name] = (child, number)
            stack.append(child)
        return stack[-1]

    def add(self, number, item):
        *above, name = item.path.split("/")
        parent = self.folder(above, number, True)
        old, _ = parent.children.get(name, (None, None))
        if item.kind == "whiteout":
            self.take_away(parent, name, number)
        elif item.kind == "folder":
            if old is not None and old.kind == "folder":
                old.mtime = item.mtime
                parent.children[name] = (old, number)
            else:
                parent.children[name] = (Node("folder", number, mtime=item.mtime), number)
        elif item.kind == "hardlink":
            *target_above, target_name = item.value.split("/")
            target_parent = self.folder(target_above, number, False)
            target, _ = target_parent.children.get(target_name, (None, None)) if target_parent else (None, None)
            if target is None or target.kind == "folder":
                raise Impossible
            target.mtime = item.mtime
            if old is not target:
                parent.children[name] = (target, number)
        else:
            parent.children[name] = (Node(item.kind, number, item.value, item.mtime), number)

    def take_away(self, parent, name, number):
        """Whiteouts spare what their own layer wrote."""
        child, layer_number = parent.children.get(name, (None, None))
        if child is None:
            return
        if child.kind == "folder":
            for below in list(child.children):
                self.take_away(child, below, number)
            if layer_number != number and child.children:
                child.mtime = None
                parent.children[name] = (child, number)
                return
        if layer_number != number:
            del parent.children[name]

    def listing(self):
        found, first_names = {}, {}

        def walk(node, prefix):
            for name in sorted(node.children):
                child, _ = node.children[name]
                path = prefix + name
                if child.kind == "folder":
                    found[path] = ("folder", child.mtime)
                    walk(child, path + "/")
                else:
                    found[path] = (child.kind, child.value, child.mtime, first_names.setdefault(id(child), path))

        walk(self.root, "")
        return found


class Pairs:
    def __init__(self, seed):
        self.chance = random.Random(seed)

    def entry(self):
        chance = self.chance
        kind = chance.choices(["file", "folder", "symlink", "hardlink", "whiteout"], [40, 20, 15, 17, 8])[0]
        value = {"file": ["1", "2"], "symlink": NAMES[1:], "hardlink": PATHS}.get(kind, [""])
        path = chance.choice(NAMES if kind in ("folder", "symlink") else PATHS)
        return Entry(kind, path, chance.choice(value), chance.choice([1, 1, 1, 2]))

    def image(self):
        return [[self.entry() for _ in range(self.chance.randrange(2, 7))]
                for _ in range(self.chance.choice([1, 1, 2, 2, 3]))]

    def changed(self, layers):
        layers = [list(entries) for entries in layers]
        for _ in range(self.chance.choice([1, 1, 2, 3])):
            self.change(layers)
        return layers

    def change(self, layers):
        chance = self.chance
        at = chance.randrange(len(layers))
        entries = layers[at]
        what = chance.choices(["swap", "replace", "value", "add", "remove", "join", "move", "split"],
                              [35, 15, 15, 10, 10, 5, 5, 5])[0]
        place = chance.randrange(len(entries)) if entries else None
        if what == "add":
            entries.insert(chance.randrange(len(entries) + 1), self.entry())
        elif what == "join" and len(layers) > 1:
            layers[0:2] = [layers[0] + layers[1]]
        elif place is None:
            pass
        elif what == "swap":
            other = chance.randrange(len(entries))
            entries[place], entries[other] = entries[other], entries[place]
        elif what == "replace":
            entries[place] = self.entry()
        elif what == "value":
            old = entries[place]
            turned = {"1": "2", "2": "1", "d": "e", "e": "d"}.get(old.value, old.value)
            entries[place] = old._replace(value=turned, mtime=chance.choice([old.mtime, 3 - old.mtime]))
        elif what == "remove":
            entries.pop(place)
        elif what == "move":
            layers[(at + 1) % len(layers)].append(entries.pop())
        elif what == "split" and len(layers) == 1 and place > 0:
            layers[:] = [entries[:place], entries[place:]]

    def next(self):
        """Two images that differ and can be unpacked, and whether they unpack to the same."""
        while True:
            a = self.image()
            b = self.changed(a)
            if a == b:
                continue
            try:
                return a, b, Unpacked(a).listing() == Unpacked(b).listing()
            except Impossible:
                continue


def tar_entry(item):
    path = item.path.encode()
    if item.kind == "file":
        return entry(path, item.value.encode(), mtime=item.mtime)
    if item.kind == "folder":
        return block(path + b"/", kind=b"5", mode=b"0000755", mtime=item.mtime)
    if item.kind == "whiteout":
        above, _, name = path.rpartition(b"/")
        return entry((above + b"/" if above else b"") + b".wh." + name)
    return block(path, kind=b"2" if item.kind == "symlink" else b"1", link=item.value.encode(), mtime=item.mtime)


def archive(layers, path):
    return Layout().image(*[layer(*map(tar_entry, entries)) for entries in layers]).archive(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261127)
    options = parser.parse_args()
    pairs, counts, wrong = Pairs(options.seed), collections.Counter(), []
    with tempfile.TemporaryDirectory(prefix="buildlab-unpacking-") as folder:
        for _ in range(options.pairs):
            a, b, same = pairs.next()
            paths = [archive(layers, pathlib.Path(folder) / name) for layers, name in ((a, "a.tar"), (b, "b.tar"))]
            done = subprocess.run([COMMAND, "diff", *paths, "--json"], capture_output=True, text=True, timeout=60,
                                  check=False)
            # Exit 2: a hard link to what the tool calls missing, where the model has a later or hidden one.
            verdict = json.loads(done.stdout)["verdict"] if done.returncode in (0, 1) else f"exit {done.returncode}"
            counts[verdict, same] += 1
            if (verdict in ("identical", "representation") and not same) or done.returncode not in (0, 1, 2):
                wrong.append((verdict, a, b, done.stderr))
    for (verdict, same), count in sorted(counts.items()):
        print(f"{count:6} unpack to {'the same' if same else 'different files'}, told: {verdict}")
    for verdict, a, b, errors in wrong[:5]:
        print(f"WRONG, told {verdict}:\n  A {a}\n  B {b}\n  {errors}")
    print(f"{options.pairs} pairs, {len(wrong)} wrong (seed {options.seed})")
    # A generator that makes only one kind would prove nothing.
    kinds = {same for _, same in counts} == {True, False} and counts["representation", True] > 0
    return 0 if not wrong and kinds else 1


if __name__ == "__main__":
    sys.exit(main())
