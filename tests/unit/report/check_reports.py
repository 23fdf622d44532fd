"""Reads reports of hostile texts back with parsers that are not Build Lab's own.

Usage: check_reports.py REPORT_SAMPLE REPORT_SCHEMA. Exits 1 with the first difference."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import jsonschema
import yaml

sample, schema_path = sys.argv[1:]


def output(format_name):
    return subprocess.run([sample, format_name], check=True, stdout=subprocess.PIPE).stdout


def check(condition, message):
    if not condition:
        sys.exit("check_reports.py: " + message)


def check_text(texts):
    report = yaml.safe_load(output("text").decode())
    keys = ["cold_duration", "warm_duration", "cache_hit_ratio", "digest_stability", "recommended_actions"]
    check(list(report) == keys, f"keys of the text report: {list(report)}")
    check(report["cold_duration"] == "16.2s", f"cold_duration {report['cold_duration']!r}")
    check(isinstance(report["cache_hit_ratio"], float), f"cache_hit_ratio {report['cache_hit_ratio']!r}")
    for wanted, got in zip(texts, report["recommended_actions"]):
        check(wanted == got, f"the action {wanted!r} reads back as {got!r}")
    check(len(texts) == len(report["recommended_actions"]), "actions were lost")
    check(len(output("text").decode().split("\n")) == len(keys) + len(texts) + 1, "an action takes several lines")


def check_json(texts):
    report = json.loads(output("json"))
    check(report["recommended_actions"] == texts, "recommended_actions read back differently")
    check([scenario["name"] for scenario in report["scenarios"]] == ["app.cold", "app.warm", "app.edit"], "scenarios")
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    errors = sorted(jsonschema.Draft7Validator(schema).iter_errors(report), key=str)
    check(not errors, "; ".join(f"{list(error.absolute_path)}: {error.message}"[:300] for error in errors[:3]))


def check_junit(texts):
    root = ElementTree.fromstring(output("junit"))
    check(root.tag == "testsuites", f"root is {root.tag}")
    cases = root.findall("./testsuite/testcase")
    names = {(case.get("classname"), case.get("name")) for case in cases}
    check(len(names) == len(cases), "classname and name are not unique")
    failures = root.findall("./testsuite/testcase/failure")
    check(len(failures) == len(texts), f"{len(failures)} failures for {len(texts)} failed gates")
    check(root.get("failures") == str(len(failures)), "failures attribute")
    check(root.get("tests") == str(len(cases)), "tests attribute")
    for wanted, failure in zip(texts, failures):
        if wanted.isprintable() and wanted.isascii():
            check(wanted in failure.text, f"{wanted!r} is not in {failure.text!r}")
        check("\n" not in failure.get("message"), "a message has two lines")


def check_markdown():
    text = output("markdown").decode()
    check(len(text.encode()) <= 1 << 20, "more than 1 MiB")
    outside, fence = [], None
    for line in text.split("\n"):
        if fence is None and line.startswith("```"):
            fence = line[: -len("text")]
        elif fence is None:
            outside.append(line)
        elif line == fence:
            fence = None
    check(fence is None, "a fence is not closed")
    tags = set(re.findall(r"<(/?[a-z]+)", "\n".join(outside)))
    check(tags <= {"code", "/code", "details", "/details", "summary", "/summary"}, f"tags got through: {tags}")
    for row in (line for line in outside if line.startswith("|")):
        check(row.count("|") in (5, 7, 8, 11, 4, 15), f"a row is broken: {row}")


texts = json.loads(output("texts"))
check_text(texts)
check_json(texts)
check_junit(texts)
check_markdown()
