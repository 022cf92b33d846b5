# SPDX-License-Identifier: Apache-2.0
"""grpcio as a client of CatenaGRPC: one channel, and commands that run side by side until each has its answer."""

import collections
import json
import sys
import threading
import time

import grpc

import lines


class Client:
    def __init__(self, settings):
        options = [("grpc.use_local_subchannel_pool", 1)]
        if "keepalive" in settings:
            options += [
                ("grpc.keepalive_time_ms", settings["keepalive"]), ("grpc.keepalive_timeout_ms", settings["keepaliveTimeout"]),
                ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.max_pings_without_data", 0)]
        self.channel = grpc.insecure_channel(settings["target"], options)
        self.stopped = threading.Event()
        self.sent = 0

    def arguments(self, command):
        """What a command wants of each of its calls."""
        timeout = command.get("timeout")
        return {
            "metadata": lines.from_pairs(command.get("metadata")), "timeout": timeout / 1000 if timeout is not None else None,
            "wait_for_ready": command.get("wait"), "compression": grpc.Compression.Gzip if command.get("gzip") else None}

    def payload(self, command):
        return lines.pattern(command["size"]) if "size" in command else command.get("payload", "").encode()

    def path(self, command):
        return "/interop.Peer/" + command.get("method", "Echo")

    def call(self, command):
        began = time.monotonic()
        payload = self.payload(command)
        call = self.channel.unary_unary(self.path(command)).future(payload, **self.arguments(command))
        if "cancelAfter" in command:
            threading.Timer(command["cancelAfter"] / 1000, call.cancel).start()
        reply = b""
        try:
            reply = call.result()
        except (grpc.RpcError, grpc.FutureCancelledError):
            pass
        lines.write(
            **self.ended(command, call, began), metadata=lines.to_pairs(call.initial_metadata()), size=len(reply),
            intact=reply == payload, payload=reply.decode(errors="replace") if len(reply) < 1000 else "")

    def ended(self, command, call, began):
        return {
            "id": command["id"], "code": call.code().value[0], "message": call.details() or "",
            "trailers": lines.to_pairs(call.trailing_metadata()), "took": (time.monotonic() - began) * 1000}

    def calls(self, command, is_load):
        """Many unary calls: a number of them, or until they are stopped."""
        began = time.monotonic()
        self.stopped.clear()
        codes, failures, lock = collections.Counter(), [], threading.Lock()
        left, concurrency = command.get("count", 0), command.get("concurrency", 1)
        permits = threading.Semaphore(concurrency)
        method, payload, arguments = self.channel.unary_unary(self.path(command)), self.payload(command), self.arguments(command)

        def count(call):
            with lock:
                codes[call.code().value[0]] += 1
                if call.code() != grpc.StatusCode.OK:
                    failures.append(f"{call.code()}: {call.details()}")
            permits.release()

        while not self.stopped.is_set() if is_load else left > 0:
            permits.acquire()
            left -= 1
            method.future(payload, **arguments).add_done_callback(count)
        for _ in range(concurrency):
            permits.acquire()
        lines.write(
            id=command["id"], count=sum(codes.values()), codes=codes, failure=failures[0] if failures else None,
            took=(time.monotonic() - began) * 1000)

    def download(self, command):
        """Reads a stream of messages; it can stop reading for a while after some, or leave."""
        began = time.monotonic()
        request = f"{command['count']} {command['size']} {command.get('code', 0)}".encode()
        call = self.channel.unary_stream("/interop.Peer/Download")(request, **self.arguments(command))
        count = size = 0
        intact = True
        try:
            for message in call:
                count, size = count + 1, size + len(message)
                intact = intact and message == lines.pattern(command["size"])
                if count == command.get("pauseAfter"):
                    time.sleep(command["pause"] / 1000)
                if count == command.get("cancelAfter"):
                    call.cancel()
        except grpc.RpcError:
            pass
        lines.write(**self.ended(command, call, began), count=count, size=size, intact=intact)

    def upload(self, command):
        began = time.monotonic()
        message = lines.pattern(command["size"])

        def messages():
            for _ in range(command["count"]):
                yield message
                self.sent += len(message)

        call = self.channel.stream_unary("/interop.Peer/Upload").future(messages(), **self.arguments(command))
        reply = b""
        try:
            reply = call.result()
        except grpc.RpcError:
            pass
        lines.write(**self.ended(command, call, began), payload=reply.decode())

    def chat(self, command):
        """Sends a message and waits for its echo, so many times."""
        began = time.monotonic()
        message, turn = lines.pattern(command["size"]), threading.Semaphore(1)

        def messages():
            for _ in range(command["count"]):
                turn.acquire()
                yield message

        call = self.channel.stream_stream("/interop.Peer/Chat")(messages(), **self.arguments(command))
        count, intact = 0, True
        try:
            for echo in call:
                count, intact = count + 1, intact and echo == message
                turn.release()
        except grpc.RpcError:
            pass
        turn.release()
        lines.write(**self.ended(command, call, began), count=count, intact=intact)


def main():
    client = Client(json.loads(sys.argv[1]))
    actions = {
        "call": client.call, "calls": lambda command: client.calls(command, False),
        "load": lambda command: client.calls(command, True), "stop": lambda command: client.stopped.set(), "download": client.download, "upload": client.upload, "chat": client.chat,
        "counters": lambda command: lines.write(id=command["id"], counters={"sent": client.sent}),
    }
    lines.write()
    for command in lines.commands():
        if command["command"] not in actions:
            lines.write(id=command["id"], message="unknown command")
            continue
        threading.Thread(target=actions[command["command"]], args=(command,), daemon=True).start()


if __name__ == "__main__":
    main()
