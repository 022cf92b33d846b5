#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The engine's laws over 100,000 random chains, the same each time unless a seed or "random" is given. A case that fails prints its
# seed, what is left of it when it has been made as small as it can be, and everything that happened in it.
#
#   .ci/laws.sh [CASES [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
export CATENA_LAWS_CASES=${1:-100000}
[ $# -lt 2 ] || export CATENA_LAWS_SEED=$2

output=$(mktemp)
trap 'rm -f "$output"' EXIT
# The build that the release tests of .ci/run have made.
swift test -c release -Xswiftc -enable-testing --scratch-path .build/release-tests --filter LawsTests >"$output" 2>&1 || {
    grep -v '^\[' "$output"
    exit 1
}
grep '^laws:' "$output" || { echo "no case has run"; exit 1; }
cases=$(awk '/^laws:/ { sum += $2 } END { print sum }' "$output")
[ "$cases" -eq "$CATENA_LAWS_CASES" ] || { echo "$cases cases have run, expected $CATENA_LAWS_CASES"; exit 1; }
