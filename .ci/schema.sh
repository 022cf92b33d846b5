#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The schema of chains.json against PyPI's jsonschema, in a virtual environment that is kept in .build, with the modules of the
# examples built.
#
#   .ci/schema.sh .build/debug/catena
set -euo pipefail
cd "$(dirname "$0")/.."
catena=${1:?usage: $0 PATH-OF-CATENA}

environment=.build/ci-python
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check jsonschema
"$environment/bin/python" -c 'import importlib.metadata as m, platform; print("jsonschema", m.version("jsonschema"), "on Python", platform.python_version())'

output=$(mktemp)
trap 'rm -f "$output"' EXIT
make -C Examples/rate-limit-c >"$output" 2>&1 || { cat "$output"; exit 1; }
swift build --package-path Examples/labels-swift -c release >"$output" 2>&1 || { cat "$output"; exit 1; }
PYTHONDONTWRITEBYTECODE=1 "$environment/bin/python" Tests/Schema/run.py --catena "$catena" | tee "$output"
# A run that checked nothing is none.
tail -n 1 "$output" | grep -qE '^[1-9][0-9]* passed, 0 failed$'
