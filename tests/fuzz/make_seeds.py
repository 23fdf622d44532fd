#!/usr/bin/env python3
"""Makes libFuzzer's first inputs of the recorded samples.

    make_seeds.py SAMPLES SEEDS

Each seed is a byte that chooses the path, two bytes of the first side's size (little), the first side, the second.
"""

import pathlib
import struct
import sys


def main(samples, seeds):
    seeds = pathlib.Path(seeds)
    seeds.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(sorted(pathlib.Path(samples).glob("*.a"))):
        a, b = first.read_bytes(), first.with_suffix(".b").read_bytes()
        (seeds / first.stem).write_bytes(struct.pack("<BH", number % 251, len(a)) + a + b)


if __name__ == "__main__":
    main(*sys.argv[1:])
