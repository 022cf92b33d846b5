# SPDX-License-Identifier: Apache-2.0
"""What the two Python peers share: lines of JSON in and out, metadata as scenarios write it, the bytes of a message."""

import functools
import json
import sys
import threading

OUTPUT = threading.Lock()


def commands():
    for line in sys.stdin:
        yield json.loads(line)


def write(**answer):
    line = json.dumps(answer)
    with OUTPUT:
        print(line, flush=True)


def from_pairs(pairs):
    """The value of a name in -bin is hexadecimal."""
    return [(name, bytes.fromhex(value) if name.endswith("-bin") else value) for name, value in pairs or []]


def to_pairs(metadata):
    return [[name, value.hex() if name.endswith("-bin") else value]
            for name, value in metadata or () if not name.startswith("grpc-") and name not in ("user-agent", "content-type")]


@functools.lru_cache
def pattern(size):
    """Bytes that show when a piece is lost, doubled or out of place."""
    return bytes((i * 31 + (i >> 8)) & 0xff for i in range(size))
