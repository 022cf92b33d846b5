# SPDX-License-Identifier: Apache-2.0
"""gzip, told by the bytes on the wire."""

from .checks import check, expect, expect_below
from .proxy import Proxy

SIZE = 1 << 20
SMALL = SIZE // 4  # what the message takes at most when it is compressed


@check("a request compressed with gzip is read, and small on the wire")
def request(setting, stack):
    server = setting.server(stack)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target)
    for count in range(3):
        answer = client.ask("call", size=SIZE, gzip=True)
        expect((answer.code, answer.intact), (0, True), f"code and sameness ({answer.message})")
    expect_below(proxy.to_server, 3 * SMALL, "bytes to the server")


@check("an answer compressed with gzip is read, and small on the wire")
def answer(setting, stack):
    server = setting.server(stack, gzip=True)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target)
    # grpcio's server compresses as it is told, the others answer in the encoding of the request.
    answer = client.ask("call", size=SIZE, gzip=setting.server_kind != "grpcio")
    expect((answer.code, answer.intact), (0, True), f"code and sameness ({answer.message})")
    expect_below(proxy.to_client, SMALL, "bytes to the client")


@check("streams of compressed messages go both ways")
def streams(setting, stack):
    server = setting.server(stack, gzip=True)
    proxy = stack.enter_context(Proxy(server.target))
    client = setting.client(stack, proxy.target)
    answer = client.ask("upload", count=100, size=SIZE // 10, gzip=True)
    expect((answer.code, answer.payload), (0, f"100 {SIZE // 10 * 100}"), f"code and what the server counted ({answer.message})")
    # grpcio sends the messages of client streaming as they are.
    uploaded = proxy.to_server
    answer = client.ask("download", count=100, size=SIZE // 10, gzip=True)
    expect((answer.code, answer.count, answer.intact), (0, 100, True), f"code, messages and sameness ({answer.message})")
    expect(client.ask("chat", count=10, size=SIZE // 10, gzip=True).intact, True, "sameness of echoes")
    expect_below(proxy.to_server - uploaded + proxy.to_client, 10 * SMALL, "bytes on the wire, for 12 MiB of messages")
