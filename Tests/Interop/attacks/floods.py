# SPDX-License-Identifier: Apache-2.0
"""Frames that cost their sender nothing, in any number."""

import itertools
import time

import hpack
import hyperframe.frame as frames

from scenarios.checks import expect, expect_below

from .attacker import ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, PROTOCOL_ERROR, REFUSED_STREAM, raw, reset
from .target import Target, check

BATCH = 100  # frames sent at a time
ENOUGH = 500_000  # frames; long before that the server has ended it
CALM = (ENHANCE_YOUR_CALM,)


def held_by_sockets():
    """Bytes that the two sockets of a connection may hold: sent by the flood, and never seen by the server."""
    return sum(int(open(f"/proc/sys/net/ipv4/{name}").read().split()[2]) for name in ("tcp_rmem", "tcp_wmem"))


def flood(stack, data, codes=CALM, prepare=lambda attacker: None):
    """Sends the same bytes until the connection is ended with one of the codes."""
    target = Target(stack)
    attacker = target.attacker()
    prepare(attacker)
    batches = attacker.flood(itertools.repeat(data * BATCH))
    target.ends(attacker, *codes)
    expect_below(batches * BATCH, ENOUGH + held_by_sockets() // len(data), "frames that were sent")
    target.survives()


@check("a flood of PINGs is ended with ENHANCE_YOUR_CALM")
def pings(stack):
    flood(stack, frames.PingFrame(0, b"12345678").serialize())


@check("a flood of PINGs by a peer that reads no answer is ended")
def deaf_pings(stack):
    target = Target(stack)
    attacker = target.attacker(receive_buffer=4096)
    ping = frames.PingFrame(0, b"12345678").serialize() * BATCH
    attacker.socket.settimeout(5)
    end = time.monotonic() + 5
    try:
        while time.monotonic() < end:
            attacker.socket.sendall(ping)
    except ConnectionError:
        attacker.ended = True
    except TimeoutError:
        pass
    target.ends(attacker)
    target.survives()


@check("a flood of PING answers that nobody asked for is ended with ENHANCE_YOUR_CALM")
def ping_answers(stack):
    flood(stack, frames.PingFrame(0, b"12345678", flags=["ACK"]).serialize(), CALM + (PROTOCOL_ERROR,))


@check("a flood of SETTINGS is ended with ENHANCE_YOUR_CALM")
def settings(stack):
    flood(stack, frames.SettingsFrame(0, {frames.SettingsFrame.INITIAL_WINDOW_SIZE: 65_535}).serialize())


@check("a flood of PRIORITY is ended with ENHANCE_YOUR_CALM")
def priority(stack):
    flood(stack, frames.PriorityFrame(1, depends_on=3, stream_weight=10).serialize())


@check("a flood of frames of an unknown type is ended with ENHANCE_YOUR_CALM")
def unknown(stack):
    flood(stack, raw(0xee, 0, b"x" * 10))


@check("a flood of WINDOW_UPDATE for the connection is ended")
def connection_windows(stack):
    flood(stack, frames.WindowUpdateFrame(0, window_increment=1).serialize(), CALM + (FLOW_CONTROL_ERROR,))


@check("a flood of WINDOW_UPDATE for a stream is ended")
def stream_windows(stack):
    flood(
        stack, frames.WindowUpdateFrame(1, window_increment=1).serialize(), CALM + (FLOW_CONTROL_ERROR,),
        lambda attacker: attacker.send(attacker.call(attacker.next_stream(), "Sleep")))


@check("a flood of empty DATA is ended with ENHANCE_YOUR_CALM, on a unary call and on a stream")
def empty_data(stack):
    for method in ("Echo", "Upload"):
        flood(
            stack, frames.DataFrame(1, b"").serialize(), CALM,
            lambda attacker: attacker.send(attacker.request(attacker.next_stream(), method)))


@check("a flood of DATA that is padding only is ended with ENHANCE_YOUR_CALM")
def padding(stack):
    flood(
        stack, frames.DataFrame(1, b"", pad_length=8, flags=["PADDED"]).serialize(), CALM + (FLOW_CONTROL_ERROR,),
        lambda attacker: attacker.send(attacker.request(attacker.next_stream(), "Upload")))


def each_stream(stack, bytes_for, method="Sleep"):
    """Begins call after call and does the same to each, until the connection is ended."""
    target = Target(stack)
    attacker = target.attacker()

    def batches():
        while True:
            streams = [attacker.next_stream() for _ in range(BATCH)]
            yield b"".join(attacker.call(stream, method) + bytes_for(stream) for stream in streams)

    count = attacker.flood(batches())
    # A batch that comes in one piece can be above the limit of streams before the first of them is reset.
    target.ends(attacker, *CALM, PROTOCOL_ERROR)
    expect_below(count * BATCH, ENOUGH, "calls that were begun")
    target.survives()


@check("calls that are reset as soon as they are begun (CVE-2023-44487) are ended with ENHANCE_YOUR_CALM")
def rapid_resets(stack):
    each_stream(stack, reset)


@check("calls that make the server reset them (CVE-2025-8671) are ended")
def provoked_resets(stack):
    each_stream(stack, lambda stream: frames.WindowUpdateFrame(stream, window_increment=(1 << 31) - 1).serialize())


@check("calls that are malformed and therefore reset are ended")
def malformed(stack):
    target = Target(stack)
    attacker = target.attacker()
    bad = attacker.encoder.encode([hpack.NeverIndexedHeaderTuple("connection", "close")])

    def batches():
        while True:
            streams = [attacker.next_stream() for _ in range(BATCH)]
            yield b"".join(frames.HeadersFrame(stream, bad, flags=["END_HEADERS"]).serialize() for stream in streams)

    attacker.flood(batches())
    target.ends(attacker, *CALM, PROTOCOL_ERROR)
    target.survives()


@check("calls above a limit of streams that the peer has acknowledged are ended with PROTOCOL_ERROR")
def above(stack):
    target = Target(stack)
    attacker = target.attacker()
    attacker.until(lambda: attacker.greeted)
    for _ in range(1001):
        attacker.send(attacker.call(attacker.next_stream(), "Sleep"))
    attacker.until(lambda: attacker.ended)
    target.ends(attacker, PROTOCOL_ERROR)
    target.survives()


@check("calls above a limit that the peer has not acknowledged are refused, a flood of them is ended with ENHANCE_YOUR_CALM")
def refused(stack):
    target = Target(stack)
    attacker = target.attacker(acknowledges=False)
    for _ in range(1001):
        attacker.send(attacker.call(attacker.next_stream(), "Sleep"))
    attacker.until(lambda: attacker.resets)
    expect(attacker.resets, {attacker.stream: REFUSED_STREAM}, "what was reset")
    attacker.flood(attacker.call(attacker.next_stream(), "Sleep") for _ in itertools.count())
    target.ends(attacker, *CALM)
    target.survives()
