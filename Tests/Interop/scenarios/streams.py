# SPDX-License-Identifier: Apache-2.0
"""Streaming calls, and what a reader that stops does to its writer."""

import time

from .checks import check, expect, expect_below, until
from .deadlines import cancelled

# Bytes that may lie between a writer and a reader that has stopped, half of the stream: grpcio and grpc-go widen their windows, the
# more the slower the machine. What a writer keeps itself is bounded by less.
UNREAD, KEPT = 32 << 20, 12 << 20
PAUSES = (1500, 6000, 24_000)  # milliseconds; the next one where a machine cannot look at the writer in time


def ended(answer, **expected):
    expect(answer.code, 0, f"code ({answer.message})")
    for name, value in expected.items():
        expect(answer[name], value, name)


@check("server streaming: 1,000 messages in order, none, and 10 of 3 MiB")
def download(setting, stack):
    for count, size in ((1000, 1000), (0, 0), (10, 3 << 20), (1, 0)):
        ended(setting.common.ask("download", count=count, size=size), count=count, size=count * size, intact=True)


@check("client streaming: 1,000 messages, none, and 10 of 3 MiB")
def upload(setting, stack):
    for count, size in ((1000, 1000), (0, 0), (10, 3 << 20), (1, 0)):
        ended(setting.common.ask("upload", count=count, size=size), payload=f"{count} {count * size}")


@check("bidirectional streaming: 1,000 messages, each echoed before the next is sent")
def chat(setting, stack):
    ended(setting.common.ask("chat", count=1000, size=100), count=1000, intact=True)
    ended(setting.common.ask("chat", count=3, size=3 << 20), count=3, intact=True)
    ended(setting.common.ask("chat", count=0, size=0), count=0)


@check("a stream can end with any status after its messages, with trailers")
def failing(setting, stack):
    for code in (1, 5, 16):
        for count in (0, 1, 100):
            answer = setting.common.ask("download", count=count, size=1000, code=code)
            expect((answer.code, answer.message, answer.count), (code, "enough", count), "code, text and messages")
            expect(answer.trailers, [["sent", f"{count}"]], "trailers")


@check("a server that has heard enough ends the stream of a client that still sends")
def refused(setting, stack):
    server, client = setting.pair(stack)
    for code in (9, 16):
        answer = client.ask("upload", count=2000, size=16_000, metadata=[["refuse", f"{code}"]])
        expect((answer.code, answer.message), (code, "enough"), "code and text")
    expect(client.ask("call").code, 0, "code of the next call")
    expect((server.counter("connections"), server.counter("cancelled")), (1, 0), "connections, and calls that were cancelled")


@check("20 streams of each kind at once on one connection")
def many(setting, stack):
    server, client = setting.pair(stack)
    calls = [client.begin(kind, count=20, size=5000) for kind in ("download", "upload", "chat") for _ in range(20)]
    for call in calls:
        expect(call.result(60).code, 0, "code")
    expect(server.counter("connections"), 1, "connections")


@check("a stream that its reader cancels ends at once for its writer; one past its deadline too")
def cancel(setting, stack):
    server, client = setting.pair(stack)
    answer = client.ask("download", count=100_000, size=1000, cancelAfter=10)
    expect(answer.code, 1, f"code ({answer.message})")
    cancelled(server, 1)
    answer = client.ask("download", count=2, size=1000, pauseAfter=1, pause=1, timeout=20_000)
    expect(answer.code, 0, f"code ({answer.message})")
    answer = client.ask("download", count=1_000_000, size=1000, timeout=500)
    expect(answer.code, 4, f"code ({answer.message})")
    cancelled(server, 2)


def settled(read):
    """A number, when it has stopped growing."""
    last = -1
    while last != (now := read()):
        last = now
        time.sleep(0.2)
    return now


def stalls(setting, stack, does_server_write, begin):
    """The writer waits for the reader, well before the end and with bounded memory, while other calls go on; then the stream goes on
    to its end, and its answer is given. `begin` begins it at a client, with the time for which its reader stops."""
    for pause in PAUSES:
        server, client = setting.pair(stack)  # new ones each time, as windows grow with use
        writer = server if does_server_write else client
        client.ask("call")
        memory, began = writer.memory(), time.monotonic()
        call = begin(client, pause)
        until(lambda: writer.counter("sent") > 0, "the stream has begun")
        expect(client.ask("calls", count=100, size=1000).codes, {"0": 100}, "codes of other calls")
        sent = settled(lambda: writer.counter("sent"))
        grown, is_over = writer.memory() - memory, call.done()
        was_within = time.monotonic() - began < pause / 1000
        answer = call.result(60)
        expect(answer.code, 0, f"code ({answer.message})")
        if was_within:
            break  # the reader has not read meanwhile
    expect(is_over, False, "the call has ended")
    expect_below(sent, UNREAD, "bytes sent while the reader did not read")
    if writer.name.startswith("Catena"):
        expect_below(grown, KEPT, "bytes that the writer's process has grown by")
    return answer


@check("a client that stops reading makes the server wait; other calls go on, and then the stream ends well")
def slow_client(setting, stack):
    answer = stalls(
        setting, stack, True,
        lambda client, pause: client.begin("download", count=4000, size=16_000, pauseAfter=1, pause=pause))
    expect((answer.count, answer.intact), (4000, True), "messages that came")


@check("a server that stops reading makes the client wait; other calls go on, and then the stream ends well")
def slow_server(setting, stack):
    answer = stalls(
        setting, stack, False,
        lambda client, pause: client.begin("upload", count=4000, size=16_000, metadata=[["pause", f"{pause}"]]))
    expect(answer.payload, f"4000 {4000 * 16_000}", "what the server counted")
