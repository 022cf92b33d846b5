#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tests under a sanitizer of the compiler, with modules that are dlopened and built by it too.
#
#   .ci/sanitize.sh address [FILTER]    wrong use of memory
#   .ci/sanitize.sh leaks [FILTER]      the same, and what is left when the tests have run
#   .ci/sanitize.sh thread [FILTER]     data races
#
# FILTER is that of `swift test`; without one all tests run.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
kind=${1:?usage: $0 address|thread [FILTER]}
filter=${2:-.}
chosen=()
flags=(--scratch-path "$root/.build/$kind")
case $kind in
address | leaks)
    flags=(--scratch-path "$root/.build/address" --sanitize=address)
    # Crashes that tests make on purpose end a process as they would without the sanitizer.
    export ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_sigtrap=0:handle_abort=0
    [ "$kind" = leaks ] || ASAN_OPTIONS+=:detect_leaks=0
    export LSAN_OPTIONS=suppressions=$root/.ci/lsan.supp:print_suppressions=0
    ;;
thread)
    # Modules find the sanitizer's functions in the program that opens them.
    flags+=(--sanitize=thread -Xlinker --export-dynamic)
    export TSAN_OPTIONS=suppressions=$root/.ci/tsan.supp
    # A process that ends or crashes while a module is opened ends in the sanitizer's own way, and these ask how it ended.
    chosen=(--skip ChildDescriberTests --skip BadModuleTests --skip CrashTests)
    # It makes everything ten times as slow: of all suites at once none would be in time.
    chosen+=(--no-parallel)
    # A copy of the tree, with a Mutex that the sanitizer understands in each module that names one.
    tree=$root/.build/thread-tree
    mkdir -p "$tree"
    git ls-files -co --exclude-standard | sort >"$tree.files"
    xargs -d '\n' cp -Ppu --parents -t "$tree" <"$tree.files"
    cd "$tree"
    # What is gone from the tree since the last copy.
    find . -type f,l -printf '%P\n' | grep -vE '(MutexForThreadSanitizer.swift|Package.resolved)$' | sort |
        comm -23 - "$tree.files" | xargs -r -d '\n' rm
    shimmed=0
    while read -r folder; do
        cp -pu "$root/.ci/MutexForThreadSanitizer.swift" "$folder/"
        shimmed=$((shimmed + 1))
    done < <(
        grep -rlw Mutex --include='*.swift' Sources Tests Plugins | grep -v MutexForThreadSanitizer |
            sed -E 's#^(Tests/PluginTests/Support|Plugins/[^/]+/[^/]+|[^/]+/[^/]+)/.*#\1#' | sort -u)
    [ "$shimmed" -gt 0 ] || { echo "no module names a Mutex: this script is out of date"; exit 1; }
    echo "$shimmed modules with a Mutex that the thread sanitizer understands"
    ;;
*)
    echo "$0: address, leaks or thread, not $kind"
    exit 64
    ;;
esac

log=$root/.build/$kind.log
# The linker tells of each function of the sanitizer's that it does not export.
swift build --build-tests "${flags[@]}" >"$log" 2>&1 || { grep -v 'Cannot export local symbol' "$log" | tail -n 50; exit 1; }
status=0
run() { swift test --skip-build --disable-xctest "${flags[@]}" "${chosen[@]}" "$@" >>"$log" 2>&1 || status=$?; }
: >"$log"
if [ "$filter" = . ] && [ "$kind" != thread ]; then
    # The stress of the modules keeps every core busy for longer than tests of time have, so it runs by itself.
    run --skip '^PluginTests'
    run --filter '^PluginTests'
else
    run --filter "$filter"
fi
grep -E 'Test run with|recorded an issue|^(SUMMARY|==[0-9]+==ERROR|WARNING: ThreadSanitizer)' "$log" | sort | uniq -c || true
tests=$(sed -nE 's/.*Test run with ([0-9]+) tests.*/\1/p' "$log" | awk '{ sum += $1 } END { print sum }')
if [ "$status" -ne 0 ] || grep -qE '^(==[0-9]+==ERROR|WARNING: ThreadSanitizer)' "$log"; then
    echo "not clean under the $kind sanitizer: see $log"
    exit 1
fi
[ "${tests:-0}" -gt 0 ] || { echo "no test matches \"$filter\""; exit 1; }
echo "$tests tests are clean under the $kind sanitizer"
