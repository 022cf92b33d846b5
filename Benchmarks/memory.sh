#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an open connection costs a forwarder in memory: RSS of the real process at 10,000 and at 100,000 live connections.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

usage() {
    cat <<'TEXT'
usage: Benchmarks/memory.sh [--check] [--record]

Starts a forwarder (logging at level error, updatepath, serialize, clienturl, connect) and an
endpoint behind it, each a `catena serve` of the release build. Opens connections over one
gRPC connection, refreshes each three times, and leaves them open. Prints what one costs:
(RSS at 100,000 minus RSS at 10,000) / 90,000, less one encoded Request. RSS is read while
nobody calls, and `catena status` must know every connection in both processes.

  --check   fail above 2,048 bytes
  --record  write the table to Benchmarks/RESULTS.md, with machine and commit
TEXT
}

for argument in "$@"; do
    case $argument in
    -h | --help) usage; exit ;;
    --check | --record) ;;
    *)
        echo "memory.sh: unknown option $argument" >&2
        usage >&2
        exit 64
        ;;
    esac
done

place="$root/.build/benchmarks/memory"
mkdir -p "$place"
swift build --package-path "$root" -c release >&2 # the table alone goes to standard output
bin=$(swift build --package-path "$root" -c release --show-bin-path)
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/Transport" python3 "$here/Memory/run.py" \
    --place "$place" --bin "$bin" --results "$here/RESULTS.md" "$@"
