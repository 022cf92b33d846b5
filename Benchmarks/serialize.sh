#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what a turn of serialize costs: alone, among a hundred callers of one connection, and where callers come from another loop.
# With --check it fails above 200 ns alone, 300 ns among a hundred, or one allocation a call.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
out="$root/.build/benchmarks"
mkdir -p "$out"

swift build --package-path "$root" -c release --product SerializeBenchmark
swift build --package-path "$root" -c release --product serialize
cc -O2 -shared -fPIC -o "$out/malloc-count.so" "$here/malloc-count.c"

bin=$(swift build --package-path "$root" -c release --show-bin-path)
LD_PRELOAD="$out/malloc-count.so" "$bin/SerializeBenchmark" "$@" "$bin/libserialize.so"
