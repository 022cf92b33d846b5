# SPDX-License-Identifier: Apache-2.0
"""Peers that look busy and mean no harm: no limit may meet them."""

import hyperframe.frame as frames

from scenarios.checks import expect

from .attacker import reset
from .target import Target, check


def pipelined(attacker, bytes_for, count, at_once=100):
    """Makes calls, a few at a time; gives how many ended."""
    begun = 0
    while begun < count and not attacker.ended:
        streams = [attacker.next_stream() for _ in range(at_once)]
        attacker.send(b"".join(bytes_for(i, stream) for i, stream in enumerate(streams)))
        begun += at_once
        attacker.until(lambda: attacker.closed_streams.issuperset(streams))
        # The server's own window for us is not the subject here.
        attacker.send(frames.WindowUpdateFrame(0, window_increment=60_000).serialize())
    return len(attacker.closed_streams)


@check("20,000 calls with a PING for each, as grpc-go sends them, meet no limit")
def pings(stack):
    target = Target(stack)
    attacker = target.attacker()
    ping = frames.PingFrame(0, b"12345678").serialize()
    expect(pipelined(attacker, lambda i, stream: attacker.call(stream) + ping, 20_000), 20_000, "calls that ended")
    attacker.until(lambda: attacker.pings == 20_000)
    expect((attacker.goaway, attacker.pings), (None, 20_000), "GOAWAY, and answers to PINGs")
    target.survives()


@check("24,000 calls of which the caller cancels every other meet no limit")
def resets(stack):
    target = Target(stack)
    attacker = target.attacker()

    def one(i, stream):
        if i % 2:
            attacker.closed_streams.add(stream)
            return attacker.request(stream) + reset(stream)
        return attacker.call(stream)

    expect(pipelined(attacker, one, 24_000), 24_000, "calls that ended")
    expect(attacker.goaway, None, "GOAWAY")
    target.survives()


@check("a grpc-go client of which one call in two runs into its deadline, 4,000 of 8,000, meets no limit")
def cancellations(stack):
    target = Target(stack)
    calls = [target.neighbour.begin("calls", method="Sleep", timeout=5, count=2000, concurrency=50) for _ in range(2)]
    calls += [target.neighbour.begin("calls", count=2000, concurrency=50) for _ in range(2)]
    codes = [call.result(30).codes for call in calls]
    expect(codes, [{"4": 2000}] * 2 + [{"0": 2000}] * 2, "codes")
    expect(target.server.counter("connections"), 1, "connections")
    target.survives()
