# SPDX-License-Identifier: Apache-2.0
# A client that makes calls by the thousand over one HTTP/2 connection, and leaves open what they have opened: what a connection
# costs can be read only while nobody calls. The frames are made by hand, as a gRPC library would be most of the time.
import socket, struct

from connections import ACK, DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS, frame, indexed

PING, GOAWAY, WINDOW_UPDATE = 6, 7, 8
INITIAL_WINDOW_SIZE = 4
IN_FLIGHT = 64
WINDOW = 1 << 24


def window(size): return frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", size))


class Caller:
    """One HTTP/2 connection to a server on the loopback, for calls of one method."""

    def __init__(self, port, path):
        self.peer = socket.create_connection(("127.0.0.1", port), 60)
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = b"\x83\x86" + indexed(":path", path) + indexed(":authority", f"127.0.0.1:{port}") \
            + indexed("content-type", "application/grpc") + indexed("te", "trailers")
        self.peer.sendall(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, WINDOW)) + window(WINDOW))
        self.stream, self.unread, self.bodies = -1, b"", {}

    def calls(self, messages):
        """Makes a call with each of these, a number of them at a time, and returns the answers in their order."""
        answers, places = [None] * len(messages), {}
        begun = 0
        while begun < len(messages) or places:
            out = []
            while len(places) < IN_FLIGHT and begun < len(messages):
                out.append(self.call(messages[begun]))
                places[self.stream] = begun
                begun += 1
            self.peer.sendall(b"".join(out))
            for stream in self.ended():
                body = self.bodies.pop(stream)
                if len(body) <= 5: raise SystemExit("the server refused a call")
                answers[places.pop(stream)] = body[5:]
        return answers

    def call(self, message):
        self.stream += 2
        # The peer's table has all of them after the first call, the newest in front.
        headers, self.headers = self.headers, b"\x83\x86\xc1\xc0\xbf\xbe"
        self.bodies[self.stream] = b""
        return frame(HEADERS, END_HEADERS, self.stream, headers) \
            + frame(DATA, END_STREAM, self.stream, b"\0" + struct.pack(">I", len(message)) + message)

    def ended(self):
        """The streams that have ended with what the next read brings."""
        more = self.peer.recv(1 << 18)
        if not more: raise SystemExit("the server closed the connection")
        received, at, ended, back, count = self.unread + more, 0, [], [], 0
        while len(received) >= at + 9:
            length, kind, flags = int.from_bytes(received[at:at + 3], "big"), received[at + 3], received[at + 4]
            if len(received) < at + 9 + length: break
            stream, payload = int.from_bytes(received[at + 5:at + 9], "big"), received[at + 9:at + 9 + length]
            at += 9 + length
            if kind == DATA:
                self.bodies[stream] += payload
                count += length
            elif kind == SETTINGS and not flags & ACK: back.append(frame(SETTINGS, ACK, 0))
            elif kind == PING and not flags & ACK: back.append(frame(PING, ACK, 0, payload))
            elif kind == GOAWAY: raise SystemExit("the server wants no more calls")
            elif kind == HEADERS and flags & END_STREAM: ended.append(stream)
        self.unread = received[at:]
        if count: back.append(window(count))
        if back: self.peer.sendall(b"".join(back))
        return ended
