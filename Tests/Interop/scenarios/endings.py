# SPDX-License-Identifier: Apache-2.0
"""Servers that end, age or come back while calls are made all the time, by clients with their default retry settings."""

import time

from .checks import check, expect, expect_above, until
from .proxy import Proxy

LOAD = {"size": 57, "concurrency": 50, "timeout": 20_000}


def no_failure(client, load):
    client.begin("stop")
    answer = load.result(40)
    expect(list(answer.codes), ["0"], f"codes {answer.codes} (the first failure: {answer.failure})")
    return answer.count


@check("a server that is restarted twice under load fails no call that waits for ready", server=("Catena", "grpc-go"))
def restart(setting, stack):
    server = setting.server(stack)
    client = setting.client(stack, server.target)
    load = client.begin("load", wait=True, **LOAD)
    for _ in range(2):
        time.sleep(0.5)
        server.ask("drain")
        server.leave()
        time.sleep(0.2)
        server = setting.server(stack, port=server.first.port)
    time.sleep(0.5)
    no_failure(client, load)
    expect_above(server.counter("begun"), 0, "calls that the last server saw")


@check("a server that is taken out of service and replaced under load fails no call that waits for ready", server=("grpcio",))
def replaced(setting, stack):
    # grpcio's stop() cancels calls that have come and are not begun, for its own clients too: so it is stopped when it has none.
    server = setting.server(stack, maxConnectionAge=200)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target)
    load = client.begin("load", wait=True, **LOAD)
    time.sleep(0.5)
    proxy.refuse()
    until(lambda: proxy.open == 0, "the server's connections have aged and ended")
    server.ask("drain")
    server.leave()
    server = setting.server(stack)
    proxy.admit(server.target)
    time.sleep(0.5)
    no_failure(client, load)
    expect_above(server.counter("begun"), 0, "calls that the second server saw")


@check("a server that hands its listener to another under load, 5 times, fails no call", server=("Catena", "grpc-go"))
def renew(setting, stack):
    server, client = setting.pair(stack)
    load = client.begin("load", **LOAD)
    for handed in range(1, 6):
        time.sleep(0.3)
        server.ask("renew")
        until(lambda: server.counter("connections") > handed, "the next one has the load")
    no_failure(client, load)


@check("a server that lets connections live for a moment only fails no call")
def age(setting, stack):
    server, client = setting.pair(stack, maxConnectionAge=200)
    load = client.begin("load", **LOAD)
    until(lambda: server.counter("connections") > 8, "connections age and others follow", patience=30)
    no_failure(client, load)


@check("calls in flight are answered by a server that has begun to end, new ones go elsewhere", server=("Catena", "grpc-go"))
def in_flight(setting, stack):
    server, client = setting.pair(stack)
    call = client.begin("call", method="Sleep", payload="1000")
    until(lambda: server.counter("active") == 1, "the call is under way")
    renewed = server.begin("renew")

    def elsewhere():
        expect(client.ask("call").code, 0, "code of a new call")
        return server.counter("connections") == 2

    until(elsewhere, "new calls go elsewhere")
    expect(client.ask("calls", count=100, concurrency=10).codes, {"0": 100}, "codes of new calls")
    expect(call.result(30).code, 0, "code of the call that was in flight")
    renewed.result(30)
    expect(server.counter("connections"), 2, "connections")
