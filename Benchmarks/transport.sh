#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a call costs a server: CatenaGRPC beside libnghttp2 alone, nghttpx and grpc-go, in one interleaved run on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

usage() {
    cat <<'TEXT'
usage: Benchmarks/transport.sh [--quick] [--only PART] [--check] [--record]

Builds and runs, each as a process of its own on the loopback:
  (a) floor     libnghttp2 under swift-nio, echoes the bytes it got
  (b) empty     catena serve, a chain without elements
  (c) endpoint  logging (level error), updatepath, serialize, one that passes on
  (d) forwarder logging (level error), updatepath, serialize, clienturl, connect,
                in front of (c): this process alone
  (e) nghttpx   an HTTP/2 proxy in front of (c): this process alone
  (f) grpc-go   decodes and encodes the same messages
and prints requests per second, latencies and server CPU per call at 1, 10 and 100
streams of one HTTP/2 connection, allocations per call, and memory per open connection.

  --quick      fewer and shorter rounds: for a look, not for a verdict
  --only PART  calls, allocations or memory
  --check      fail when a ratio or the memory is above its limit
  --record     write the tables to Benchmarks/RESULTS.md, with machine and commit
TEXT
}

refuse() {
    echo "transport.sh: $1" >&2
    usage >&2
    exit 64
}

arguments=("$@") record='' partly=''
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit ;;
    --check) ;;
    --record) record=$1 ;;
    --quick) partly=$1 ;;
    --only)
        partly=$1
        case ${2:-} in calls | allocations | memory) shift ;; *) refuse "--only takes calls, allocations or memory" ;; esac
        ;;
    *) refuse "unknown option $1" ;;
    esac
    shift
done
[ -z "$record" ] || [ -z "$partly" ] || refuse "--record takes a full run, without $partly"

missing=
need() { command -v "$1" > /dev/null || [ -x "/usr/sbin/$1" ] || missing="$missing $2"; }
need h2load nghttp2-client
need nghttpx nghttp2-proxy
need go golang-go
need protoc protobuf-compiler
need protoc-gen-go protoc-gen-go-1-3
[ -d /usr/share/gocode/src/google.golang.org/grpc ] || missing="$missing golang-google-grpc-dev"
if [ -n "$missing" ]; then
    echo "transport.sh needs more of Debian: apt-get install$missing" >&2
    exit 69
fi

out="$root/.build/benchmarks"
mkdir -p "$out/transport"
{
    swift build --package-path "$root" -c release
    swift build --package-path "$here/PassModules" --scratch-path "$out/pass-modules" -c release
    swift build --package-path "$here/Floor" --scratch-path "$out/floor" -c release
} >&2  # the tables alone go to standard output
cc -O2 -shared -fPIC -o "$out/malloc-count.so" "$here/malloc-count.c"

# The messages in Go, made with the runtime that Debian's grpc-go is built on. Our .proto files say nothing about Go, so each
# option is given here.
nsm="$out/go/src/nsm"
options=plugins=grpc,paths=source_relative
options+=,Mgoogle/protobuf/empty.proto=github.com/golang/protobuf/ptypes/empty
options+=,Mgoogle/protobuf/timestamp.proto=github.com/golang/protobuf/ptypes/timestamp
messages="connectioncontext connection networkservice"
for name in $messages; do options+=,M$name.proto=nsm/$name; done
for name in $messages; do
    mkdir -p "$nsm/$name"
    protoc --proto_path="$root/Protos" --go_out="$options,import_path=$name:$nsm/$name" "$name.proto"
done
mkdir -p "$out/go/src/goserver"
cp "$here/GoServer/main.go" "$out/go/src/goserver/"
GO111MODULE=off GOPATH="$out/go:/usr/share/gocode" GOCACHE="$out/go/cache" go build -o "$out/goserver" goserver

bin=$(swift build --package-path "$root" -c release --show-bin-path)
floor=$(swift build --package-path "$here/Floor" --scratch-path "$out/floor" -c release --show-bin-path)/floor
swiftpass=$(find "$out/pass-modules" -name libswiftpass.so -path '*release*' -type f | head -n 1)
test -n "$swiftpass"
PATH="$PATH:/usr/sbin" PYTHONDONTWRITEBYTECODE=1 python3 "$here/Transport/run.py" \
    --place "$out/transport" --bin "$bin" --floor "$floor" --goserver "$out/goserver" --swiftpass "$swiftpass" \
    --malloc-count "$out/malloc-count.so" --results "$here/RESULTS.md" "${arguments[@]}"
