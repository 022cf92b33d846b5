# SPDX-License-Identifier: Apache-2.0
# What makes the calls: h2load for the servers that answer one and the same message, `catena load` for those that need connections
# of their own. Both on one HTTP/2 connection with a number of calls in flight.
import json, os, subprocess

REQUEST_PATH = "/networkservice.NetworkService/Request"


def request_frame(path):
    """Writes one Request of normal size as a gRPC message: a connection with its path of one hop, and one preference."""
    def field(number, value):
        value = value.encode() if isinstance(value, str) else value
        return bytes([number << 3 | 2, len(value)]) + value
    id = "7f1c2c4e-51d0-4c8b-9f0a-2d6a3b1e8c55"
    segment = field(1, "client") + field(2, id)
    connection = field(1, id) + field(2, "icmp-responder") + field(6, field(2, segment))
    message = field(1, connection) + field(2, field(1, "LOCAL") + field(2, "KERNEL"))
    with open(path, "wb") as file: file.write(b"\0" + len(message).to_bytes(4, "big") + message)
    return len(message)


class Sample:
    """One run of one row."""

    def __init__(self, calls, seconds, cpu, p50, p90, p99):
        self.calls, self.rate, self.cpu, self.cpu_seconds = calls, calls / seconds, cpu / calls * 1e6, cpu
        self.p50, self.p90, self.p99 = p50, p90, p99


def run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0: raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def h2load(tools, server, streams, seconds):
    log = "h2load.log"
    if os.path.exists(log): os.unlink(log)
    before = server.cpu_seconds()
    output = run([
        "h2load", "-c1", f"-m{streams}", f"-D{seconds}", "-drequest", "-Hcontent-type: application/grpc", "-Hte: trailers",
        f"--log-file={log}", f"http://127.0.0.1:{server.port}{REQUEST_PATH}"])
    cpu = server.cpu_seconds() - before
    took = sorted(int(line.rsplit("\t", 1)[1]) for line in open(log))
    if not took or " 0 failed, 0 errored, 0 timeout" not in output: raise SystemExit(f"h2load on {server.name}:\n{output[-1000:]}")
    at = lambda part: took[min(len(took) - 1, int(len(took) * part))]
    return Sample(len(took), seconds, cpu, at(0.5), at(0.9), at(0.99))


def catena_load(tools, server, streams, seconds):
    """The echo's answers are its requests, which no chain would give: there nothing but the status is looked at."""
    before = server.cpu_seconds()
    output = run([
        f"{tools.bin}/catena", "load", "--url", f"tcp://127.0.0.1:{server.port}", "--concurrency", streams, "--duration", f"{seconds}s",
        "--json", "--no-progress", *(["--unchecked"] if server.name == "floor" else [])])
    cpu = server.cpu_seconds() - before
    done = json.loads(output)
    if done["errors"]: raise SystemExit(f"catena load on {server.name}:\n{json.dumps(done['errors'], indent=1)}")
    calls = sum(done[part]["ok"] for part in ("opened", "requests", "closed"))
    seconds = sum(done[part]["elapsedMicroseconds"] for part in ("opened", "requests", "closed")) / 1e6
    latency = done["latencyMicroseconds"]
    return Sample(calls, seconds, cpu, latency["p50"], latency["p90"], latency["p99"])
