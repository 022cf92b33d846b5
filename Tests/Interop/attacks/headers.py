# SPDX-License-Identifier: Apache-2.0
"""Header blocks without end, without bound, or that grow when they are unpacked."""

import itertools

import hyperframe.frame as frames

from scenarios.checks import expect

from .attacker import ENHANCE_YOUR_CALM, message
from .target import Target, check

CALM = (ENHANCE_YOUR_CALM,)


def block(attacker, data, end=True):
    """A header block in as many frames as it takes."""
    stream = attacker.next_stream()
    pieces = [data[i:i + 16_384] for i in range(0, len(data), 16_384)]
    frame = frames.HeadersFrame(stream, pieces[0], flags=["END_HEADERS"] if end and len(pieces) == 1 else [])
    yield frame.serialize()
    for i, piece in enumerate(pieces[1:], 2):
        yield frames.ContinuationFrame(stream, piece, flags=["END_HEADERS"] if end and i == len(pieces) else []).serialize()


def sent(stack, fields):
    """Sends one call with these fields in its head; gives the target and the attacker when something has come of it."""
    target = Target(stack)
    attacker = target.attacker()
    attacker.send(b"".join(block(attacker, attacker.head(extra=fields))) + message(1, b""))
    attacker.until(lambda: 1 in attacker.closed_streams)
    return target, attacker


@check("100 KiB of metadata are RESOURCE_EXHAUSTED, and the connection goes on")
def large(stack):
    target, attacker = sent(stack, [(f"big-{i}", "x" * 10_000) for i in range(10)])
    expect(attacker.heads.get(1, {}).get("grpc-status"), "8", f"status (GOAWAY {attacker.goaway}, resets {attacker.resets})")
    attacker.send(attacker.call(attacker.next_stream()))
    attacker.until(lambda: 3 in attacker.closed_streams)
    expect(attacker.heads.get(3, {}).get("grpc-status"), "0", "status of the next call")
    target.survives()


@check("a header list of 10 MiB is ended with ENHANCE_YOUR_CALM")
def huge(stack):
    target, attacker = sent(stack, [(f"big-{i}", "x" * 10_000) for i in range(1000)])
    target.ends(attacker, *CALM)
    target.survives()


@check("30,000 tiny fields in one header list are ended with ENHANCE_YOUR_CALM")
def tiny(stack):
    target, attacker = sent(stack, [(f"{i}", "") for i in range(30_000)])
    target.ends(attacker, *CALM)
    target.survives()


@check("a field of 4 KB that is repeated 100,000 times by its number (HPACK bomb) is ended with ENHANCE_YOUR_CALM")
def repeated(stack):
    target = Target(stack)
    attacker = target.attacker()
    attacker.send(attacker.call(attacker.next_stream(), extra=[("big", "x" * 3900)]))
    once = attacker.encoder.encode([("big", "x" * 3900)])
    expect(len(once), 1, "bytes of the field the second time")
    attacker.send(b"".join(block(attacker, attacker.head() + once * 100_000)))
    attacker.until(lambda: attacker.ended)
    target.ends(attacker, *CALM)
    target.survives()


@check("CONTINUATION frames without end are ended with ENHANCE_YOUR_CALM")
def continuations(stack):
    endless(stack, b"\x00\x01a\x01b" * 3000)


@check("CONTINUATION frames without end and without content are ended with ENHANCE_YOUR_CALM")
def empty_continuations(stack):
    endless(stack, b"")


def endless(stack, data):
    target = Target(stack)
    attacker = target.attacker()
    head = frames.HeadersFrame(attacker.next_stream(), attacker.head(), flags=[]).serialize()
    more = frames.ContinuationFrame(1, data).serialize()
    attacker.flood(itertools.chain([head], itertools.repeat(more, 100_000)))
    target.ends(attacker, *CALM)
    target.survives()


@check("a flood of header blocks on one stream, as trailers, is ended")
def trailers(stack):
    target = Target(stack)
    attacker = target.attacker()
    attacker.send(attacker.request(attacker.next_stream(), "Upload"))
    more = frames.HeadersFrame(1, attacker.encoder.encode([("a", "b")]), flags=["END_HEADERS"]).serialize()
    # What is not part of a call costs by its bytes, and these have few.
    attacker.flood(itertools.repeat(more * 100, 10_000), patience=60)
    target.ends(attacker)
    target.survives()
