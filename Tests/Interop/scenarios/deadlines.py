# SPDX-License-Identifier: Apache-2.0
"""Deadlines, cancellation and lost connections: the caller is told in time, and the handler at once."""

import time

from .checks import check, expect, expect_above, expect_below, until
from .proxy import Proxy

AT_ONCE = 2  # seconds, on a machine that does other things too


def sleeping(server, number=1):
    until(lambda: server.counter("active") == number, f"{number} calls are under way")


def cancelled(server, number, within=AT_ONCE):
    """The handlers of that many calls have been told."""
    began = time.monotonic()
    until(lambda: server.counter("cancelled") == number, f"{number} calls are cancelled at the server")
    expect_below(time.monotonic() - began, within, "seconds until the server saw it")
    expect(server.counter("active"), 0, "calls under way")


@check("a deadline that passes is DEADLINE_EXCEEDED in time, and the handler is told")
def deadline(setting, stack):
    server, client = setting.pair(stack)
    client.ask("call")
    answer = client.ask("call", method="Sleep", timeout=1500)
    expect(answer.code, 4, f"code ({answer.message})")
    expect_above(answer.took, 1480, "milliseconds it took")
    expect_below(answer.took, 1500 + AT_ONCE * 1000, "milliseconds it took")
    cancelled(server, 1)
    expect(client.ask("call", timeout=20_000).code, 0, "code of the next call")


@check("a server ends a call at the deadline by itself, though nothing more comes from the client")
def server_deadline(setting, stack):
    server = setting.server(stack)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target)
    call = client.begin("call", method="Sleep", timeout=1500)
    sleeping(server)
    proxy.freeze()
    expect(call.result(30).code, 4, "code at the client")
    cancelled(server, 1)


@check("a call that is cancelled is CANCELLED, and the handler is told at once")
def cancel(setting, stack):
    server, client = setting.pair(stack)
    client.ask("call")
    answer = client.ask("call", method="Sleep", cancelAfter=1500)
    expect(answer.code, 1, f"code ({answer.message})")
    cancelled(server, 1)


@check("a client that dies cancels its calls, 64 at once")
def dead_client(setting, stack):
    server, client = setting.pair(stack)
    client.begin("calls", method="Sleep", count=64, concurrency=64)
    sleeping(server, 64)
    client.kill()
    cancelled(server, 64)


@check("a server that dies fails its calls with UNAVAILABLE at once")
def dead_server(setting, stack):
    server, client = setting.pair(stack)
    call = client.begin("call", method="Sleep")
    sleeping(server)
    server.kill()
    expect(call.result(AT_ONCE + 3).code, 14, "code")
