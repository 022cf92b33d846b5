# SPDX-License-Identifier: Apache-2.0
# The Requests of a client's life: the first one, and refreshes with what came back and a new end of the client's path segment, so
# that no refresh is byte for byte the one before.
import uuid

REQUEST_PATH = "/networkservice.NetworkService/Request"
PREFERENCE = b"\x12\x0f\x0a\x05LOCAL\x12\x06KERNEL"


def varint(value):
    out = b""
    while value > 127: out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value): return bytes([number << 3 | 2]) + varint(len(value)) + value


def expires(seconds): return field(4, b"\x08" + varint(seconds))


def first(end):
    """A Request of normal size: a connection with its path of one hop, and one preference."""
    id = str(uuid.uuid4()).encode()
    segment = field(1, b"client") + field(2, id) + expires(end)
    connection = field(1, id) + field(2, b"icmp-responder") + field(6, field(2, segment))
    return field(1, connection) + PREFERENCE


def refresh(connection, old, new):
    """With the end of the client's segment moved from `old` to `new`, which is as long."""
    renewed = connection.replace(expires(old), expires(new))
    if renewed == connection: raise SystemExit("an answer without the client's path segment")
    return field(1, renewed) + PREFERENCE
