#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What reads bytes of others, under libFuzzer: from what good peers send, the corpus and every input that ever failed.
#
#   .ci/fuzz.sh [FUZZER|all] [SECONDS]     chains, frames or messages; a minute each unless said otherwise
#   SEED=4711 .ci/fuzz.sh frames           the same mutations again
#   .ci/fuzz.sh FUZZER keep                what the runs here have found, reduced to what adds coverage, becomes the corpus
#
# What a run finds is kept in .build/fuzz/found, and the next one here begins with it.
set -euo pipefail
cd "$(dirname "$0")/.."
which=${1:-all}
seconds=${2:-60}
seed=${SEED:-$((RANDOM * 32768 + RANDOM + 1))}
# A minute of backtraces and registers says less than the input.
export SWIFT_BACKTRACE=enable=no
# Freed memory is not handed out again for a while, so that a late use is seen; its default is more than a small input needs.
export ASAN_OPTIONS=quarantine_size_mb=64

case $which in
all) fuzzers=(chains frames messages) ;;
chains | frames | messages) fuzzers=("$which") ;;
*)
    echo "$0: all, chains, frames or messages, not $which"
    exit 64
    ;;
esac

# The versions that the package itself is built with, if it has been.
[ ! -f Package.resolved ] || cp -u Package.resolved Tests/Fuzz/
mkdir -p .build/fuzz
swift build -c release --package-path Tests/Fuzz --scratch-path .build/fuzz >.build/fuzz/build.log 2>&1 ||
    { tail -n 30 .build/fuzz/build.log; exit 1; }

# What every run of a fuzzer begins with.
begin() {
    case $1 in
    chains) seeds=(Tests/Fixtures/chains/valid Tests/Fixtures/chains/invalid) least=60 ;;
    frames) seeds=(Tests/Fuzz/seeds/frames) least=90 ;;
    messages) seeds=(Tests/Fuzz/seeds/messages) least=30 ;;
    esac
    program=.build/fuzz/release/${1^}Fuzzer
    corpus=Tests/Fuzz/corpus/$1 failed=Tests/Fuzz/FailCases/$1 found=.build/fuzz/found/$1 log=.build/fuzz/$1.log
    mkdir -p "$corpus" "$failed" "$found"
    [ "$(find "${seeds[@]}" -type f | wc -l)" -ge "$least" ] || { echo "$1 has too few inputs to begin with"; exit 1; }
}

keep() {
    begin "$1"
    local small=.build/fuzz/small
    rm -rf "$small" && mkdir "$small"
    find "${seeds[@]}" -type f -exec cp -t "$small" {} +
    ls "$small" >.build/fuzz/seeds
    "$program" -set_cover_merge=1 -max_len=256 "$small" "$corpus" "$found" >"$log" 2>&1 || { tail -n 30 "$log"; exit 1; }
    find "$corpus" -type f -delete
    ls "$small" | grep -vxFf .build/fuzz/seeds | (cd "$small" && xargs -r cp -t "$OLDPWD/$corpus")
    echo "$1: $(find "$corpus" -type f | wc -l) inputs are kept"
}

run() {
    begin "$1"
    local dictionary=() files runs
    [ ! -f "Tests/Fuzz/$1.dict" ] || dictionary=(-dict="Tests/Fuzz/$1.dict")
    files=$(find "$corpus" "$failed" "${seeds[@]}" -type f | wc -l)
    echo "$1: $seconds seconds from $files inputs, seed $seed"
    if ! "$program" -seed="$seed" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1536 -print_final_stats=1 \
        "${dictionary[@]}" -artifact_prefix=".build/fuzz/$1-" "$found" "$corpus" "$failed" "${seeds[@]}" >"$log" 2>&1; then
        grep -aE '^(broken promise|Fatal error|==[0-9]+==|SUMMARY)' "$log" || tail -n 20 "$log"
        input=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' "$log" | tail -n 1)
        echo "the input is $input"
        echo "    again:     $program $input"
        echo "    smaller:   $program -minimize_crash=1 -max_total_time=60 $input"
        echo "    for ever:  give it a name that says what is wrong with it, in $failed; the unit tests replay it"
        exit 1
    fi
    runs=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)$/\1/p' "$log")
    [ "${runs:-0}" -gt "$files" ] || { echo "nothing was tried"; exit 1; }
    echo "$1: $runs inputs tried, $(sed -nE 's/.* (cov: [0-9]+) .*/\1/p' "$log" | tail -n 1), every promise kept"
}

for fuzzer in "${fuzzers[@]}"; do
    if [ "$seconds" = keep ]; then keep "$fuzzer"; else run "$fuzzer"; fi
done
