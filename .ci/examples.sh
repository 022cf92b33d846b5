#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The elements made outside of the package: each is built by its own means, and runs in a chain of the real host.
#
#   .ci/examples.sh .build/debug/catena
set -euo pipefail
cd "$(dirname "$0")/.."
catena=$(realpath "${1:?usage: $0 PATH-OF-CATENA}")
work=$(mktemp -d)
host=''
cleanup() {
    if [ -n "$host" ]; then kill -KILL "$host" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap cleanup EXIT
fail() {
    echo "examples: $*"
    [ ! -s "$work/host.log" ] || cat "$work/host.log"
    exit 1
}

# Serves the chains of this folder, and says where.
serve() {
    "$catena" validate --config "$1/chains.json"
    : >"$work/host.log"
    "$catena" serve --config "$1/chains.json" --control "$work/control.sock" 2>>"$work/host.log" &
    host=$!
    # The line comes, or the host ends; either ends the wait.
    grep -q -m 1 '^catena: ready' < <(timeout 60 tail --pid="$host" -n +1 -f "$work/host.log") || fail "$1: no host"
    url=$(sed -nE 's/^catena: chain "endpoint" serves on (.*)$/\1/p' "$work/host.log")
}
stop() {
    kill -TERM "$host"
    wait "$host" || fail "the host ended with status $?"
    host=''
}
request() { "$catena" request --url "$url" --service icmp "$@"; }

make -C Examples/rate-limit-c clean check >"$work/make.log" 2>&1 || { cat "$work/make.log"; exit 1; }
"$catena" validate --config Examples/rate-limit-c/chains.json
# With the file's own rate a slow machine has a new token before it makes the third Request.
mkdir "$work/rate"
sed "s|\"build\"|\"$PWD/Examples/rate-limit-c/build\"|; s|:5021|:0|; s|\"rate\": 0.5|\"rate\": 0.01|" \
    Examples/rate-limit-c/chains.json >"$work/rate/chains.json"
serve "$work/rate"
request --path-name nsc-1 >/dev/null
request --path-name nsc-1 >/dev/null
if request --path-name nsc-1 >/dev/null 2>"$work/third"; then fail "a third Request at once was let through"; fi
grep -q 'RESOURCE_EXHAUSTED: endpoint/ratelimit: client "nsc-1"' "$work/third" || fail "$(cat "$work/third")"
request --path-name nsc-2 >/dev/null
stop
echo "rate-limit-c: built by make, 2 Requests of a client let through, the third refused, another client's let through"

swift build --package-path Examples/labels-swift -c release >"$work/swift.log" 2>&1 || { cat "$work/swift.log"; exit 1; }
swift test --package-path Examples/labels-swift >"$work/swift-test.log" 2>&1 || { cat "$work/swift-test.log"; exit 1; }
grep -q 'Test run with [1-9][0-9]* tests.* passed' "$work/swift-test.log" || fail "labels-swift: no test ran"
export NODE_NAME=node-7 ZONE=eu-1
serve Examples/labels-swift
request --label app=web >"$work/labelled"
python3 - "$work/labelled" <<'PYTHON' || fail "$(cat "$work/labelled")"
import json, sys
sys.exit(json.load(open(sys.argv[1]))["labels"] != {"app": "web", "node": "node-7", "zone": "eu-1"})
PYTHON
stop
if env -u ZONE "$catena" validate --config Examples/labels-swift/chains.json 2>"$work/unset"; then fail "an unset variable was accepted"; fi
grep -q 'the environment has no variable "ZONE"' "$work/unset" || fail "$(cat "$work/unset")"
echo "labels-swift: built by swift build, its tests passed with the type and with the library, labels set, an unset variable refused at its place"
echo "2 examples"
