#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each module shows the host one symbol, its entry, in every build that is named.
#
#   .ci/symbols.sh .build/debug .build/release
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo "usage: $0 FOLDER..."; exit 64; }

expected=$(find Plugins Tests/Fixtures -mindepth 2 -maxdepth 2 -name Module -type d | wc -l)
[ "$expected" -gt 0 ] || { echo "no module under Plugins"; exit 1; }
for folder in "$@"; do
    modules=0
    for library in "$folder"/lib*.so; do
        [ -e "$library" ] || continue
        # Global ones only: a linker also lists some local ones, which nobody can look up.
        symbols=$(nm -D --defined-only --extern-only "$library" | awk '{ print $NF }')
        if [ "$symbols" != catena_module_v1 ]; then
            echo "$library exports, instead of catena_module_v1 alone:"
            echo "${symbols:-nothing}"
            exit 1
        fi
        modules=$((modules + 1))
    done
    echo "$folder: $modules modules, 1 symbol each"
    [ "$modules" -eq "$expected" ] || { echo "expected $expected, as under Plugins and Tests/Fixtures"; exit 1; }
done
