# SPDX-License-Identifier: Apache-2.0
"""Peers that ask for much and read nothing. Their connections need not end; their memory is bounded, and so are their calls."""

import time

import h2.settings

from scenarios.checks import expect, until

from .target import GROWTH, Target, check

NO_WINDOW = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}


@check("500 streams of a peer with a window of zero wait in bounded memory, and are cancelled when it leaves")
def zero_window(stack):
    target = Target(stack)
    attacker = target.attacker(settings=NO_WINDOW)
    for _ in range(500):
        attacker.send(attacker.call(attacker.next_stream(), "Download", b"100000 16000"))
    until(lambda: target.server.counter("active") == 500, "500 calls are under way")
    attacker.until(lambda: False, 1)
    expect((attacker.ended, attacker.data), (False, 0), "the end of the connection, and bytes of messages")
    attacker.socket.close()
    until(lambda: target.server.counter("cancelled") == 500, "500 calls are cancelled")
    target.survives(growth=2 * GROWTH)


@check("100 streams of a peer with a window of zero end at their deadlines")
def deadlines(stack):
    target = Target(stack)
    attacker = target.attacker(settings=NO_WINDOW)
    for _ in range(100):
        attacker.send(attacker.call(attacker.next_stream(), "Download", b"100000 16000", [("grpc-timeout", "500m")]))
    expect(attacker.until(lambda: len(attacker.closed_streams) == 100), True, "100 streams have ended")
    expect(target.server.counter("active"), 0, "calls under way")
    target.survives()


@check("a peer with wide windows that does not read its socket makes the server wait in bounded memory")
def deaf(stack):
    target = Target(stack)
    wide = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: (1 << 31) - 1}
    attacker = target.attacker(settings=wide, receive_buffer=4096)
    attacker.send(bytes.fromhex("000004080000000000") + ((1 << 31) - 1 - 65_535).to_bytes(4, "big"))
    for _ in range(50):
        attacker.unsent += attacker.call(attacker.next_stream(), "Download", b"100000 16000")
    attacker.socket.setblocking(True)
    attacker.socket.sendall(attacker.unsent)
    until(lambda: target.server.counter("active") == 50, "50 calls are under way")
    time.sleep(1)
    sent = target.server.counter("sent")
    time.sleep(0.5)
    expect(target.server.counter("sent") - sent, 0, "bytes sent while nobody reads")
    attacker.socket.close()
    until(lambda: target.server.counter("cancelled") == 50, "50 calls are cancelled")
    target.survives()
