#!/usr/bin/env python3
"""Checks that `ctest -R warm` and its like select scenarios only.

    check_test_names.py CTEST BUILD_DIR

No test without the label `buildlab` may have a kind's name in its own. Exit 1 with findings, 2 when ctest fails.
"""

import json
import subprocess
import sys

KINDS = ("cold", "warm", "edit", "reproducibility", "ephemeral", "replay", "matrix")


def findings(tests):
    for test in tests:
        labels = [
            label for entry in test.get("properties", []) if entry["name"] == "LABELS" for label in entry["value"]
        ]
        if "buildlab" in labels:
            continue
        for kind in KINDS:
            if kind in test["name"]:
                yield f"{test['name']}: a test of the project has \"{kind}\" in its name, so ctest -R {kind} selects it"


def main(arguments):
    if len(arguments) != 2:
        print("usage: check_test_names.py CTEST BUILD_DIR", file=sys.stderr)
        return 2
    done = subprocess.run(
        [arguments[0], "--test-dir", arguments[1], "--show-only=json-v1"], capture_output=True, text=True, check=False
    )
    try:
        tests = json.loads(done.stdout)["tests"]
    except (ValueError, KeyError):
        print(f"ctest --show-only=json-v1 failed (exit {done.returncode}): {done.stderr}", file=sys.stderr)
        return 2
    found = list(findings(tests))
    for line in found:
        print(line)
    print(f"{len(tests)} tests: {len(found)} finding(s)")
    return 1 if found or not tests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
