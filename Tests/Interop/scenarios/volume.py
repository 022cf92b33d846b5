# SPDX-License-Identifier: Apache-2.0
"""Many calls on one connection, and what happens at the limit of its streams."""

from .checks import check, expect


def all_well(answer, count):
    expect(answer.codes, {"0": count}, f"codes (the first failure: {answer.failure})")


@check("10,000 calls in sequence and 10,000 at once, without an error, on one TCP connection")
def many(setting, stack):
    server, client = setting.pair(stack)
    all_well(client.ask("calls", patience=120, size=57, count=10_000), 10_000)
    all_well(client.ask("calls", patience=120, size=57, count=10_000, concurrency=10_000), 10_000)
    counters = server.counters()
    expect((counters["begun"], counters["connections"]), (20_000, 1), "calls and connections at the server")
    expect(counters.get("accepted", 1), 1, "connections accepted")


@check("a server that takes 10 streams at a time is given 2,000 calls, 500 at once, without an error")
def few_streams(setting, stack):
    server, client = setting.pair(stack, maxConcurrentStreams=10)
    all_well(client.ask("calls", patience=60, size=57, count=2_000, concurrency=500), 2_000)
    expect(server.counter("connections"), 1, "connections")
