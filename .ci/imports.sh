#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Dependencies point downward only: each folder imports what its row allows and nothing else. In libraries every import says how
# far it is visible, and nothing is re-exported.
set -euo pipefail
cd "$(dirname "$0")/.."

# folder: modules. <Name> is the name of the plugin's folder.
table='
Sources/CatenaElement: CatenaABI
Sources/CatenaConfig: Glibc Musl Darwin
Sources/CatenaChain: CLinux CatenaABI CatenaCrash Glibc Synchronization
Sources/CatenaGRPC: CNghttp2 CZlib NIOCore NIOPosix Glibc Synchronization
Sources/CatenaNSM: CatenaABI CatenaChain CatenaGRPC NIOCore SwiftProtobuf Synchronization
Sources/CatenaHost: CLinux CatenaChain CatenaCrash CatenaConfig CatenaGRPC CatenaNSM Logging NIOCore NIOPosix FoundationEssentials Dispatch Glibc Synchronization
Sources/CatenaLoad: CatenaGRPC CatenaNSM NIOCore Glibc
Sources/CatenaElementTesting: CatenaABI CatenaChain CatenaElement CatenaNSM Foundation Glibc Synchronization
Sources/catena: CatenaConfig CatenaGRPC CatenaHost CatenaLoad CatenaNSM ArgumentParser Logging NIOCore NIOPosix SwiftProtobuf Foundation Glibc Synchronization
Plugins/<Name>/Element: CatenaElement Glibc Synchronization
Plugins/<Name>/Module: CatenaABI CatenaElement <Name>Element
'
# Has no Swift; .ci/headers.sh looks at what the C header includes.
without_swift='Sources/CatenaABI Sources/CatenaCrash Sources/CLinux Sources/CNghttp2 Sources/CZlib'
# Not libraries: nobody imports them.
programs='Sources/catena'

# [@attributes] [access] import [kind] Module[.Name]
head='^[[:space:]]*(@[A-Za-z_]+(\([^)]*\))?[[:space:]]+)*((public|package|internal|fileprivate|private)[[:space:]]+)?import[[:space:]]+'
kind='((struct|class|enum|protocol|typealias|func|let|var)[[:space:]]+)?'

folders=0 imports=0 problems=0
problem() {
    echo "$1"
    problems=$((problems + 1))
}

for folder in Sources/* Plugins/*/*; do
    [ -d "$folder" ] || continue
    case " $without_swift " in *" $folder "*) continue ;; esac
    name='' row=$folder
    if [[ $folder == Plugins/* ]]; then
        name=$(basename "$(dirname "$folder")")
        row="Plugins/<Name>/$(basename "$folder")"
    fi
    if ! allowed=$(grep -F -- "$row: " <<<"$table"); then
        problem "$folder: has no row in .ci/imports.sh: say what it may import"
        continue
    fi
    allowed=" ${allowed#*: } "
    allowed=${allowed//<Name>/$name}
    found=0
    while IFS=: read -r file line text; do
        found=$((found + 1))
        if [[ ! $text =~ $head$kind([A-Za-z0-9_]+) ]]; then
            problem "$file:$line: not understood: $text"
            continue
        fi
        access=${BASH_REMATCH[4]} module=${BASH_REMATCH[7]}
        case "$allowed" in *" $module "*) ;; *) problem "$file:$line: $folder may not import $module: only$allowed" ;; esac
        [[ $text != *@_exported* ]] || problem "$file:$line: re-exports $module"
        case " $programs " in
            *" $folder "*) ;;
            *) [ -n "$access" ] || problem "$file:$line: import $module has no access level" ;;
        esac
    done < <(grep -rnE "$head" --include='*.swift' "$folder" || true)
    files=$(find "$folder" -name '*.swift' | wc -l)
    [ "$files" -gt 0 ] || problem "$folder: has no Swift file"
    folders=$((folders + 1)) imports=$((imports + found))
done

# Every row stands for something, and SwiftPM links all tests into one bundle, where two entry functions would collide.
while read -r row; do
    [ -z "$row" ] || compgen -G "${row//<Name>/*}" >/dev/null || problem ".ci/imports.sh: there is no $row"
done < <(cut -d: -f1 <<<"$table")
tests=$(find Tests -name '*.swift' | wc -l)
while read -r line; do problem "$line: tests import elements, not modules"; done < <(
    grep -rnE "import ($(find Plugins -mindepth 1 -maxdepth 1 -type d -printf '%f|' | sed 's/|$//'))Module\b" --include='*.swift' Tests || true)

if [ "$folders" -eq 0 ] || [ "$imports" -eq 0 ] || [ "$tests" -eq 0 ]; then problem "nothing was checked"; fi
echo "$folders folders, $imports imports, $tests test files: $problems problems"
[ "$problems" -eq 0 ]
