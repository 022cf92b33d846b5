# SPDX-License-Identifier: Apache-2.0
# The benchmark's order of events; memory.sh builds what it runs, and explains it.
import argparse, datetime, json, os, signal, subprocess, sys, time

import nsm, report
from caller import Caller
from connections import resident
from servers import LEVEL, Servers

FEW, MANY = 10_000, 100_000
REFRESHES = 3
LIMIT = 2048  # bytes
END = 2_000_000_000  # of the client's path segment


def arguments():
    parser = argparse.ArgumentParser(prog="memory.sh")
    for name in ("place", "bin", "results"): parser.add_argument(f"--{name}", required=True)
    for name in ("check", "record"): parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def holdings(options, server):
    """What the process itself says that it holds."""
    done = subprocess.run(
        [f"{options.bin}/catena", "status", "--control", f"{server.name}.sock", "--format", "json"], capture_output=True, text=True)
    if done.returncode != 0: raise SystemExit(f"catena status: {done.stderr}")
    return json.loads(done.stdout)["engine"]["holdings"]


def expect(options, server, **expected):
    held = holdings(options, server)
    wrong = [f"{held[name]} {name}, not {count}" for name, count in expected.items() if held[name] != count]
    if wrong: raise SystemExit(f"the {server.name} has {', '.join(wrong)}")


def settle(server):
    """Until the process has had nothing to do for a second."""
    for _ in range(60):
        before = server.cpu_seconds()
        time.sleep(1)
        if server.cpu_seconds() == before: return
    raise SystemExit(f"the {server.name} does not come to rest")


def add(caller, count):
    """Opens so many and refreshes them; returns the size of the last Request."""
    connections = caller.calls([nsm.first(END) for _ in range(count)])
    for turn in range(REFRESHES):
        requests = [nsm.refresh(connection, END + turn, END + turn + 1) for connection in connections]
        connections = caller.calls(requests)
    sizes = {len(request) for request in requests}
    if len(sizes) != 1: raise SystemExit(f"Requests of different sizes: {sorted(sizes)}")
    return sizes.pop()


def measure(options):
    """RSS in KiB at each number of connections, and the size of a Request in bytes."""
    with Servers(options) as servers:
        endpoint = servers.catena("endpoint", [LEVEL, {"element": "updatepath", "config": {"name": "endpoint"}}, "serialize"])
        forwarder = servers.forwarder(endpoint)
        caller = Caller(forwarder.port, nsm.REQUEST_PATH)
        sizes = {}
        open_before = 0
        for count in (FEW, MANY):
            request = add(caller, count - open_before)
            open_before = count
            settle(forwarder)
            expect(options, forwarder, connections=count, legs=count, calls=0, operations=0)
            expect(options, endpoint, connections=count)
            sizes[count] = resident(forwarder.pid)
            print(f"{count:,} connections: {sizes[count]:,} KiB", file=sys.stderr)
        return sizes, request


def text(options, sizes, request, cost):
    whole = (sizes[MANY] - sizes[FEW]) * 1024 / (MANY - FEW)
    lines = [
        "# What an open connection costs", "",
        "Written by `Benchmarks/memory.sh --record`; its `--help` says what is measured. One run, as memory is counted and not timed.", "",
        f"- {datetime.date.today().isoformat()}, commit {report.commit(options.bin)}",
        f"- {report.machine()}",
        f"- A forwarder in front of an endpoint; each connection opened and refreshed {REFRESHES} times, a refresh of {request} bytes", "",
        "| | |", "|---|---:|",
        *(f"| RSS at {count:,} connections, KiB | {size:,} |" for count, size in sizes.items()),
        f"| for each connection, bytes | {whole:,.0f} |", f"| one encoded Request, bytes | {request} |",
        *report.verdict_table([cost]), "",
    ]
    return "\n".join(lines)


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # by way of Servers, which ends what it has started
    os.chdir(options.place)
    sizes, request = measure(options)
    bytes_each = (sizes[MANY] - sizes[FEW]) * 1024 / (MANY - FEW) - request
    cost = report.Verdict("bytes for each connection beside its Request", bytes_each, LIMIT)
    table = text(options, sizes, request, cost)
    print(table, end="")
    if options.record: report.record(options.results, table)
    if options.check and not cost.kept: raise SystemExit(f"above the limit: {cost.name}")


main()
