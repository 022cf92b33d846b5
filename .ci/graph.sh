#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What catena graph prints is drawn by graphviz, for every chains file that is shipped and for one with the worst names: each
# element must be in the picture under its name, and the mermaid of it must be well-formed.
#
#   .ci/graph.sh .build/debug/catena
set -euo pipefail
cd "$(dirname "$0")/.."
catena=${1:?usage: $0 PATH-OF-CATENA}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dot -V 2>&1

make -C Examples/rate-limit-c >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
swift build --package-path Examples/labels-swift -c release >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
export NODE_NAME=node-7 ZONE=eu-1

# Splices, a client chain in a client chain, numbered names, and paths that each format could take for its own syntax.
cat >"$work/worst.json" <<'JSON'
{
  "chains": {
    "a.b-c_d": {
      "listen": ["unix:///tmp/a \"quoted\" \\N &lt; <b>#]`|;%", "unix:///tmp/\u001b[31m\nred", "unix:///tmp/größe 漢字"],
      "elements": [
        { "chain": "prefix" },
        { "element": "clienturl", "config": { "url": "inproc://empty" } },
        { "element": "connect", "name": "end", "config": { "client": "outer" } }
      ]
    },
    "empty": { "listen": ["tcp://[::1]:5002"], "elements": [] },
    "prefix": { "elements": [{ "element": "updatepath", "config": { "name": "a" } }, "serialize", "logging", "logging"] },
    "outer": { "elements": ["logging", { "element": "connect", "config": { "client": "inner" } }] },
    "inner": { "elements": ["logging"] }
  }
}
JSON

drawn=0
for config in chains.json Examples/*/*.json "$work/worst.json"; do
    [[ $(<"$config") == *'"chains"'* ]] || continue
    "$catena" graph --config "$config" --format dot | dot -Tsvg >"$work/drawing.svg"
    "$catena" graph --config "$config" --format mermaid >"$work/drawing.mermaid"
    printf '%s: ' "$(basename "$(dirname "$config")")/$(basename "$config")"
    python3 Tests/Graph/check.py "$config" "$work/drawing.svg" "$work/drawing.mermaid"
    drawn=$((drawn + 1))
done
[ "$drawn" -gt 4 ] || { echo "graph: only $drawn files were found"; exit 1; }
echo "$drawn files drawn"
