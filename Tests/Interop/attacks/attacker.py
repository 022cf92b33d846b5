# SPDX-License-Identifier: Apache-2.0
"""A peer that does what it likes: h2 opens the connection, frames of any kind follow, and what the server says is remembered."""

import select
import socket
import time

import h2.config
import h2.connection
import hpack
import hyperframe.frame as frames

ENHANCE_YOUR_CALM, PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, COMPRESSION_ERROR = 0xb, 0x1, 0x3, 0x6, 0x9
CANCEL, REFUSED_STREAM, NO_ERROR = 0x8, 0x7, 0x0


class Attacker:
    """One connection. With `settings` None it does not even begin HTTP/2."""

    def __init__(self, stack, target, settings=(), receive_buffer=None, acknowledges=True):
        host, port = target.split(":")
        self.socket = socket.socket()
        stack.callback(self.socket.close)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.unread, self.unsent = b"", b""
        self.acknowledges = acknowledges and settings is not None  # the server's SETTINGS
        self.goaway, self.word = None, b""  # its error code and what it said with it
        self.greeted = False  # the server's SETTINGS have come and are acknowledged
        self.ended = False  # by the server
        self.resets, self.heads, self.closed_streams, self.pings, self.data = {}, {}, set(), 0, 0
        self.stream = -1
        if settings is not None:
            connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
            connection.initiate_connection()
            if settings:
                connection.update_settings(dict(settings))
            self.send(connection.data_to_send())

    def next_stream(self):
        self.stream += 2
        return self.stream

    def request(self, stream, method="Echo", extra=(), flags=("END_HEADERS",)):
        """A HEADERS frame that begins a call; its bytes are the same for every stream after the first."""
        frame = frames.HeadersFrame(stream, self.head(method, extra), flags=flags)
        return frame.serialize()

    def head(self, method="Echo", extra=()):
        fields = [
            (":method", "POST"), (":scheme", "http"), (":path", f"/interop.Peer/{method}"), (":authority", "localhost"),
            ("te", "trailers"), ("content-type", "application/grpc"), *extra]
        return self.encoder.encode(fields, huffman=False)

    def call(self, stream, method="Echo", payload=b"", extra=()):
        return self.request(stream, method, extra) + message(stream, payload)

    def send(self, data):
        """Queues bytes and passes on what the socket takes now; reads what there is."""
        self.unsent += data
        self.pump(0)

    def pump(self, patience):
        """Writes and reads once, waiting for either as long as that."""
        readable, writable, _ = select.select([self.socket], [self.socket] if self.unsent else [], [], patience)
        if writable:
            try:
                self.unsent = self.unsent[self.socket.send(self.unsent):]
            except OSError:
                self.unsent = b""  # what the server said before it closed is still to be read
        if readable:
            try:
                data = self.socket.recv(1 << 18)
            except OSError:
                data = b""
            self.ended = not data
            self.read(data)

    def until(self, condition, patience=10):
        """Goes on reading and writing; gives whether the condition came true."""
        end = time.monotonic() + patience
        while not condition() and not self.ended and time.monotonic() < end:
            self.pump(0.05)
        return condition()

    def flood(self, pieces, patience=20, keep=1 << 20):
        """Sends piece after piece until the server ends the connection; gives how many were taken."""
        end = time.monotonic() + patience
        count = 0
        for piece in pieces:
            if self.ended or self.goaway not in (None, NO_ERROR) or time.monotonic() > end:
                break
            self.send(piece)
            while len(self.unsent) > keep and not self.ended and self.goaway is None and time.monotonic() < end:
                self.pump(0.1)
            count += 1
        self.until(lambda: self.ended, max(0.0, min(5, end - time.monotonic())))
        return count

    def read(self, data):
        self.unread += data
        while len(self.unread) >= 9:
            frame, length = frames.Frame.parse_frame_header(memoryview(self.unread[:9]))
            if len(self.unread) < 9 + length:
                return
            frame.parse_body(memoryview(self.unread[9:9 + length]))
            self.unread = self.unread[9 + length:]
            self.got(frame)

    def got(self, frame):
        if isinstance(frame, frames.GoAwayFrame):
            self.goaway, self.word = frame.error_code, frame.additional_data
        elif isinstance(frame, frames.RstStreamFrame):
            self.resets[frame.stream_id] = frame.error_code
            self.closed_streams.add(frame.stream_id)
        elif isinstance(frame, frames.HeadersFrame):
            self.heads.setdefault(frame.stream_id, {}).update(self.decoder.decode(frame.data))
        elif isinstance(frame, frames.DataFrame):
            self.data += len(frame.data)
        elif isinstance(frame, frames.SettingsFrame) and "ACK" not in frame.flags and self.acknowledges:
            self.unsent += frames.SettingsFrame(flags=["ACK"]).serialize()
            self.greeted = True
        elif isinstance(frame, frames.PingFrame):
            self.pings += "ACK" in frame.flags
        if "END_STREAM" in frame.flags:
            self.closed_streams.add(frame.stream_id)


def message(stream, payload, end=True):
    """A DATA frame with one gRPC message."""
    data = b"\0" + len(payload).to_bytes(4, "big") + payload
    return frames.DataFrame(stream, data, flags=["END_STREAM"] if end else []).serialize()


def raw(type, stream, body, flags=0):
    """A frame that hyperframe does not know, or would not make."""
    return len(body).to_bytes(3, "big") + bytes([type, flags]) + stream.to_bytes(4, "big") + body


def reset(stream, code=CANCEL):
    return frames.RstStreamFrame(stream, code).serialize()
