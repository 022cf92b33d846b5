# SPDX-License-Identifier: Apache-2.0
# Which server is driven by what. A row is named by its letter in transport.sh; the ones that two drivers drive are there twice,
# since a ratio is one of two rows that the same driver drove.
import sys

from drivers import catena_load, h2load

LEAST_CPU = 0.05  # seconds


class Row:
    def __init__(self, key, label, server, driver):
        self.key, self.label, self.server, self.driver = key, label, server, driver

    @property
    def driver_name(self): return "h2load" if self.driver is h2load else "catena load"

    def run(self, options, streams, seconds):
        """One sample. /proc counts in steps of 10 ms: a run in which the server hardly ran, because the machine stood still, says nothing."""
        for _ in range(3):
            sample = self.driver(options, self.server, streams, seconds)
            if sample.cpu_seconds >= LEAST_CPU: return sample
            print(f"{self.label} at {streams}: {sample.calls} calls in {seconds} s; once more", file=sys.stderr)
        raise SystemExit(f"{self.label} does not answer at {streams} streams")


LABELS = {
    "a": "(a) libnghttp2 under swift-nio", "b": "(b) empty chain", "c": "(c) endpoint", "d": "(d) forwarder", "e": "(e) nghttpx",
    "f": "(f) grpc-go",
}
COUNTED = ("a", "b", "c", "d")
REMEMBERED = ("a", "b", "f")


def start(servers):
    """All rows of a run, in the order in which a round goes through them."""
    floor, empty, go, endpoint = servers.floor(), servers.empty(), servers.go(), servers.endpoint()
    forwarder, nghttpx = servers.forwarder(endpoint), servers.nghttpx(endpoint)
    by_h2load = {"a": floor, "b": empty, "f": go}
    by_load = {"a": floor, "c": endpoint, "d": forwarder, "e": nghttpx, "f": go}
    return [Row(f"{key}/h2load", LABELS[key], server, h2load) for key, server in by_h2load.items()] \
        + [Row(f"{key}/load", LABELS[key], server, catena_load) for key, server in by_load.items()]


def alone(servers, key):
    """One row of the kind that h2load drives."""
    server = {"a": servers.floor, "b": servers.empty, "f": servers.go}[key]()
    return Row(key, LABELS[key], server, h2load)


def counted(servers, key, environment):
    """One row whose process, and no other, is started with `environment`."""
    endpoint = servers.endpoint() if key == "d" else None
    servers.environment = environment
    if key in ("a", "b"): return alone(servers, key)
    return Row(key, LABELS[key], servers.forwarder(endpoint) if endpoint else servers.endpoint(), catena_load)
