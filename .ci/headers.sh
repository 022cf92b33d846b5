#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# catena.h compiles without a warning wherever an element may be written, and so does every macro in it when it is used.
set -euo pipefail
cd "$(dirname "$0")/.."
include=Sources/CatenaABI/include
header=$include/catena.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

strange=$(grep -E '^[[:space:]]*#[[:space:]]*include' "$header" | grep -vE '<(stdint|stddef|stdbool)\.h>' || true)
[ -z "$strange" ] || { echo "$header includes more than <stdint.h> <stddef.h> <stdbool.h>: $strange"; exit 1; }

# Macros without a value have none to use: the guard, and the attribute on types, which the header uses itself.
mapfile -t values < <(sed -nE 's/^[[:space:]]*#[[:space:]]*define[[:space:]]+([A-Za-z0-9_]+)[[:space:]].*/\1/p' "$header" \
    | grep -vxE 'CATENA_SENDABLE' | sort -u)
mapfile -t functions < <(sed -nE 's/^[[:space:]]*#[[:space:]]*define[[:space:]]+([A-Za-z0-9_]+)\(.*/\1/p' "$header" | sort -u)
[ ${#values[@]} -gt 0 ] || { echo "$header: no macro found"; exit 1; }
if [ "${functions[*]}" != CATENA_HAS ]; then
    echo "macros with arguments: ${functions[*]}; .ci/headers.sh uses only CATENA_HAS: add a use"
    exit 1
fi

{
    echo '#include "catena.h"'
    echo '#include "catena.h"'
    echo 'bool uses_has(const catena_module *module);'
    echo 'bool uses_has(const catena_module *module) { return CATENA_HAS(module, catena_module, services); }'
    echo 'size_t uses_values(void);'
    echo 'size_t uses_values(void) {'
    echo '    size_t sum = 0;'
    for macro in "${values[@]}"; do echo "    sum += sizeof($macro) + (($macro) ? 1u : 0u);"; done
    echo '    return sum;'
    echo '}'
} >"$work/uses.c"
# A string is always true, which compilers say where a condition is wanted; a number may be 0.
sed -i -E 's/sizeof\((CATENA_KEY_[A-Z_]+)\) \+ .*;/sizeof(\1) + (size_t)(\1)[0];/' "$work/uses.c"

compiled=0
for compiler in gcc clang; do
    version=$("$compiler" --version | head -n 1)
    for language in c:c11 c++:c++17; do
        "$compiler" -x "${language%%:*}" -std="${language#*:}" -Wall -Wextra -pedantic -Werror \
            -I "$include" -c -o "$work/uses.o" "$work/uses.c"
        echo "$header under $version as ${language#*:}"
        compiled=$((compiled + 1))
    done
done
echo "$compiled compilations, ${#values[@]} values and ${#functions[@]} function macro used in each"
[ "$compiled" -eq 4 ]
