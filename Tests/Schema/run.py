# SPDX-License-Identifier: Apache-2.0
"""The schema that `catena schema` prints, in the hands of a validator that others wrote.

It must accept every good chains file and refuse every bad one that a schema can refuse. Those it cannot are listed here, each
with the reason; a file that is listed and refused all the same, or not listed and accepted, fails the run.

    run.py --catena .build/debug/catena
"""

import argparse
import copy
import json
import pathlib
import subprocess
import sys

from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "Tests/Fixtures/chains"

# Invalid fixtures that are good as far as a schema can tell, and why it cannot tell more.
BEYOND_A_SCHEMA = {
    "element-name-twice": "compares two names of one chain",
    "element-name-twice-by-splice": "compares two names of one chain, of which one is in another",
    "listen-twice-in-one-chain": "compares two addresses in their normal form",
    "listen-twice-in-two-chains": "compares two addresses in their normal form",
    "open-id-empty": "needs the environment",
    "open-id-twice": "compares two ids of two chains",
    "listener-all-addresses": "compares two addresses, of which one covers the other",
    "splice-cycle": "follows names from chain to chain",
    "splice-explosion": "follows names from chain to chain, and counts",
    "splice-of-a-note": "looks a name up among the chains",
    "splice-of-itself": "follows names from chain to chain",
    "splice-of-unknown-chain": "looks a name up among the chains",
    "variable-not-set": "needs the environment",
}

# Elements with the config of a bundled module, on their own: what the merged configs refuse and accept.
CONNECT = {"element": "connect", "config": {"client": "next"}}
ELEMENTS = [
    (True, "logging"),
    (True, "${TYPE:-logging}"),
    (True, "of-a-module-nobody-has"),
    (True, {"element": "of-a-module-nobody-has", "config": {"any": ["thing"]}}),
    (True, CONNECT),
    (True, {**CONNECT, "x-note": 1, "config": {"client": "next", "x-note": [1]}}),
    (True, {**CONNECT, "config": {"client": "${CHAIN}", "dialTimeout": "${WAIT:-5s}"}}),
    (True, {**CONNECT, "config": {"client": "next", "keepalive": "6m", "maxMessageSize": 1024, "waitForReady": True, "backoffMax": "1m"}}),
    (True, {**CONNECT, "module": "another.so", "config": {"its": "own"}}),
    (True, {"element": "logging", "config": {"maxBytes": 64}}),
    (False, "connect"),
    (False, {"element": "connect"}),
    (False, {"element": "connect", "config": {}}),
    (False, {"element": "connect", "config": {"client": ""}}),
    (False, {"element": "connect", "config": {"client": "next", "dialTimeout": 5}}),
    (False, {"element": "connect", "config": {"client": "next", "dialTimeout": "0s"}}),
    (False, {"element": "connect", "config": {"client": "next", "keepalive": "0s"}}),
    (False, {"element": "connect", "config": {"client": "next", "maxMessageSize": "4MiB"}}),
    (False, {"element": "connect", "config": {"client": "next", "dialTimeot": "5s"}}),
    (False, {"element": "connect", "config": {"client": "next", "dialTimeout": "${WAIT"}}),
    (False, {"element": "logging", "config": {"level": "inof"}}),
    (False, {"element": "logging", "config": {"level": "inof", "maxBytes": "${MOST}"}}),
    (False, {"element": "logging", "config": {"maxBytes": "${MOST}"}}),
    (False, {"element": "of-a-module-nobody-has", "config": {"deep": [{"in": "${}"}]}}),
]


class Run:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what}")


