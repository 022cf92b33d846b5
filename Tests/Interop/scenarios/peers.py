# SPDX-License-Identifier: Apache-2.0
"""A peer as a scope: a process that speaks one implementation of gRPC, takes commands as lines and answers each when it has ended."""

import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import threading

from .checks import PATIENCE

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = {
    "grpcio client": [sys.executable, os.path.join(HERE, "python", "client.py")],
    "grpcio server": [sys.executable, os.path.join(HERE, "python", "server.py")],
}


def set_programs(catena, go):
    for role in ("client", "server"):
        PROGRAMS[f"Catena {role}"] = [os.path.abspath(catena), role]
        PROGRAMS[f"grpc-go {role}"] = [os.path.abspath(go), role]


class Answer(dict):
    """What a peer said; a field that it left out is None."""

    def __getattr__(self, name):
        return self.get(name)


class Peer:
    def __init__(self, kind, role, **settings):
        self.settings, self.name = settings, f"{kind} {role}"
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            PROGRAMS[self.name] + [json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        self.lock, self.waiting, self.number = threading.Lock(), {}, 0
        first = self.process.stdout.readline()
        self.first = Answer(json.loads(first)) if first else Answer(message=self.why())
        if self.first.message:
            self.kill()
            raise RuntimeError(f"the {self.name} did not start: {self.first.message}")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def target(self):
        return f"127.0.0.1:{self.first.port}"

    def begin(self, command, **arguments):
        """Gives a command; its answer comes in the future."""
        future = concurrent.futures.Future()
        with self.lock:
            self.number += 1
            self.waiting[self.number] = future
            line = json.dumps({"id": self.number, "command": command, **arguments})
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        return future

    def ask(self, command, patience=PATIENCE, **arguments):
        answer = self.begin(command, **arguments).result(patience)
        if answer.code is None and answer.message:
            raise RuntimeError(f"the {self.name} on {command}: {answer.message}")
        return answer

    def counters(self):
        return self.ask("counters").counters

    def counter(self, name):
        return self.counters().get(name, 0)

    def memory(self, field="VmRSS"):
        """Bytes resident, now; with VmHWM the most there ever were."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field))

    def read(self):
        for line in self.process.stdout:
            answer = Answer(json.loads(line))
            with self.lock:
                future = self.waiting.pop(answer.id, None)
            if future:
                future.set_result(answer)
        with self.lock:
            waiting, self.waiting = self.waiting, {}
        for future in waiting.values():
            future.set_exception(RuntimeError(f"the {self.name} has ended: {self.why()}"))

    def why(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()[-2000:] or "no word"

    def leave(self):
        """Ends it as its user would: the input ends."""
        self.process.stdin.close()
        self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Setting:
    """Two kinds of peer. Most checks share one server and one client; what a check needs for itself it starts."""

    def __init__(self, client, server):
        self.client_kind, self.server_kind = client, server
        self.name = f"{client} client, {server} server"
        self.common_server = Peer(server, "server")
        self.common = Peer(client, "client", target=self.common_server.target)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.common.kill()
        self.common_server.kill()

    def server(self, stack, **settings):
        return stack.enter_context(Peer(self.server_kind, "server", **settings))

    def client(self, stack, target, **settings):
        return stack.enter_context(Peer(self.client_kind, "client", target=target, **settings))

    def pair(self, stack, **settings):
        """A server and a client for one check."""
        server = self.server(stack, **settings)
        return server, self.client(stack, server.target)
