#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The engine's laws over 100,000 random chains, and connect over as many random lives of a few connections: the same each time unless
# a seed (of the laws) or "random" is given. A case that fails prints its seed and everything that happened in it; one of the laws, also
# what is left of it when it has been made as small as it can be.
#
#   .ci/laws.sh [CASES [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
export CATENA_LAWS_CASES=${1:-100000}
export CATENA_CONNECT_CASES=$CATENA_LAWS_CASES
[ $# -lt 2 ] || export CATENA_LAWS_SEED=$2

output=$(mktemp)
trap 'rm -f "$output"' EXIT
# The build that the release tests of .ci/run have made.
swift test -c release -Xswiftc -enable-testing --scratch-path .build/release-tests --filter 'LawsTests|ConnectPropertyTests' >"$output" 2>&1 || {
    grep -v '^\[' "$output"
    exit 1
}
grep -E '^(laws|connect):' "$output" || { echo "no case has run"; exit 1; }
for what in laws connect; do
    cases=$(awk -v what="$what:" '$1 == what { sum += $2 } END { print sum + 0 }' "$output")
    [ "$cases" -eq "$CATENA_LAWS_CASES" ] || { echo "$what: $cases cases have run, expected $CATENA_LAWS_CASES"; exit 1; }
done
