# SPDX-License-Identifier: Apache-2.0
"""Connections that fall silent, and PINGs that keep others alive."""

from .checks import check, expect
from .deadlines import cancelled, sleeping
from .proxy import Proxy

KEEPALIVE = {"keepalive": 1000, "keepaliveTimeout": 500}


@check("a client's keepalive finds a silent drop: UNAVAILABLE, and the next call takes another connection", client=("Catena",))
def silent_server(setting, stack):
    server = setting.server(stack, keepaliveMinTime=100)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target, **KEEPALIVE)
    call = client.begin("call", method="Sleep")
    sleeping(server)
    proxy.freeze()
    expect(call.result(10).code, 14, "code")
    expect(client.ask("call", wait=True).code, 0, "code of the next call")


@check("a server's keepalive finds a silent drop: its handlers are told", server=("Catena", "grpc-go"))
def silent_client(setting, stack):
    server = setting.server(stack, **KEEPALIVE)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target)
    client.begin("call", method="Sleep")
    sleeping(server)
    proxy.freeze()
    cancelled(server, 1, within=8)


@check("PINGs from both sides are answered: a connection with keepalive and one call stays for 6 s", client=("Catena", "grpcio"))
def answered(setting, stack):
    patient = {"keepalive": 1000, "keepaliveTimeout": 2000}
    server = setting.server(stack, keepaliveMinTime=100, **patient)
    client = setting.client(stack, server.target, **patient)
    expect(client.ask("call", method="Sleep", payload="6000").code, 0, "code")
    expect(server.counter("connections"), 1, "connections")
