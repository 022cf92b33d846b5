# SPDX-License-Identifier: Apache-2.0
# The benchmark's order of events; transport.sh builds what it runs, and explains it.
import argparse, os, signal, struct, sys

import connections, drivers, report, rows
from servers import Servers

CONNECTIONS = 5000


def arguments():
    parser = argparse.ArgumentParser(prog="transport.sh")
    for name in ("place", "bin", "floor", "goserver", "swiftpass", "malloc-count", "results"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", choices=("calls", "allocations", "memory"))
    for name in ("quick", "check", "record"): parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def calls(options, loads):
    """Every row at every number of streams once in a round, so that what else the machine does meets all of them."""
    # An even number: a server spreads its connections over its loops in turn, and a forwarder whose connection to the next hop lies
    # on another loop than its caller's has more to do.
    rounds, seconds = (2, 1) if options.quick else (14, 1)
    samples = {}
    with Servers(options) as servers:
        table = rows.start(servers)
        # Warms them up, and sees that they answer rightly, which h2load does not look at.
        for row in table: drivers.catena_load(options, row.server, 10, 1)
        for round in range(rounds):
            for streams in loads:
                for row in table: samples.setdefault((row.key, streams), []).append(row.run(options, streams, seconds))
            print(f"round {round + 1} of {rounds}", file=sys.stderr)
    return report.Calls(table, loads, samples, rounds, seconds)


def allocations(options):
    """Calls of malloc, calloc and realloc for each call: of a run of its own, as counting costs time."""
    counts = {}
    for key in rows.COUNTED:
        path = f"{key}.allocations"
        if os.path.exists(path): os.unlink(path)
        total = lambda: struct.unpack("Q", open(path, "rb").read())[0]
        with Servers(options) as servers:
            row = rows.counted(servers, key, {"LD_PRELOAD": options.malloc_count, "MALLOC_COUNT_FILE": path})
            row.run(options, 10, 1)
            before = total()
            sample = row.run(options, 10, 1)
            counts[key] = (total() - before) / sample.calls
    return report.Allocations(counts)


def memory(options):
    connections.allow_files(CONNECTIONS + 1000)
    growth = {}
    message = open("request", "rb").read()
    for key in rows.REMEMBERED:
        with Servers(options) as servers:
            row = rows.alone(servers, key)
            growth[key] = connections.growth(row.server, drivers.REQUEST_PATH, message, CONNECTIONS)
    return report.Memory(growth, CONNECTIONS)


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # by way of Servers, which ends what it has started
    os.chdir(options.place)
    size = drivers.request_frame("request")
    parts = []
    if options.only in (None, "calls"): parts.append(calls(options, (1, 10, 100)))
    if options.only in (None, "allocations"): parts.append(allocations(options))
    if options.only in (None, "memory"): parts.append(memory(options))
    text = report.text(parts, size, options.bin)
    print(text, end="")
    if options.record: report.record(options.results, text)
    broken = [verdict for part in parts for verdict in part.verdicts() if not verdict.kept]
    if options.check and broken: raise SystemExit("above the limit: " + ", ".join(verdict.name for verdict in broken))


main()
