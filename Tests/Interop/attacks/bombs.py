# SPDX-License-Identifier: Apache-2.0
"""Messages that are more than they seem."""

import gzip

import hyperframe.frame as frames

from scenarios.checks import expect

from .target import Target, check


def status(stack, data, extra=()):
    """The status with which a call ends whose body is these bytes."""
    target = Target(stack)
    attacker = target.attacker()
    attacker.send(attacker.request(attacker.next_stream(), extra=extra))
    for i in range(0, len(data), 16_384):
        attacker.send(frames.DataFrame(1, data[i:i + 16_384]).serialize())
    attacker.send(frames.DataFrame(1, b"", flags=["END_STREAM"]).serialize())
    attacker.until(lambda: 1 in attacker.closed_streams)
    target.survives()
    return attacker.heads.get(1, {}).get("grpc-status")


def compressed(data):
    return b"\1" + len(data).to_bytes(4, "big") + data


@check("a message that unpacks to 48 MiB is RESOURCE_EXHAUSTED, and is not unpacked")
def bomb(stack):
    data = gzip.compress(bytes(48 << 20), 9)  # fits the window that every stream has
    expect(status(stack, compressed(data), [("grpc-encoding", "gzip")]), "8", "status")


@check("a message that claims to have 4 GiB is RESOURCE_EXHAUSTED at once")
def claim(stack):
    expect(status(stack, b"\0\xff\xff\xff\xff" + b"x" * 1000), "8", "status")


@check("a message that is no gzip though it says so is INTERNAL; one in an unknown encoding UNIMPLEMENTED")
def garbled(stack):
    expect(status(stack, compressed(b"this is no gzip"), [("grpc-encoding", "gzip")]), "13", "status of garbled gzip")
    expect(status(stack, compressed(gzip.compress(b"x" * 1000)[:-9]), [("grpc-encoding", "gzip")]), "13", "status of truncated gzip")
    expect(status(stack, compressed(b"x"), [("grpc-encoding", "snappy")]), "12", "status of an unknown encoding")
