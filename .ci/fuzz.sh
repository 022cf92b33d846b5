#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The reader of chains.json under libFuzzer: from the corpus, the fixtures and every input that ever failed, for a minute.
#
#   .ci/fuzz.sh [SECONDS]
#   SEED=4711 .ci/fuzz.sh       the same mutations again
#   .ci/fuzz.sh keep            what the runs here have found, reduced to what adds coverage, becomes the corpus
#
# What a run finds is kept in .build/fuzz/found, and the next one here begins with it.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
seed=${SEED:-$((RANDOM * 32768 + RANDOM + 1))}
fuzzer=.build/fuzz/release/ChainsFuzzer
found=.build/fuzz/found
# A minute of backtraces and registers says less than the input.
export SWIFT_BACKTRACE=enable=no

swift build -c release --package-path Tests/Fuzz --scratch-path .build/fuzz >.build-fuzz.log 2>&1 || { tail -n 30 .build-fuzz.log; exit 1; }
rm .build-fuzz.log
mkdir -p "$found"

fixtures=(Tests/Fixtures/chains/valid/*.json Tests/Fixtures/chains/invalid/*.json)
if [ "$seconds" = keep ]; then
    # On top of the fixtures, which every run begins with.
    small=.build/fuzz/small
    rm -rf "$small" && mkdir "$small"
    cp "${fixtures[@]}" "$small"
    "$fuzzer" -set_cover_merge=1 -max_len=256 "$small" Tests/Fuzz/corpus "$found" >.build/fuzz/merge.log 2>&1 ||
        { tail -n 30 .build/fuzz/merge.log; exit 1; }
    find Tests/Fuzz/corpus -type f -delete
    find "$small" -type f ! -name '*.json' -exec cp -t Tests/Fuzz/corpus {} +
    echo "$(find Tests/Fuzz/corpus -type f | wc -l) inputs are kept"
    exit 0
fi

seeds=(Tests/Fuzz/corpus Tests/Fuzz/FailCases Tests/Fixtures/chains/valid Tests/Fixtures/chains/invalid)
files=$(find "${seeds[@]}" -type f | wc -l)
[ "$files" -gt 100 ] || { echo "only $files inputs to begin with: where is the corpus?"; exit 1; }
echo "$seconds seconds from $files inputs, seed $seed"
if ! "$fuzzer" -seed="$seed" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -dict=Tests/Fuzz/chains.dict -artifact_prefix=.build/fuzz/ "$found" "${seeds[@]}" >.build/fuzz/run.log 2>&1; then
    grep -aE '^(broken promise|Fatal error|==[0-9]+==|SUMMARY)' .build/fuzz/run.log || tail -n 20 .build/fuzz/run.log
    input=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' .build/fuzz/run.log | tail -n 1)
    echo "the input is $input"
    echo "    again:     $fuzzer $input"
    echo "    smaller:   $fuzzer -minimize_crash=1 -max_total_time=60 $input"
    echo "    for ever:  give it a name that says what is wrong with it, in Tests/Fuzz/FailCases; the unit tests replay it"
    exit 1
fi
runs=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)$/\1/p' .build/fuzz/run.log)
[ "${runs:-0}" -gt "$files" ] || { echo "nothing was tried"; exit 1; }
echo "$runs inputs tried, every promise kept"
