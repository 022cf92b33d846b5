#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints how long a config with twenty modules takes `catena validate`, from its start to its end, beside one with no module: twenty
# in C, and twenty in Swift with the kit; each described for the first time, and known from an earlier run. With --check it fails
# when the modules cost more than 150 ms, or on a slow machine more than eight times what the command takes with no module.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
out="$root/.build/benchmarks"
place="$out/loading"
rm -rf "$place"
mkdir -p "$place"

swift build --package-path "$root" -c release --product catena
swift build --package-path "$here/PassModules" --scratch-path "$out/pass-modules" -c release
catena="$(swift build --package-path "$root" -c release --show-bin-path)/catena"
swiftpass=$(find "$out/pass-modules" -name libswiftpass.so -path '*release*' -type f | head -n 1)
test -n "$swiftpass"
cc -O2 -shared -fPIC -I "$root/Sources/CatenaABI/include" -o "$place/c.so" "$here/PassModules/pass.c"
cp "$swiftpass" "$place/swift.so"
for number in $(seq 20); do
    for language in c swift; do cp "$place/$language.so" "$place/$language-$number.so"; done
done

python3 - "$place" "$catena" "$@" <<'PYTHON'
import json, os, shutil, subprocess, sys, time

place, catena, check = sys.argv[1], sys.argv[2], "--check" in sys.argv[3:]
runs = 15
cache = os.path.join(place, "cache")

def config(name, elements):
    path = os.path.join(place, name + ".json")
    with open(path, "w") as file:
        json.dump({"chains": {"chain": {"listen": ["tcp://127.0.0.1:0"], "elements": elements}}}, file)
    return path

def once(path):
    began = time.monotonic()
    subprocess.run([catena, "validate", "--config", path], check=True, capture_output=True, env={**os.environ, "XDG_CACHE_HOME": cache})
    return (time.monotonic() - began) * 1000

def measured(path, cold):
    times = []
    for _ in range(runs):
        if cold: shutil.rmtree(cache, ignore_errors=True)
        times.append(once(path))
    return min(times), sorted(times)[len(times) // 2]

nothing = measured(config("none", []), False)
print(f"no module                   {nothing[0]:6.1f} ms at best, {nothing[1]:6.1f} in the median of {runs} runs")
limit_ms = max(150, 8 * nothing[0])
worst = 0
for language, type in (("c", "cpass"), ("swift", "swiftpass")):
    path = config(language, [{"element": type, "name": f"{type}{n}", "module": f"{language}-{n}.so"} for n in range(1, 21)])
    for cold in (True, False):
        best, median = measured(path, cold)
        worst = max(worst, best - nothing[0])
        print(f"20 in {language:5}, {'described' if cold else 'known    '}      {best:6.1f} ms at best, {median:6.1f} in the median: the modules {best - nothing[0]:.1f}")
if check and worst > limit_ms: sys.exit(f"twenty modules cost {worst:.1f} ms, at most {limit_ms:.1f} are allowed")
PYTHON
