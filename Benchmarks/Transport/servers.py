# SPDX-License-Identifier: Apache-2.0
# The processes that are measured, each on a free port of the loopback, and the ones that stand behind them. All are started before
# the first round and kept to the last.
import json, os, socket, subprocess, time

LEVEL = {"element": "logging", "config": {"level": "error"}}  # so that no call writes a line


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One process that listens on a port."""

    def __init__(self, name, command, port, environment=None):
        self.name, self.port = name, port
        self.log = open(f"{name}.log", "w")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        self.wait()

    @property
    def pid(self): return self.process.pid

    def wait(self):
        for _ in range(300):
            if self.process.poll() is not None: break
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise SystemExit(f"{self.name} does not serve:\n{open(self.log.name).read()}")

    def cpu_seconds(self):
        """User and system time of all threads, also of those that have ended."""
        fields = open(f"/proc/{self.pid}/stat").read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Servers:
    """Starts what the rows need, and ends all of it."""

    def __init__(self, tools):
        self.tools, self.started = tools, []
        self.environment = {}  # of those started from now on, beside our own

    def __enter__(self): return self

    def __exit__(self, *_):
        for server in reversed(self.started): server.stop()

    def start(self, name, command, port):
        server = Server(name, [str(part) for part in command], port, self.environment)
        self.started.append(server)
        return server

    def floor(self):
        port = free_port()
        return self.start("floor", [self.tools.floor, port, len(os.sched_getaffinity(0))], port)

    def go(self):
        port = free_port()
        return self.start("goserver", [self.tools.goserver, port], port)

    def catena(self, name, elements, more=None):
        port = free_port()
        chains = {name: {"listen": [f"tcp://127.0.0.1:{port}"], "elements": elements}, **(more or {})}
        with open(f"{name}.json", "w") as file: json.dump({"modulePath": [self.tools.bin], "chains": chains}, file)
        return self.start(
            name, [f"{self.tools.bin}/catena", "serve", "--config", f"{name}.json", "--control", f"{name}.sock"], port)

    def empty(self): return self.catena("empty", [])

    def endpoint(self):
        return self.catena("endpoint", [
            LEVEL, {"element": "updatepath", "config": {"name": "endpoint"}}, "serialize",
            {"element": "swiftpass", "module": self.tools.swiftpass}])

    def forwarder(self, endpoint):
        return self.catena("forwarder", [
            LEVEL, {"element": "updatepath", "config": {"name": "forwarder"}}, "serialize",
            {"element": "clienturl", "config": {"url": f"tcp://127.0.0.1:{endpoint.port}"}},
            {"element": "connect", "config": {"client": "to-endpoint"}}], {"to-endpoint": {"elements": []}})

    def nghttpx(self, endpoint):
        port = free_port()
        open("nghttpx.conf", "w").close()  # else it reads the one in /etc
        return self.start("nghttpx", [
            "nghttpx", "--single-process", "--conf=nghttpx.conf", f"--frontend=127.0.0.1,{port};no-tls",
            f"--backend=127.0.0.1,{endpoint.port};;proto=h2", "--workers=1", "--accesslog-file=/dev/null", "--log-level=WARN"], port)
