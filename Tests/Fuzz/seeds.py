#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the conversations and messages that the fuzzers begin with: what good peers send, and the accidents of HTTP/2.

    python3 -m venv V && V/bin/pip install hpack && V/bin/python Tests/Fuzz/seeds.py FOLDER

makes FOLDER/frames and FOLDER/messages. Header blocks are by PyPI's hpack, with its tables and Huffman codes; the form of the steps
is that of Tests/CatenaGRPCTests/Fuzzing/FrameScript.swift, and the form of a message that of Tests/CatenaNSMTests/Fuzzing.
"""

import gzip
import os
import struct
import sys

from hpack import Encoder

SERVER, CLIENT, SILENT, NARROW, LATE = 0, 1, 2, 4, 8
DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, PRIORITIZED, ACK = 0x1, 0x4, 0x8, 0x20, 0x1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags=0, stream=0, payload=b""):
    length = bytes([len(payload)]) if len(payload) < 255 else b"\xff" + struct.pack(">H", len(payload))
    return bytes([stream << 3, kind, flags]) + length + payload


def raw(data):
    return b"".join(bytes([(len(data[i : i + 32]) - 1) << 3 | 3]) + data[i : i + 32] for i in range(0, len(data), 32))


def deliver(piece=0):
    return bytes([piece << 3 | 4])


def call(action, number=0):
    return bytes([action << 3 | 5, number])


def connection(action):
    return bytes([action << 3 | 6])


def again(count):
    return bytes([count // 64 << 3 | 7])


def message(data, flag=0):
    return struct.pack(">BI", flag, len(data)) + data


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", *pair) for pair in pairs))


class Peer:
    """One HPACK table, as one connection has."""

    def __init__(self):
        self.encoder = Encoder()

    def block(self, fields):
        return self.encoder.encode(fields)

    def request(self, stream, path="/t/Echo", more=(), flags=END_HEADERS):
        fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "t"), ("te", "trailers")]
        fields += [("content-type", "application/grpc"), ("user-agent", "grpc-go/1.60.0")] + list(more)
        return frame(HEADERS, flags, stream, self.block(fields))

    def unary(self, stream, path="/t/Echo", data=b"hello", more=()):
        return self.request(stream, path, more) + frame(DATA, END_STREAM, stream, message(data))

    def head(self, stream, more=()):
        return frame(HEADERS, END_HEADERS, stream, self.block([(":status", "200"), ("content-type", "application/grpc")] + list(more)))

    def trailers(self, stream, status="0", more=()):
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, self.block([("grpc-status", status)] + list(more)))

    def reply(self, stream, data=b"hello", status="0"):
        return self.head(stream) + frame(DATA, 0, stream, message(data)) + self.trailers(stream, status)


def requests():
    """To a server."""
    peer = Peer()
    yield "unary", SERVER, peer.unary(1) + deliver() + peer.unary(3) + deliver()
    peer = Peer()
    yield "preface", SERVER | SILENT, raw(PREFACE) + settings((3, 100), (4, 65535)) + peer.unary(1) + deliver(5)
    for piece in (1, 7, 31):
        yield f"reads-of-{piece}", SERVER, Peer().unary(1) + deliver(piece)
    peer = Peer()
    streams = range(1, 31, 2)
    yield "many-streams", SERVER, b"".join(peer.unary(s, "/t/Hang") for s in streams) + deliver() + b"".join(call(s % 3, s) for s in range(15))
    for path in ("Echo", "Fail", "Hang", "Big", "None", "Collect", "Chat", "List", "Late"):
        yield f"path-{path.lower()}", SERVER, Peer().unary(1, "/t/" + path) + deliver() + call(0) + connection(0)
        two = frame(DATA, 0, 1, message(b"a") + message(b"")) + deliver() + frame(DATA, END_STREAM, 1, message(b"b" * 300))
        acts = b"".join(call(action) for action in (6, 4, 7, 4, 8, 9, 5))
        yield f"messages-{path.lower()}", SERVER, Peer().request(1, "/t/" + path) + deliver() + acts[:6] + two + deliver() + acts[6:] + call(2)
    yield "metadata", SERVER, Peer().unary(1, more=[("a-bin", "Zm9v,Zg"), ("x-text", "v"), ("x-text", "w"), ("grpc-timeout", "1H")])
    yield "deadline", SERVER, Peer().unary(1, "/t/Hang", more=[("grpc-timeout", "1n")]) + deliver() + connection(0) + call(0)
    yield "deadline-answered", SERVER, Peer().unary(1, "/t/Hang", more=[("grpc-timeout", "1m")]) + deliver() + call(3) + connection(0)
    yield "gzip", SERVER, Peer().request(1, more=[("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip")]) + frame(
        DATA, END_STREAM, 1, message(gzip.compress(b"hello " * 50, mtime=0), 1))
    yield "gzip-narrow", SERVER | NARROW, Peer().request(1, more=[("grpc-encoding", "gzip")]) + frame(
        DATA, END_STREAM, 1, message(gzip.compress(b"\0" * 100_000, mtime=0), 1))
    yield "gzip-unnamed", SERVER, Peer().request(1) + frame(DATA, END_STREAM, 1, message(b"x", 1))
    yield "reset", SERVER, Peer().unary(1, "/t/Hang") + deliver() + frame(RESET, 0, 1, struct.pack(">I", 8)) + deliver() + call(0)
    yield "reset-early", SERVER, Peer().request(1, "/t/Chat") + frame(RESET, 0, 1, struct.pack(">I", 0)) + again(64)
    yield "goaway", SERVER, Peer().unary(1, "/t/Hang") + frame(GOAWAY, payload=struct.pack(">II", 0, 0) + b"bye") + deliver() + call(0)
    yield "pings", SERVER, frame(PING, payload=b"12345678") + again(1984) * 6 + Peer().unary(1)
    yield "settings", SERVER, settings((1, 0), (3, 1), (4, 0), (5, 16384), (6, 100)) + again(1984) * 6 + deliver() + Peer().unary(1)
    yield "ack", SERVER, frame(SETTINGS, ACK) + frame(PING, ACK, payload=b"\0" * 8) + Peer().unary(1)
    padded = bytes([3]) + message(b"padded") + b"\0" * 3
    yield "padding", SERVER, Peer().request(1) + frame(DATA, END_STREAM | PADDED, 1, padded)
    block = Peer().block([(":method", "POST"), (":scheme", "http"), (":path", "/t/Echo"), (":authority", "t"), ("content-type", "application/grpc")])
    yield "continuation", SERVER, frame(HEADERS, 0, 1, block[:9]) + frame(CONTINUATION, 0, 1, block[9:20]) + frame(
        CONTINUATION, END_HEADERS, 1, block[20:]) + frame(DATA, END_STREAM, 1, message(b"x"))
    yield "continuation-flood", SERVER, frame(HEADERS, 0, 1, block) + frame(CONTINUATION, 0, 1, b"") + again(240)
    yield "headers-padded", SERVER, frame(HEADERS, END_HEADERS | PADDED | PRIORITIZED, 1, bytes([2]) + b"\0\0\0\0\x10" + block + b"\0\0") + frame(
        DATA, END_STREAM, 1, message(b"x"))
    yield "priority", SERVER, frame(PRIORITY, 0, 3, b"\0\0\0\1\x10") + Peer().unary(1)
    peer = Peer()
    yield "request-trailers", SERVER, peer.request(1) + frame(DATA, 0, 1, message(b"x")) + frame(
        HEADERS, END_HEADERS | END_STREAM, 1, peer.block([("x-trailer", "v")]))
    window = settings((4, 10)) + Peer().unary(1, "/t/Big") + deliver()
    yield "window", SERVER, window + frame(WINDOW, 0, 1, struct.pack(">I", 100)) + again(40) + deliver() + frame(
        WINDOW, 0, 1, struct.pack(">I", 200_000)) + frame(WINDOW, 0, 0, struct.pack(">I", 200_000))
    yield "window-of-3", SERVER, settings((4, 3)) + Peer().unary(1) + deliver() + frame(WINDOW, 0, 1, struct.pack(">I", 1)) + again(16) + deliver(13)
    yield "window-overflow", SERVER, Peer().unary(1, "/t/Big") + frame(WINDOW, 0, 1, struct.pack(">I", 0x7FFFFFFF)) + deliver()
    yield "unwritable", SERVER, connection(2) + Peer().unary(1, "/t/Big") + deliver() + call(0) + connection(3)
    yield "drain", SERVER, Peer().unary(1, "/t/Hang") + deliver() + connection(1) + frame(PING, ACK, payload=b"\0" * 8) + deliver() + call(0)
    peer = Peer()
    yield "drain-late-stream", SERVER, peer.unary(1, "/t/Hang") + deliver() + connection(1) + peer.unary(3) + deliver() + frame(
        PING, ACK, payload=b"\0" * 8) + deliver() + peer.unary(5) + deliver() + call(0)
    for number, name in ((4, "close"), (5, "error"), (7, "cut")):
        yield f"{name}-with-calls", SERVER, Peer().unary(1, "/t/Hang") + Peer().request(3, "/t/Chat") + deliver() + connection(number) + call(0)
    yield "two-reads", SERVER, Peer().unary(1) + Peer().unary(3, "/t/Fail") + connection(6)
    peer = Peer()
    yield "old-age", SERVER | NARROW | LATE, Peer().unary(1, "/t/Hang") + deliver()
    yield "slow-begin", SERVER | SILENT | LATE, raw(PREFACE[:9])
    yield "slow-headers", SERVER | LATE, frame(HEADERS, 0, 1, block)
    yield "limits", SERVER | NARROW, b"".join(peer.unary(s, "/t/Hang") for s in range(1, 11, 2)) + deliver()
    yield "too-large", SERVER | NARROW, Peer().request(1) + frame(DATA, 0, 1, message(b"x" * 1025))
    yield "large-metadata", SERVER | NARROW, Peer().unary(1, more=[("x-long", "0123456789" * 80)])
    yield "http", SERVER, frame(HEADERS, END_HEADERS | END_STREAM, 1, Peer().block([(":method", "GET"), (":scheme", "http"), (":path", "/")]))
    yield "http1", SERVER | SILENT, raw(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")


def responses():
    """To a client, whose first call is stream 1."""
    yield "unary", CLIENT, Peer().reply(1) + deliver()
    for piece in (1, 13):
        yield f"reads-of-{piece}", CLIENT, Peer().reply(1) + deliver(piece)
    peer = Peer()
    calls = b"".join(call(action, 10) for action in (0, 1, 3, 0, 2))
    yield "many-calls", CLIENT, deliver() + calls + connection(0) + b"".join(peer.reply(s) for s in (3, 1, 7, 5, 9)) + deliver()
    yield "trailers-only", CLIENT, frame(HEADERS, END_HEADERS | END_STREAM, 1, Peer().block(
        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"), ("grpc-message", "not%20here"), ("a-bin", "Zg")]))
    peer = Peer()
    yield "informational", CLIENT, frame(HEADERS, END_HEADERS, 1, peer.block([(":status", "103")])) + peer.reply(1)
    yield "proxy-error", CLIENT, frame(HEADERS, END_HEADERS | END_STREAM, 1, Peer().block([(":status", "503"), ("content-type", "text/html")]))
    yield "no-status", CLIENT, Peer().head(1) + frame(DATA, END_STREAM, 1, message(b"x"))
    yield "two-messages", CLIENT, Peer().head(1) + frame(DATA, 0, 1, message(b"a") + message(b"b")) + deliver()
    yield "cut-message", CLIENT, (peer := Peer()).head(1) + frame(DATA, 0, 1, message(b"abc")[:6]) + peer.trailers(1)
    yield "gzip", CLIENT, (peer := Peer()).head(1, [("grpc-encoding", "gzip")]) + frame(
        DATA, 0, 1, message(gzip.compress(b"hello " * 50, mtime=0), 1)) + peer.trailers(1)
    yield "bad-status", CLIENT, (peer := Peer()).head(1) + frame(DATA, 0, 1, message(b"x")) + peer.trailers(1, "99", [("a-bin", "?")])
    for code in (0, 7, 8, 11, 0x99):
        yield f"reset-{code}", CLIENT, deliver() + frame(RESET, 0, 1, struct.pack(">I", code)) + deliver()
    yield "goaway", CLIENT, deliver() + call(0) + connection(0) + frame(GOAWAY, payload=struct.pack(">II", 1, 0) + b"bye") + Peer().reply(1) + deliver()
    yield "goaway-twice", CLIENT, deliver() + frame(GOAWAY, payload=struct.pack(">II", 0x7FFFFFFF, 0)) + frame(
        PING, payload=b"\0" * 8) + deliver() + frame(GOAWAY, payload=struct.pack(">II", 1, 0)) + Peer().reply(1) + deliver() + call(0)
    yield "goaway-flood", CLIENT, deliver() + call(0) + frame(GOAWAY, payload=struct.pack(">II", 0, 11)) + again(100)
    yield "stream-limit", CLIENT, settings((3, 1)) + deliver() + call(0) + call(0) + call(3) + (peer := Peer()).reply(1) + deliver() + peer.reply(3) + deliver()
    yield "stream-limit-0", CLIENT, settings((3, 0)) + deliver() + call(0) + call(4, 0) + settings((3, 5)) + deliver()
    yield "window", CLIENT, settings((4, 10)) + deliver() + call(1, 200) + frame(WINDOW, 0, 3, struct.pack(">I", 100_000)) + deliver()
    yield "cancel", CLIENT, deliver() + call(1, 200) + connection(0) + call(4, 0) + connection(0) + Peer().reply(1) + deliver()
    yield "deadline", CLIENT, deliver() + call(2, 1) + connection(0) + connection(0)
    yield "push", CLIENT, deliver() + frame(PUSH, END_HEADERS, 1, struct.pack(">I", 2) + Peer().block([(":method", "GET")]))
    yield "unwritable", CLIENT, connection(2) + deliver() + call(1, 250) + connection(3) + connection(0)
    yield "drain", CLIENT, deliver() + call(0) + connection(1) + Peer().reply(1) + deliver() + call(0)
    for number, name in ((4, "close"), (5, "error"), (7, "cut")):
        yield f"{name}-with-calls", CLIENT, deliver() + call(0) + call(1, 9) + connection(0) + connection(number) + call(0)
    yield "too-large", CLIENT | NARROW, Peer().head(1) + frame(DATA, 0, 1, message(b"x" * 1025))
    yield "large-metadata", CLIENT | NARROW, Peer().head(1, [("x-long", "0123456789" * 80)]) + frame(DATA, 0, 1, message(b"x"))
    yield "silence", CLIENT | SILENT, call(0) + connection(0)
    yield "garbage", CLIENT | SILENT, raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(number, key, value):
    return field(number, field(1, key) + field(2, value))


def wire():
    """Requests as NSM's clients, forwarders and endpoints send them."""
    expires = field(4, field(1, 1_800_000_000) + field(2, 500))
    segments = b"".join(
        field(2, field(1, name) + field(2, f"{name}-id") + field(3, "token") + expires + entry(5, "rx", "1")) for name in ("nsc", "nsmgr"))
    path = field(6, field(1, 1) + segments)
    mechanism = field(1, "LOCAL") + field(2, "KERNEL") + entry(3, "inodeURL", "file:///proc/self/ns/net") + entry(3, "name", "nsm-1")
    route = field(1, "10.0.0.0/8") + field(2, "10.0.0.1")
    ip = field(1, "10.0.0.1/32") + field(2, "10.0.0.2/32") + field(3, 1) + field(4, 1) + field(5, route) + field(6, route)
    ip += field(7, "10.1.0.0/16") + field(8, field(1, "10.0.0.3") + field(2, "00:11")) + field(11, field(1, "a") + field(5, route))
    ip += field(9, field(1, field(1, 1)) + field(2, 32) + field(3, 1) + field(4, 2)) + field(10, "10.2.0.0/16")
    context = field(1, ip) + field(2, field(1, field(1, "8.8.8.8") + field(2, "local")))
    context += field(3, field(1, "0a:0b") + field(2, "0c:0d") + field(3, 7)) + entry(4, "k", "v") + field(5, 1500)
    rest = field(1, "c-1") + field(2, "icmp") + entry(5, "app", "x") + field(7, "nse-1") + field(8, "ETHERNET") + field(9, 2)
    whole = rest + field(3, mechanism) + field(4, context) + path
    unknown = field(999, "xyz") + b"\xbb\x3e\x08\x05\xbc\x3e"  # a field, and a group of 999
    yield "empty", b""
    yield "connection", field(1, rest)
    yield "path", field(1, path)
    yield "context", field(1, field(4, context))
    yield "whole", field(1, whole) + field(2, mechanism) + field(2, mechanism)
    yield "unknown", field(1, field(6, unknown + segments) + unknown + field(3, unknown)) + unknown
    yield "repeated", field(1, rest) + field(2, mechanism) + field(1, path + rest)
    yield "twice", field(1, field(1, "a") + field(1, "b") + entry(5, "k", "1") + entry(5, "k", "2") + field(9, 1) + field(9, 0))
    yield "padded", b"\x8a\x80\x00\x88\x80\x00" + field(1, "padded") + b""
    yield "deep", b"\x0b" * 50 + b"\x0c" * 50


def main(folder):
    for name in ("frames", "messages"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    scripts = [("request", r) for r in requests()] + [("response", r) for r in responses()]
    for kind, (name, options, script) in scripts:
        with open(os.path.join(folder, "frames", f"{kind}-{name}"), "wb") as out:
            out.write(bytes([options]) + script)
    count = 0
    for name, message in wire():
        for edits in (0, 3, 7):
            choices = bytes((edits * 37 + i * 11) & 0xFF for i in range(edits * 4))
            with open(os.path.join(folder, "messages", f"{name}-{edits}-edits"), "wb") as out:
                out.write(bytes([edits | len(choices) // 2 << 3]) + choices + message)
            count += 1
    print(f"{len(scripts)} conversations, {count} messages")


if __name__ == "__main__":
    main(sys.argv[1])
