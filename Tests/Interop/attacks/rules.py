# SPDX-License-Identifier: Apache-2.0
"""Breaches of HTTP/2 itself: the code says which."""

import hyperframe.frame as frames

from .attacker import COMPRESSION_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, PROTOCOL_ERROR, raw
from .target import Target, check


@check("breaches of HTTP/2 are ended with their own codes: PROTOCOL, FRAME_SIZE, COMPRESSION and FLOW_CONTROL_ERROR")
def breaches(stack):
    target = Target(stack)
    cases = {
        "DATA on a stream that was never begun": (raw(0, 1, b"x"), PROTOCOL_ERROR),
        "RST_STREAM on a stream that was never begun": (raw(3, 1, bytes(4)), PROTOCOL_ERROR),
        "HEADERS on an even stream": (frames.HeadersFrame(2, b"\x82", flags=["END_HEADERS"]).serialize(), PROTOCOL_ERROR),
        "CONTINUATION without HEADERS": (raw(9, 1, b""), PROTOCOL_ERROR),
        "PUSH_PROMISE from a client": (raw(5, 1, bytes(4), 4), PROTOCOL_ERROR),
        "PING of 7 bytes": (raw(6, 0, bytes(7)), FRAME_SIZE_ERROR),
        "SETTINGS of 5 bytes": (raw(4, 0, bytes(5)), FRAME_SIZE_ERROR),
        "a frame above 16,384 bytes": (raw(0, 1, bytes(16_385)), FRAME_SIZE_ERROR),
        "a header block that is no HPACK": (raw(1, 1, b"\xff\xff\xff\xff\xff\xff\xff", 4), COMPRESSION_ERROR),
        "a window beyond 2^31-1": (raw(8, 0, (0x7fffffff).to_bytes(4, "big")), FLOW_CONTROL_ERROR),
        "a window that grows by nothing": (raw(8, 0, bytes(4)), PROTOCOL_ERROR),
    }
    for name, (data, code) in cases.items():
        attacker = target.attacker()
        attacker.send(data)
        attacker.until(lambda: attacker.ended)
        try:
            target.ends(attacker, code)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None
    target.survives()


@check("bytes that are no HTTP/2 at all are ended")
def strangers(stack):
    target = Target(stack)
    http1, tls = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    for text in (http1, tls, bytes(100), b"\xff" * 100_000):
        attacker = target.attacker(settings=None)
        attacker.send(text)
        attacker.until(lambda: attacker.ended)
        target.ends(attacker)
    target.survives()
