# SPDX-License-Identifier: Apache-2.0
"""Messages up to the limit and above it."""

from .checks import check, expect

LIMIT = 4 << 20


@check("3 MiB go both ways, 20 times in sequence and 20 at once")
def large(setting, stack):
    answer = setting.common.ask("call", size=3 << 20)
    expect((answer.code, answer.size, answer.intact), (0, 3 << 20, True), "code, size and sameness")
    for concurrency in (1, 20):
        expect(setting.common.ask("calls", size=3 << 20, count=20, concurrency=concurrency).codes, {"0": 20}, "codes")


@check("a message of 4 MiB is taken, one byte more is RESOURCE_EXHAUSTED, at the server and at the client; the connection goes on")
def limit(setting, stack):
    server, client = setting.pair(stack)
    expect(client.ask("call", size=LIMIT).code, 0, "code of a request of 4 MiB")
    expect(client.ask("call", method="Make", payload=f"{LIMIT}").size, LIMIT, "size of an answer of 4 MiB")
    expect(client.ask("call", size=LIMIT + 1).code, 8, "code of a request above it")
    expect(client.ask("call", method="Make", payload=f"{LIMIT + 1}").code, 8, "code of an answer above it")
    expect(client.ask("call", size=10 << 20).code, 8, "code of a request of 10 MiB")
    expect(client.ask("call", size=100).code, 0, "code of the next call")
    expect(server.counter("connections"), 1, "connections")
