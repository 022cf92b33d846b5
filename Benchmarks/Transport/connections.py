# SPDX-License-Identifier: Apache-2.0
# What an open HTTP/2 connection costs a server in memory: opens many, makes one call on each, and keeps them. The frames are made
# by hand, so that a connection costs the client a socket and nothing else.
import resource, socket, struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def indexed(name, value):
    """A field that the peer puts into its dynamic table, as the clients of real gRPC libraries ask it to."""
    known = {":path": 4, ":authority": 1, "content-type": 31}.get(name)
    start = bytes([0x40 | known]) if known else bytes([0x40, len(name)]) + name.encode()
    return start + bytes([len(value)]) + value.encode()


def opening(path, port, message):
    """All that a client sends for its first call."""
    headers = b"\x83\x86" + indexed(":path", path) + indexed(":authority", f"127.0.0.1:{port}") \
        + indexed("content-type", "application/grpc") + indexed("user-agent", "catena-benchmark/1") + indexed("te", "trailers")
    return PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, headers) + frame(DATA, END_STREAM, 1, message)


def connect(port, bytes_to_send):
    """One connection whose first call has been answered, and whose SETTINGS both sides have acknowledged."""
    peer = socket.create_connection(("127.0.0.1", port), 10)
    peer.sendall(bytes_to_send)
    received, acknowledged, body, ended = b"", False, 0, False
    while not (ended and acknowledged):
        more = peer.recv(65536)
        if not more: raise SystemExit("the server closed a connection")
        received += more
        while len(received) >= 9:
            length = int.from_bytes(received[:3], "big")
            if len(received) < 9 + length: break
            kind, flags = received[3], received[4]
            if kind == SETTINGS and not flags & ACK: peer.sendall(frame(SETTINGS, ACK, 0))
            acknowledged |= kind == SETTINGS and bool(flags & ACK)
            body += length if kind == DATA else 0
            ended |= kind == HEADERS and bool(flags & END_STREAM)
            received = received[9 + length:]
    if body == 0: raise SystemExit("the server refused a call")
    return peer


def resident(pid):
    """KiB of memory that the process has in use."""
    return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS:"))


def allow_files(count):
    """For this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count: return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))
    except (ValueError, OSError):
        raise SystemExit(f"{count} open files are needed, and {hard} is the most that this user may have: see ulimit -Hn")


def growth(server, path, message, count):
    """KiB that `count` open connections have added to the server, for each; the first hundred are not counted, as they warm it up."""
    bytes_to_send = opening(path, server.port, message)
    first = [connect(server.port, bytes_to_send) for _ in range(100)]
    before = resident(server.pid)
    peers = [connect(server.port, bytes_to_send) for _ in range(count)]
    after = resident(server.pid)
    for peer in first + peers: peer.close()
    return (after - before) / count
