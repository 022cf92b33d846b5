# SPDX-License-Identifier: Apache-2.0
# The tables and the verdicts, as they are printed and recorded.
import datetime, os, platform, statistics, subprocess

from rows import LABELS

# (row, limit, row): the first may cost at most so many times the CPU per call of the second. Both are driven by the same program;
# grpc-go, which is no part of what we are made of, by either.
LIMITS = [
    ("b/h2load", 1.5, "a/h2load"), ("c/load", 3, "a/load"), ("c/load", 1 / 3, "f/load"), ("c/load", 1 / 3, "f/h2load"),
    ("d/load", 5, "a/load"), ("d/load", 1.5, "e/load"),
]
# One stream is ruled by where the kernel puts two processes that wait for each other, and varies threefold.
JUDGED = (10, 100)
MEMORY_LIMIT = 40  # KiB


def number(value): return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


class Verdict:
    def __init__(self, name, value, limit): self.name, self.value, self.limit, self.kept = name, value, limit, value <= limit

    def row(self): return f"| {self.name} | {number(self.value)} | {number(self.limit)} | {'kept' if self.kept else '**above**'} |"


def verdict_table(verdicts):
    return ["", "| | measured | at most | |", "|---|---|---|---|"] + [verdict.row() for verdict in verdicts]


class Calls:
    def __init__(self, table, loads, samples, rounds, seconds):
        self.table, self.loads, self.samples, self.rounds, self.seconds = table, loads, samples, rounds, seconds

    def median(self, key, streams, what): return statistics.median(getattr(sample, what) for sample in self.samples[key, streams])

    def ratio(self, one, other, streams):
        """Of each round by itself, and then the median: the machine's pace changes from one round to the next."""
        return statistics.median(
            this.cpu / that.cpu for this, that in zip(self.samples[one, streams], self.samples[other, streams]))

    def lines(self):
        yield "## Calls"
        yield ""
        yield f"Medians of {self.rounds} rounds; in each round every row ran for {self.seconds} s at every number of streams. A ratio is"
        yield "the median of those of the rounds."
        for streams in self.loads:
            yield ""
            yield f"### {streams} stream{'s' if streams > 1 else ''}"
            yield ""
            yield "| server | driven by | calls/s | p50 µs | p90 µs | p99 µs | server CPU per call, µs (least) | of (a) |"
            yield "|---|---|---:|---:|---:|---:|---:|---:|"
            for row in self.table:
                value = lambda what: self.median(row.key, streams, what)
                least = min(sample.cpu for sample in self.samples[row.key, streams])
                floor = "a/" + row.key.split("/")[1]
                yield f"| {row.label} | {row.driver_name} | {value('rate'):,.0f} | {value('p50'):.0f} | {value('p90'):.0f} " \
                    f"| {value('p99'):.0f} | {value('cpu'):.2f} ({least:.2f}) | {self.ratio(row.key, floor, streams):.2f} |"
        yield from verdict_table(self.verdicts())

    def verdicts(self):
        for one, limit, other in LIMITS:
            for streams in JUDGED:
                name = f"({one[0]}) / ({other[0]}{', ' + other.split('/')[1] if other[0] == 'f' else ''}) at {streams}"
                yield Verdict(name, self.ratio(one, other, streams), limit)


class Allocations:
    def __init__(self, counts): self.counts = counts

    def lines(self):
        yield "## Allocations"
        yield ""
        yield "malloc, calloc and realloc of the whole process for each call, libnghttp2's own with them; 10 streams."
        yield ""
        yield "| server | for each call |"
        yield "|---|---:|"
        for key, count in self.counts.items(): yield f"| {LABELS[key]} | {count:.1f} |"

    def verdicts(self): return []


class Memory:
    def __init__(self, growth, count): self.growth, self.count = growth, count

    def lines(self):
        yield "## Memory"
        yield ""
        yield f"What {self.count:,} open HTTP/2 connections add to a server's resident memory, with one call done on each."
        yield ""
        yield "| server | KiB for each connection |"
        yield "|---|---:|"
        for key, kib in self.growth.items(): yield f"| {LABELS[key]} | {kib:.1f} |"
        yield from verdict_table(self.verdicts())

    def verdicts(self): return [Verdict("KiB for each connection of (b)", self.growth["b"], MEMORY_LIMIT)]


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{len(os.sched_getaffinity(0))} cores, {model}, Linux {platform.release()}"


def commit(folder):
    git = lambda *arguments: subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!Benchmarks/RESULTS.md")
    return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def record(path, text):
    """Puts a text with its heading in the place of the one that was recorded before it, or behind the others."""
    old = open(path).read() if os.path.exists(path) else ""
    parts = ["# " + part.strip() + "\n" for part in ("\n" + old).split("\n# ")[1:]]
    new, heading = text.strip() + "\n", text.split("\n", 1)[0]
    places = [place for place, part in enumerate(parts) if part.startswith(heading + "\n")]
    if places: parts[places[0]] = new
    else: parts.append(new)
    with open(path, "w") as file: file.write("\n".join(parts))


def text(parts, size, folder):
    day = datetime.date.today().isoformat()
    cores = len(os.sched_getaffinity(0))
    lines = [
        "# What a call costs", "",
        "Written by `Benchmarks/transport.sh --record`; its `--help` says what the rows are.", "",
        f"- {day}, commit {commit(folder)}",
        f"- {machine()}; clients and servers share them, load at the end {os.getloadavg()[0]:.1f}",
        f"- One HTTP/2 connection on the loopback, a Request of {size} bytes by h2load; `catena load` has one connection id for each call in",
        "  flight, and refreshes it with what came back",
        f"- (a) to (d) have {cores} event loops each, grpc-go as many threads as it likes, nghttpx one worker: one connection keeps one loop busy",
        "- Server CPU is the user and system time of the process in /proc, divided by the calls it answered", "",
    ]
    for part in parts: lines += [*part.lines(), ""]
    return "\n".join(lines)