def read(path):
    """The file as JSON; None: it is none, so no validator ever sees it."""
    def refuse(word):
        raise ValueError(word)
    try:
        return json.loads(path.read_bytes().decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def schema(catena, config, run):
    result = subprocess.run([catena, "schema", "--config", config], cwd=ROOT, capture_output=True, text=True)
    run.check(result.returncode == 0 and result.stderr == "", f"catena schema --config {config}: {result.returncode} {result.stderr}")
    printed = json.loads(result.stdout)
    Draft202012Validator.check_schema(printed)
    return Draft202012Validator(printed)


def first(validator, value):
    error = next(iter(validator.iter_errors(value)), None)
    return None if error is None else f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def good_files(catena, run):
    """Every valid fixture, with the bundled modules, and every chains file that is shipped, with those of its own module path."""
    fixtures = sorted((FIXTURES / "valid").glob("*.json"))
    shipped = [ROOT / "chains.json"] + sorted(p for p in (ROOT / "Examples").glob("*/*.json") if "chains" in p.read_text())
    bundled = schema(catena, ROOT / "chains.json", run)
    for path in fixtures + shipped:
        # Fixtures name libraries that are not there.
        error = first(bundled if path in fixtures else schema(catena, path, run), read(path))
        run.check(error is None, f"{path.relative_to(ROOT)}: refused: {error}")
    return len(fixtures), len(shipped)


def bad_files(validator, run):
    refused, unread, beyond = 0, 0, set()
    for path in sorted((FIXTURES / "invalid").glob("*.json")):
        value = read(path)
        if value is None:
            unread += 1
            run.check(path.stem.startswith(("syntax-", "several-mistakes")), f"{path.stem}: is no JSON, and its name does not say so")
            continue
        error = first(validator, value)
        if error is not None:
            refused += 1
        else:
            beyond.add(path.stem)
            run.check(path.stem in BEYOND_A_SCHEMA, f"{path.stem}: accepted, and no reason is listed")
    for name in sorted(set(BEYOND_A_SCHEMA) - beyond):
        run.check(False, f"{name}: listed as accepted, but it is refused, or is gone")
    run.check(refused > 0, "no fixture was refused")
    run.passed += refused
    return refused, unread, len(beyond)


def elements(validator, run):
    for expected, element in ELEMENTS:
        value = {"chains": {"a": {"listen": ["tcp://h:1"], "elements": [element]}, "next": {}}}
        error = first(validator, value)
        run.check((error is None) == expected, f"{json.dumps(element)}: {'refused: ' + str(error) if expected else 'accepted'}")
    return len(ELEMENTS)


def examples(catena, run):
    """Modules made outside of the package: their schemas are merged, and hold."""
    cases = [
        ("Examples/rate-limit-c/chains.json", "ratelimit", {"rate": 0}),
        ("Examples/labels-swift/chains.json", "labels", {"lables": {}}),
    ]
    for config, name, wrong in cases:
        validator = schema(catena, ROOT / config, run)
        run.check(f"config.{name}" in validator.schema["$defs"], f"{config}: the schema has no config of {name}")
        value = copy.deepcopy(read(ROOT / config))
        for chain in value["chains"].values():
            for element in chain["elements"]:
                if isinstance(element, dict) and element["element"] == name:
                    element["config"] = wrong
        run.check(first(validator, value) is not None, f"{config}: {name} with {wrong} is accepted")
    return len(cases)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--catena", required=True)
    catena = pathlib.Path(arguments.parse_args().catena).resolve()
    run = Run()
    validator = schema(catena, ROOT / "chains.json", run)
    fixtures, shipped = good_files(catena, run)
    refused, unread, beyond = bad_files(validator, run)
    run.check(fixtures > 0 and shipped > 3, "good files were not found")
    print(f"{fixtures} valid fixtures and {shipped} shipped files accepted")
    print(f"{refused} invalid fixtures refused, {beyond} beyond a schema and listed, {unread} no JSON")
    print(f"{elements(validator, run)} elements, {examples(catena, run)} modules from outside")
    print(f"{run.passed} passed, {run.failed} failed")
    sys.exit(run.failed > 0)


if __name__ == "__main__":
    main()
