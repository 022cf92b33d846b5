#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How soon a thousand connections are back when their next hop is, and what it costs to wait for it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

usage() {
    cat <<'TEXT'
usage: Benchmarks/heal.sh [--check] [--record]

Starts a forwarder (logging at level error, updatepath, serialize, clienturl, connect with heal
in its client chain) and an endpoint behind it (updatepath, serialize, monitor), each a
`catena serve` of the release build, and opens 1,000 connections. Five times: the endpoint is
killed with SIGKILL, is away for five seconds, and is started again on its port. Prints how long
after its port could be reached the last of the connections was up again, and what share of a
core the forwarder took meanwhile. Each time the endpoint must have had one Request for each
connection, and no Close.

  --check   fail above 300 ms (the median) or a tenth of a core
  --record  write the table to Benchmarks/RESULTS.md, with machine and commit
TEXT
}

for argument in "$@"; do
    case $argument in
    -h | --help) usage; exit ;;
    --check | --record) ;;
    *)
        echo "heal.sh: unknown option $argument" >&2
        usage >&2
        exit 64
        ;;
    esac
done

place="$root/.build/benchmarks/heal"
mkdir -p "$place"
swift build --package-path "$root" -c release >&2 # the table alone goes to standard output
bin=$(swift build --package-path "$root" -c release --show-bin-path)
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/Transport:$here/Memory" python3 "$here/Heal/run.py" \
    --place "$place" --bin "$bin" --results "$here/RESULTS.md" "$@"
