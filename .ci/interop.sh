#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Catena against other implementations: the NSM API with grpcio, the transport with grpcio and grpc-go in both directions, and a
# server of ours against everything that HTTP/2 lets a peer do. Python's packages come from PyPI, Go's from Debian; what is made of
# them is kept in .build.
#
#   .ci/interop.sh .build/debug                     # all of it
#   .ci/interop.sh .build/debug transport           # one of: nsm, transport, abuse
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${1:?usage: $0 FOLDER-OF-CATENA-AND-GRPCPEER [nsm|transport|abuse]}
parts=${2:-nsm transport abuse}

environment=.build/ci-python
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check grpcio grpcio-tools h2
"$environment/bin/python" -c 'import grpc, h2, platform
print("grpcio", grpc.__version__, "and h2", h2.__version__, "on Python", platform.python_version())'

# Debian's grpc-go is in its own GOPATH, so nothing is fetched.
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$PWD/.build/go-cache
go build -o .build/interop/go-peer ./Tests/Interop/go
version=$(sed -n 's/^const Version = "\(.*\)"/\1/p' $GOPATH/src/google.golang.org/grpc/version.go)
echo "grpc-go $version on $(go version | cut -d ' ' -f 3)"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PYTHONDONTWRITEBYTECODE=1
part() {
    case $1 in
        nsm) "$environment/bin/python" Tests/Interop/run.py --catena "$programs/catena" ;;
        transport) "$environment/bin/python" Tests/Interop/transport.py --peer "$programs/GRPCPeer" --go-peer .build/interop/go-peer ;;
        abuse) "$environment/bin/python" Tests/Interop/abuse.py --peer "$programs/GRPCPeer" --go-peer .build/interop/go-peer ;;
        *) echo "there is no part \"$1\"" ;;
    esac
}
# The first part mostly waits, so it runs beside the others and is shown after them.
for name in $parts; do
    if [ "$name" = nsm ]; then
        part nsm >"$folder/nsm" 2>&1 &
    else
        printf '\n-- %s\n' "$name"
        part "$name" 2>&1 | tee "$folder/$name" || true
    fi
done
wait
if [ -f "$folder/nsm" ]; then
    printf '\n-- nsm\n'
    cat "$folder/nsm"
fi

# A run that checked nothing is none: each part must end with what it has checked.
held=0
for name in $parts; do
    if tail -n 1 "$folder/$name" | grep -qE '^[1-9][0-9]* passed, 0 failed$'; then held=$((held + 1)); fi
done
tail -qn 1 "$folder"/* |
    awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 } END { printf "\n%d passed, %d failed\n", passed, failed }'
[ "$held" -eq "$(wc -w <<<"$parts")" ]
