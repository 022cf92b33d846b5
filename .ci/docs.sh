#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's commands, as a reader would run them: in a fresh clone with nothing built, word for word. A block that is to be run
# has a line <!-- ci: NAME --> in front of it.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
shell=''
cleanup() {
    # A process group of its own: what the block started ends with it, be it a compiler or the host.
    if [ -n "$shell" ]; then kill -KILL -- "-$shell" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap cleanup EXIT
fail() {
    echo "docs: $*"
    [ ! -s "$work/serve.log" ] || { echo "--- the end of what the block \"serve\" said:"; tail -n 40 "$work/serve.log"; }
    exit 1
}

git clone --quiet "$root" "$work/catena"
cd "$work/catena"
echo "README.md of $(git log -1 --format='%h, %s')"

# The fenced block after the marker of this name.
block() {
    awk -v marker="<!-- ci: $1 -->" '
        $0 == marker { wanted = 1; next }
        wanted && /^```/ { if (inside) exit; inside = 1; next }
        inside { print }' README.md
}
names=$(sed -nE 's/^<!-- ci: ([a-z-]+) -->$/\1/p' README.md)
[ "$(sort <<<"$names" | uniq -d)" = "" ] || fail "a block's name is used twice"
for name in serve request close test; do
    grep -qx "$name" <<<"$names" || fail "README.md has no block \"$name\""
done
for name in $names; do
    [ -n "$(block "$name")" ] || fail "the block \"$name\" is empty"
done

# .ci/run has called the test command already; here it only must be the same.
grep -qxF "step $(block test)" .ci/run || fail "the README's test command is \"$(block test)\", .ci/run calls another"

# Machines without sudo are run by root.
if [ "$(id -u)" -eq 0 ] && ! command -v sudo >/dev/null; then
    mkdir "$work/bin"
    printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
    chmod +x "$work/bin/sudo"
    export PATH="$work/bin:$PATH"
fi
export DEBIAN_FRONTEND=noninteractive
# As on a reader's machine: where the control socket is does not depend on who runs this.
unset XDG_RUNTIME_DIR

echo "--- serve: $(block serve)"
began=$SECONDS
block serve >"$work/serve.sh"
setsid bash -euo pipefail "$work/serve.sh" </dev/null >"$work/serve.log" 2>&1 &
shell=$!
until grep -q '^catena: ready (process ' "$work/serve.log"; do
    kill -0 "$shell" 2>/dev/null || fail "the block \"serve\" ended before the host was ready"
    [ $((SECONDS - began)) -lt 1800 ] || fail "the host was not ready after 30 minutes"
    sleep 1
done
host=$(sed -nE 's/^catena: ready \(process ([0-9]+),.*/\1/p' "$work/serve.log")
catena=$(readlink "/proc/$host/exe")
grep '^catena: ' "$work/serve.log"
echo "ready after $((SECONDS - began)) s"

ran=1
for name in $names; do
    case $name in serve | test) continue ;; esac
    echo "--- $name: $(block "$name")"
    block "$name" >"$work/$name.sh"
    bash -euo pipefail "$work/$name.sh" </dev/null >"$work/$name.out" || fail "the block \"$name\" ended with status $?"
    cat "$work/$name.out"
    ran=$((ran + 1))
    if [ "$name" = request ]; then
        python3 - "$work/$name.out" <<'PYTHON' || fail "the block \"request\" printed another path"
import json, sys
names = [segment["name"] for segment in json.load(open(sys.argv[1]))["path"]["path_segments"]]
print("path:", ", ".join(names))
sys.exit(names != ["client", "forwarder", "endpoint"])
PYTHON
    fi
done

"$catena" status --format json >"$work/status.json"
python3 - "$work/status.json" <<'PYTHON' || fail "after the blocks a connection is open, or a chain was not used"
import json, sys
chains = {chain["path"]: chain for chain in json.load(open(sys.argv[1]))["engine"]["chains"]}
for name in ("forwarder", "endpoint"):
    chain = chains[name]
    print(f"{name}: {chain['requests']['ok']} Requests, {chain['closes']['ok']} Closes, {chain['connections']} connections")
    if chain["connections"] != 0 or not chain["requests"]["ok"] or not chain["closes"]["ok"]:
        sys.exit(1)
PYTHON

kill -TERM "$host"
status=0
wait "$shell" || status=$?
shell=''
[ "$status" -eq 0 ] || fail "the host ended with status $status on SIGTERM"
tail -n 1 "$work/serve.log" | grep -qx 'catena: stopped' || fail "the host did not say that it stopped"
echo "$ran blocks of README.md run in a fresh clone, the block \"test\" compared"
