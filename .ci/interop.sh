#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Catena against Python's gRPC, in a virtual environment that is kept in .build.
#
#   .ci/interop.sh .build/debug/catena
set -euo pipefail
cd "$(dirname "$0")/.."
catena=${1:?usage: $0 PATH-OF-CATENA}

environment=.build/ci-python
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check grpcio grpcio-tools
"$environment/bin/python" -c 'import grpc, platform; print("grpcio", grpc.__version__, "on Python", platform.python_version())'

output=$(mktemp)
trap 'rm -f "$output"' EXIT
PYTHONDONTWRITEBYTECODE=1 "$environment/bin/python" Tests/Interop/run.py --catena "$catena" | tee "$output"
# A run that checked nothing is none.
tail -n 1 "$output" | grep -qE '^[1-9][0-9]* passed, 0 failed$'
