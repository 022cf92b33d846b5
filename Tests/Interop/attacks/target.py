# SPDX-License-Identifier: Apache-2.0
"""The server under attack, somebody else who uses it meanwhile, and what must hold afterwards."""

from scenarios.checks import expect, expect_above, expect_below
from scenarios.peers import Peer

from .attacker import Attacker

GROWTH = 24 << 20  # bytes that an attack may cost the server at most
CHECKS = []


def check(what):
    """Registers a check; its function is given a stack for what it starts."""
    def register(function):
        CHECKS.append((what, function))
        return function
    return register


class Target:
    """A server that serves a grpc-go client all the time."""

    def __init__(self, stack, **settings):
        self.stack = stack
        self.server = stack.enter_context(Peer("Catena", "server", **settings))
        self.neighbour = stack.enter_context(Peer("grpc-go", "client", target=self.server.target))
        expect(self.neighbour.ask("calls", size=57, count=2000, concurrency=50).codes, {"0": 2000}, "codes before the attack")
        self.before = self.server.memory("VmHWM")
        self.load = self.neighbour.begin("load", size=57, concurrency=2, timeout=10_000)

    def attacker(self, **arguments):
        return Attacker(self.stack, self.server.target, **arguments)

    def survives(self, growth=GROWTH):
        """Others went on, on one connection; a new one is served; memory stayed within the bound."""
        self.neighbour.begin("stop")
        answer = self.load.result(20)
        expect_above(answer.count, 0, "calls of the neighbour")
        expect(list(answer.codes), ["0"], f"codes of the neighbour {answer.codes} ({answer.failure})")
        expect_below(self.server.memory("VmHWM") - self.before, growth, "bytes that the attack cost the server")
        after = self.attacker()
        after.send(after.call(after.next_stream(), payload=b"well?"))
        expect(after.until(lambda: 1 in after.closed_streams), True, "a new connection is served")
        expect(after.heads[1].get("grpc-status"), "0", "status on a new connection")

    def ends(self, attacker, *codes):
        """The server has ended the connection, with one of these codes; none means without a GOAWAY."""
        expect(attacker.ended, True, f"the server has ended the connection (GOAWAY {attacker.goaway})")
        if codes and attacker.goaway not in codes:
            raise AssertionError(f"the code of GOAWAY is {attacker.goaway} {attacker.word}, not one of {codes}")
