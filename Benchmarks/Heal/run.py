# SPDX-License-Identifier: Apache-2.0
# The benchmark's order of events; heal.sh builds what it runs, and explains it.
import argparse, datetime, json, os, signal, socket, statistics, subprocess, sys, time

import nsm, report
from caller import Caller
from servers import LEVEL, Server, Servers, free_port

COUNT, RUNS, AWAY = 1_000, 5, 5
TIME_LIMIT, CPU_LIMIT = 300, 0.1  # ms, cores
END = 2_000_000_000  # of the client's path segment
AGAIN = b"is up again"


def arguments():
    parser = argparse.ArgumentParser(prog="heal.sh")
    for name in ("place", "bin", "results"): parser.add_argument(f"--{name}", required=True)
    for name in ("check", "record"): parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


class Endpoint(Server):
    """Knows to two milliseconds since when it can be reached."""

    def wait(self):
        for _ in range(15_000):
            if self.process.poll() is not None: break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                self.since = time.monotonic()
                return
            except OSError:
                time.sleep(0.002)
        self.stop()
        raise SystemExit(f"{self.name} does not serve:\n{open(self.log.name).read()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Forwarder:
    """What the forwarder says in its log, with the time at which it was seen there."""

    def __init__(self, server):
        self.server = server
        self.log = open(server.log.name, "rb")

    def wait_until_up(self, count):
        """Returns when the last of so many was up again."""
        end = time.monotonic() + 60
        while count > 0:
            count -= self.log.read().count(AGAIN)
            now = time.monotonic()
            if now > end: raise SystemExit(f"{count} connections are not up again after a minute:\n{open(self.server.log.name).read()[-2000:]}")
            if count > 0: time.sleep(0.002)
        return now


def status(options, name):
    done = subprocess.run(
        [f"{options.bin}/catena", "status", "--control", f"{name}.sock", "--format", "json"], capture_output=True, text=True)
    if done.returncode != 0: raise SystemExit(f"catena status: {done.stderr}")
    return json.loads(done.stdout)["engine"]


def check(options):
    """What the endpoint has had since it was started."""
    chain = next(chain for chain in status(options, "endpoint")["chains"] if chain["path"] == "endpoint")
    found = (chain["connections"], chain["requests"]["ok"] + chain["requests"]["failed"], chain["closes"]["ok"] + chain["closes"]["failed"])
    if found != (COUNT, COUNT, 0): raise SystemExit("the endpoint has %d connections, and had %d Requests and %d Closes" % found)


def measure(options):
    port = free_port()
    elements = [{"element": "updatepath", "config": {"name": "endpoint"}}, "serialize", "monitor"]
    with open("endpoint.json", "w") as file:
        json.dump({"modulePath": [options.bin], "chains": {"endpoint": {"listen": [f"tcp://127.0.0.1:{port}"], "elements": elements}}}, file)
    command = [f"{options.bin}/catena", "serve", "--config", "endpoint.json", "--control", "endpoint.sock"]
    times, shares = [], []
    with Servers(options) as servers:
        endpoint = Endpoint("endpoint", command, port)
        try:
            server = servers.catena("forwarder", [
                LEVEL, {"element": "updatepath", "config": {"name": "forwarder"}}, "serialize",
                {"element": "clienturl", "config": {"url": f"tcp://127.0.0.1:{port}"}},
                {"element": "connect", "config": {"client": "to-endpoint"}}], {"to-endpoint": {"elements": ["heal"]}})
            forwarder = Forwarder(server)
            caller = Caller(server.port, nsm.REQUEST_PATH)
            caller.calls([nsm.first(END) for _ in range(COUNT)])
            for _ in range(RUNS):
                endpoint.kill()
                before, began = server.cpu_seconds(), time.monotonic()
                time.sleep(AWAY)
                shares.append((server.cpu_seconds() - before) / (time.monotonic() - began))
                endpoint = Endpoint("endpoint", command, port)
                times.append((forwarder.wait_until_up(COUNT) - endpoint.since) * 1000)
                print(f"all up after {times[-1]:.0f} ms, {shares[-1]:.3f} of a core while it was away", file=sys.stderr)
                check(options)
        finally:
            endpoint.kill()
    return times, shares


def text(options, times, shares, verdicts):
    lines = [
        "# How soon connections are back", "",
        "Written by `Benchmarks/heal.sh --record`; its `--help` says what is measured.", "",
        f"- {datetime.date.today().isoformat()}, commit {report.commit(options.bin)}",
        f"- {report.machine()}",
        f"- {COUNT:,} connections, {RUNS} times: " + ", ".join(f"{ms:.0f}" for ms in times) + " ms; of a core meanwhile: "
        + ", ".join(f"{share:.3f}" for share in shares),
        *report.verdict_table(verdicts), "",
    ]
    return "\n".join(lines)


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # by way of Servers, which ends what it has started
    os.chdir(options.place)
    times, shares = measure(options)
    verdicts = [
        report.Verdict("ms until all are up again, the median", statistics.median(times), TIME_LIMIT),
        report.Verdict("of a core while the next hop is away, the most", max(shares), CPU_LIMIT),
    ]
    table = text(options, times, shares, verdicts)
    print(table, end="")
    if options.record: report.record(options.results, table)
    above = [verdict.name for verdict in verdicts if not verdict.kept]
    if options.check and above: raise SystemExit(f"above the limit: {', '.join(above)}")


main()
