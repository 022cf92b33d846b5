#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints what an empty hop through a separate .so costs, in C and in Swift with the kit. With --check it fails above 20 ns in a
# chain of 8 or more (in a shorter one most of it is noise), or when a hop allocates.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
out="$root/.build/benchmarks"
mkdir -p "$out"

swift build --package-path "$root" -c release --product HopBenchmark
swift build --package-path "$here/PassModules" --scratch-path "$out/pass-modules" -c release
cc -O2 -shared -fPIC -fvisibility=default -I "$root/Sources/CatenaABI/include" -o "$out/libcpass.so" "$here/PassModules/pass.c"
cc -O2 -shared -fPIC -o "$out/malloc-count.so" "$here/malloc-count.c"

bin=$(swift build --package-path "$root" -c release --show-bin-path)
swiftpass=$(find "$out/pass-modules" -name libswiftpass.so -path '*release*' -type f | head -n 1)
test -n "$swiftpass"
LD_PRELOAD="$out/malloc-count.so" "$bin/HopBenchmark" "$@" "$out/libcpass.so" "$swiftpass"
