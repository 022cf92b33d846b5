# SPDX-License-Identifier: Apache-2.0
"""grpcio as a server for CatenaGRPC, driven as Tests/Interop/Peer is: settings as one argument of JSON, commands as lines of JSON."""

import collections
import concurrent.futures
import json
import sys
import threading
import time

import grpc

import lines


class Service:
    """The methods that every peer offers under interop.Peer; their arguments are words of plain text."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts, self.peers = collections.Counter(), set()
        one, many = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        self.handlers = {
            "Echo": one(self.echo), "Fail": one(self.fail), "Sleep": one(self.sleep), "Make": one(self.make),
            "Download": many(self.download), "Upload": grpc.stream_unary_rpc_method_handler(self.upload),
            "Chat": grpc.stream_stream_rpc_method_handler(self.chat),
        }

    def count(self, name, number=1):
        with self.lock:
            self.counts[name] += number

    def counters(self):
        with self.lock:
            return {**self.counts, "connections": len(self.peers)}

    def begin(self, context):
        with self.lock:
            self.counts["begun"] += 1
            self.peers.add(context.peer())

    def watch(self, context):
        """Counts a call that takes its time in, and out again when it ends; gives an event that its end sets."""
        self.begin(context)
        self.count("active")
        ended, answered = threading.Event(), threading.Event()

        def end():
            ended.set()
            self.count("active", -1)
            if not answered.is_set():
                self.count("cancelled")

        context.add_callback(end)
        return ended, answered

    def echo(self, payload, context):
        self.begin(context)
        own = lines.from_pairs(lines.to_pairs(context.invocation_metadata()))
        context.send_initial_metadata(own)
        context.set_trailing_metadata(own)
        return payload

    def fail(self, payload, context):
        self.begin(context)
        code, message = payload.decode().split(" ", 1)
        context.set_trailing_metadata(lines.from_pairs(lines.to_pairs(context.invocation_metadata())))
        context.set_code(status(int(code)))
        context.set_details(message)
        return b""

    def sleep(self, payload, context):
        ended, answered = self.watch(context)
        if not ended.wait(int(payload) / 1000 if payload else None):
            answered.set()
        return b"slept"

    def make(self, payload, context):
        self.begin(context)
        return lines.pattern(int(payload))

    def download(self, payload, context):
        _, answered = self.watch(context)
        count, size, *code = map(int, payload.split())
        for _ in range(count):
            yield lines.pattern(size)
            self.count("sent", size)
        answered.set()
        if code and code[0]:
            context.set_trailing_metadata([("sent", str(count))])
            context.abort(status(code[0]), "enough")

    def upload(self, messages, context):
        _, answered = self.watch(context)
        metadata = dict(context.invocation_metadata())
        count = size = 0
        for message in messages:
            count, size = count + 1, size + len(message)
            self.count("received", len(message))
            if count == 1 and "pause" in metadata:
                time.sleep(int(metadata["pause"]) / 1000)
            if count == 1 and "refuse" in metadata:
                answered.set()
                context.abort(status(int(metadata["refuse"])), "enough")
        answered.set()
        return f"{count} {size}".encode()

    def chat(self, messages, context):
        _, answered = self.watch(context)
        yield from messages
        answered.set()


def status(number):
    return next(code for code in grpc.StatusCode if code.value[0] == number)


def options(settings):
    names = {
        "maxConcurrentStreams": "grpc.max_concurrent_streams", "maxConnectionAge": "grpc.max_connection_age_ms",
        "keepalive": "grpc.keepalive_time_ms", "keepaliveTimeout": "grpc.keepalive_timeout_ms",
        "keepaliveMinTime": "grpc.http2.min_recv_ping_interval_without_data_ms",
    }
    # Without the second and third, it cancels calls that come faster than it begins them.
    fixed = [
        ("grpc.so_reuseport", 0), ("grpc.server.max_pending_requests", 100_000),
        ("grpc.server.max_pending_requests_hard_limit", 100_000)]
    return fixed + [(names[name], value) for name, value in settings.items() if name in names]


def end(server, command):
    began = time.monotonic()
    server.stop(command.get("timeout", 10_000) / 1000).wait()
    lines.write(id=command["id"], took=(time.monotonic() - began) * 1000)


def main():
    settings = json.loads(sys.argv[1])
    service = Service()
    compression = grpc.Compression.Gzip if settings.get("gzip") else None
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(64), options=options(settings), compression=compression)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("interop.Peer", service.handlers),))
    port = server.add_insecure_port(f"127.0.0.1:{settings.get('port', 0)}")
    server.start()
    lines.write(port=port)
    for command in lines.commands():
        if command["command"] == "counters":
            lines.write(id=command["id"], counters=service.counters())
        elif command["command"] == "drain":
            threading.Thread(target=end, args=(server, command)).start()
        else:
            lines.write(id=command["id"], message="unknown command")
    server.stop(None).wait()


if __name__ == "__main__":
    main()
