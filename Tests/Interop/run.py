#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speaks to Catena with another implementation of gRPC: grpcio as client, as next hop, and as both at once.

    pip install grpcio grpcio-tools
    Tests/Interop/run.py --catena .build/debug/catena

Stubs are made from Protos/ in a temporary folder. One line for each check, "N passed, 0 failed" at the end; anything else is
a failure, and so is the exit status.
"""

import argparse
import contextlib
import importlib.resources
import os
import pathlib
import sys
import tempfile
import threading
import time
import traceback
import types
import uuid

import grpc
from google.protobuf import unknown_fields
from grpc_tools import protoc

import endpoint as python_endpoint
import hosts

PROTOS = pathlib.Path(__file__).resolve().parents[2] / "Protos"
PATIENCE = 30  # seconds; far above what anything here takes
ORPHAN_TIMEOUT = 30  # seconds; the host's, for connections whose caller left
CHECKS = []


def check(what):
    """Registers a check; its sentence is what it printed when it holds."""
    def register(function):
        CHECKS.append((what, function))
        return function
    return register


def expect(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, not {expected!r}")


def until(condition, what, patience=PATIENCE):
    """Waits for something that another process does in its own time."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.05)


def make_stubs(folder):
    files = sorted(str(path) for path in PROTOS.glob("*.proto"))
    if not files:
        sys.exit(f"no .proto file in {PROTOS}")
    include = importlib.resources.files("grpc_tools") / "_proto"
    if protoc.main(["protoc", f"-I{PROTOS}", f"-I{include}", f"--python_out={folder}", f"--grpc_python_out={folder}", *files]):
        sys.exit("protoc failed")
    sys.path.insert(0, folder)
    import connection_pb2
    import connection_pb2_grpc
    import health_pb2
    import health_pb2_grpc
    import networkservice_pb2
    import networkservice_pb2_grpc
    return types.SimpleNamespace(
        Connection=connection_pb2.Connection, NetworkServiceRequest=networkservice_pb2.NetworkServiceRequest,
        NetworkService=networkservice_pb2_grpc.NetworkServiceStub, MonitorConnection=connection_pb2_grpc.MonitorConnectionStub,
        MonitorScopeSelector=connection_pb2.MonitorScopeSelector, ConnectionEvent=connection_pb2.ConnectionEvent, Health=health_pb2_grpc.HealthStub,
        HealthCheckRequest=health_pb2.HealthCheckRequest, HealthCheckResponse=health_pb2.HealthCheckResponse)


class Setting:
    """What all checks share: a forwarder to an endpoint of Catena, and a forwarder to the endpoint in Python."""

    def __init__(self, catena, folder, stubs, stack):
        self.catena, self.folder, self.stubs, self.stack = catena, folder, stubs, stack
        endpoint = f"unix://{folder}/endpoint.socket"
        listen = ["tcp://127.0.0.1:0", f"unix://{folder}/forwarder.socket"]
        self.host = self.serve("catena", {"endpoint": hosts.endpoint_chain([endpoint]), **hosts.forwarder_chains(listen, endpoint)})
        self.endpoint = stack.enter_context(python_endpoint.Endpoint(stubs))
        self.mixed = self.forwarder("mixed", self.endpoint.url)
        self.channel = self.open(self.host)
        self.mixed_channel = self.open(self.mixed)
        self.service = stubs.NetworkService(self.channel)
        self.mixed_service = stubs.NetworkService(self.mixed_channel)
        self.abandoned = []  # ids of Requests to the mixed forwarder whose callers did not wait

    def serve(self, name, chains):
        return self.stack.enter_context(hosts.Host(self.catena, self.folder, name, chains))

    def forwarder(self, name, url):
        return self.serve(name, hosts.forwarder_chains(["tcp://127.0.0.1:0"], url))

    def open(self, host, number=0):
        """A channel of its own: grpcio shares connections between channels with the same target otherwise."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        return self.stack.enter_context(grpc.insecure_channel(host.target("forwarder", number), options))

    def request(self, id=None):
        id = id or str(uuid.uuid4())
        request = self.stubs.NetworkServiceRequest()
        request.connection.id = id
        request.connection.network_service = "icmp"
        request.connection.path.path_segments.add(name="python-client", id=id)
        return request

    def refresh(self, connection):
        return self.stubs.NetworkServiceRequest(connection=connection)

    def under_way(self):
        return self.mixed.status()["engine"]["holdings"]["calls"]

    def none_open(self, host):
        expect(set(host.connections().values()), {0}, "connections that are open")


def names(connection):
    return [segment.name for segment in connection.path.path_segments]


def ids(connection):
    return [segment.id for segment in connection.path.path_segments]


def failure(call):
    """The code and text with which a call ends."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError("the call succeeded")


def life(setting, service):
    """Request, refresh, Close; the path, and what the host counts."""
    counted = setting.host.chain("endpoint")
    connection = service.Request(setting.request(), timeout=PATIENCE)
    expect(names(connection), ["python-client", "forwarder", "endpoint"], "path")
    expect(connection.id, connection.path.path_segments[0].id, "id")
    expect(connection.path.index, 0, "path index")
    expect(setting.host.connections(), {"endpoint": 1, "forwarder": 1}, "connections")
    refreshed = service.Request(setting.refresh(connection), timeout=PATIENCE)
    expect(ids(refreshed), ids(connection), "ids after the refresh")
    expect(setting.host.connections(), {"endpoint": 1, "forwarder": 1}, "connections after the refresh")
    service.Close(refreshed, timeout=PATIENCE)
    setting.none_open(setting.host)
    now = setting.host.chain("endpoint")
    expect(now["requests"]["ok"] - counted["requests"]["ok"], 2, "Requests at the endpoint")
    expect(now["closes"]["ok"] - counted["closes"]["ok"], 1, "Closes at the endpoint")


@check("Request, refresh and Close through the forwarder over tcp")
def over_tcp(setting):
    life(setting, setting.service)


@check("Request, refresh and Close through the forwarder over a Unix socket")
def over_unix(setting):
    life(setting, setting.stubs.NetworkService(setting.open(setting.host, 1)))


@check("a second Close of a connection that is gone succeeds")
def closed_twice(setting):
    connection = setting.service.Request(setting.request(), timeout=PATIENCE)
    setting.service.Close(connection, timeout=PATIENCE)
    setting.service.Close(connection, timeout=PATIENCE)
    setting.none_open(setting.host)


@check("an endpoint in Python gets each Request, refresh and Close once, and its path segment arrives")
def python_next_hop(setting):
    connection = setting.mixed_service.Request(setting.request(), timeout=PATIENCE)
    expect(names(connection), ["python-client", "forwarder", "python-endpoint"], "path")
    refreshed = setting.mixed_service.Request(setting.refresh(connection), timeout=PATIENCE)
    expect(ids(refreshed), ids(connection), "ids after the refresh")
    setting.mixed_service.Close(refreshed, timeout=PATIENCE)
    expect((setting.endpoint.requests[connection.id], setting.endpoint.closes[connection.id]), (2, 1), "Requests and Closes")
    setting.none_open(setting.mixed)


@check("PERMISSION_DENIED arrives as the next hop sent it, the text too when it names an element there")
def refused(setting):
    text = 'python-endpoint/authorize: not for you: "é", 100 %, line\nfeed'
    with answering(setting, lambda request, context: context.abort(grpc.StatusCode.PERMISSION_DENIED, text)):
        result = failure(lambda: setting.mixed_service.Request(setting.request(), timeout=PATIENCE))
    expect(result, (grpc.StatusCode.PERMISSION_DENIED, text), "code and text")
    setting.none_open(setting.mixed)


@check("every other code arrives as it was sent; a text that names no element stands behind the one that received it")
def every_code(setting):
    for code in grpc.StatusCode:
        if code in (grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED):
            continue
        with answering(setting, lambda request, context: context.abort(code, f"as {code.name}")):
            result = failure(lambda: setting.mixed_service.Request(setting.request(), timeout=PATIENCE))
        expect(result, (code, f"forwarder/connect: as {code.name}"), "code and text")
    setting.none_open(setting.mixed)


@check("a dead next hop is UNAVAILABLE, with the element and the URL")
def dead(setting):
    with python_endpoint.Endpoint(setting.stubs) as gone:
        url = gone.url
    host = setting.forwarder("dead", url)
    code, text = failure(lambda: setting.stubs.NetworkService(setting.open(host)).Request(setting.request(), timeout=PATIENCE))
    expect(code, grpc.StatusCode.UNAVAILABLE, "code")
    if not text.startswith(f"forwarder/connect: {url}: "):
        raise AssertionError(f"the text is {text!r}")
    setting.none_open(host)


@check("unknown fields survive in the request, its connection, path and context, to the endpoint and back")
def unknown(setting):
    kept = b"\xc2\x3e\x0bfrom future"  # field 1000, 11 bytes
    request = setting.request()
    connection = request.connection
    connection.mechanism.MergeFromString(kept)
    connection.context.MergeFromString(kept)
    connection.context.ip_context.MergeFromString(kept)
    connection.path.MergeFromString(kept)
    connection.path.path_segments[0].MergeFromString(kept)
    connection.MergeFromString(kept)
    request.MergeFromString(kept)
    answer = setting.mixed_service.Request(request, timeout=PATIENCE)
    arrived = setting.stubs.NetworkServiceRequest.FromString(setting.endpoint.last_request)
    expect(fields(arrived), [(1000, b"from future")], "unknown fields of the request at the endpoint")
    # The mechanism is agreed on hop by hop: the endpoint gets none, the client has its own.
    for place, connection in (("at the endpoint", arrived.connection), ("at the client", answer)):
        parts = {
            "connection": connection, "context": connection.context, "ip_context": connection.context.ip_context,
            "path": connection.path, "segment": connection.path.path_segments[0],
        }
        for name, part in parts.items():
            expect(fields(part), [(1000, b"from future")], f"unknown fields of {name} {place}")
    expect(fields(answer.mechanism), [(1000, b"from future")], "unknown fields of mechanism at the client")
    setting.mixed_service.Close(answer, timeout=PATIENCE)


def fields(message):
    return [(field.field_number, field.data) for field in unknown_fields.UnknownFieldSet(message)]


@check("a Request that waits for its turn can be cancelled; the endpoint never sees it")
def cancelled_in_queue(setting):
    connection = setting.mixed_service.Request(setting.request(), timeout=PATIENCE)
    with Hold(setting) as hold:
        first = setting.mixed_service.Request.future(setting.refresh(connection), timeout=PATIENCE)
        hold.await_arrival()
        second = setting.mixed_service.Request.future(setting.refresh(connection), timeout=PATIENCE)
        until(lambda: setting.under_way() == 2, "both are under way")
        second.cancel()
        until(lambda: setting.under_way() == 1, "the second has ended")
        hold.let_go()
        first.result()
    expect(second.cancelled(), True, "the second is cancelled")
    setting.mixed_service.Close(connection, timeout=PATIENCE)
    id = connection.id
    expect((setting.endpoint.requests[id], setting.endpoint.closes[id]), (2, 1), "Requests and Closes at the endpoint")
    setting.none_open(setting.mixed)


@check("grpc.health.v1 Check says SERVING for the server and for the service, NOT_FOUND for others")
def health(setting):
    service = setting.stubs.Health(setting.channel)
    for name in ("", "networkservice.NetworkService"):
        answer = service.Check(setting.stubs.HealthCheckRequest(service=name), timeout=PATIENCE)
        expect(answer.status, setting.stubs.HealthCheckResponse.SERVING, f"status of {name!r}")
    code, _ = failure(lambda: service.Check(setting.stubs.HealthCheckRequest(service="no.Such"), timeout=PATIENCE))
    expect(code, grpc.StatusCode.NOT_FOUND, "code for no.Such")


@check("an unknown method is UNIMPLEMENTED, bytes that are no protobuf are INVALID_ARGUMENT")
def malformed(setting):
    call = setting.channel.unary_unary("/networkservice.NetworkService/Reopen")
    expect(failure(lambda: call(b"", timeout=PATIENCE))[0], grpc.StatusCode.UNIMPLEMENTED, "code for Reopen")
    call = setting.channel.unary_unary("/networkservice.NetworkService/Request")
    expect(failure(lambda: call(b"\x0a\xff", timeout=PATIENCE))[0], grpc.StatusCode.INVALID_ARGUMENT, "code for rubbish")


@check("a subscriber of grpcio hears what there is, each change it asked for, and the end; one that has left is forgotten")
def monitor(setting):
    stub = setting.stubs.MonitorConnection(setting.channel)
    first = setting.service.Request(setting.request(), timeout=PATIENCE)
    everything = stub.MonitorConnections(setting.stubs.MonitorScopeSelector(), timeout=PATIENCE)
    expect(told(next(everything)), ("INITIAL_STATE_TRANSFER", ids(first)[1:2]), "what is there")
    second = setting.request()
    selector = setting.stubs.MonitorScopeSelector(network_services=["icmp"])
    selector.path_segments.add(name="python-client", id=second.connection.id)
    selector.path_segments.add(name="forwarder")
    own = stub.MonitorConnections(selector, timeout=PATIENCE)
    expect(told(next(own)), ("INITIAL_STATE_TRANSFER", []), "what is there of the second")
    answer = setting.service.Request(second, timeout=PATIENCE)
    event = next(own)
    expect(told(event), ("UPDATE", ids(answer)[1:2]), "the Request")
    connection = next(iter(event.connections.values()))
    # The forwarder tells of its own segment; but for that it is what the client got.
    expect((connection.id, connection.path.index), (ids(answer)[1], 1), "id and index")
    connection.id, connection.path.index = answer.id, 0
    expect(connection, answer, "the connection")
    expect(told(next(everything))[0], "UPDATE", "the Request for who hears everything")
    setting.service.Close(first, timeout=PATIENCE)
    setting.service.Close(answer, timeout=PATIENCE)
    expect(told(next(own)), ("DELETE", ids(answer)[1:2]), "the Close")
    expect(sorted(told(next(everything))[1] + told(next(everything))[1]), sorted([ids(first)[1], ids(answer)[1]]), "both Closes")
    for call in (own, everything):
        call.cancel()
    until(lambda: setting.host.status()["engine"]["holdings"]["subscribers"] == 0, "no subscriber is left")
    setting.none_open(setting.host)


def told(event):
    """An event in short: its type, and whose it is."""
    return EVENT_TYPES[event.type], sorted(event.connections)


EVENT_TYPES = ["INITIAL_STATE_TRANSFER", "UPDATE", "DELETE"]


@check("a subscriber of grpcio that never reads slows nobody, and ends with RESOURCE_EXHAUSTED")
def idle_subscriber(setting):
    host = setting.serve("small", {"forwarder": {"listen": ["tcp://127.0.0.1:0"], "elements": [
        {"element": "updatepath", "config": {"name": "forwarder"}}, "serialize", {"element": "monitor", "config": {"queue": 10}}]}})
    channel = setting.open(host)
    idle = setting.stubs.MonitorConnection(setting.open(host)).MonitorConnections(setting.stubs.MonitorScopeSelector(), timeout=PATIENCE)
    until(lambda: host.status()["engine"]["holdings"]["subscribers"] == 1, "it has subscribed")
    service = setting.stubs.NetworkService(channel)
    connections = []
    for _ in range(60):
        request = setting.request()
        request.connection.labels["large"] = "x" * 100_000
        connections.append(service.Request(request, timeout=PATIENCE))
    until(lambda: host.status()["engine"]["holdings"]["subscribers"] == 0, "it is forgotten")
    for connection in connections:
        service.Close(connection, timeout=PATIENCE)
    code, text = failure(lambda: list(idle))
    expect((code, text), (grpc.StatusCode.RESOURCE_EXHAUSTED, "the subscriber has left news of 10 connections unread"), "how it ends")


@check("1,000 Requests in sequence and 500 at once, on one channel: each its own connection, none open after their Closes")
def many(setting):
    open_ones = [setting.service.Request(setting.request(), timeout=PATIENCE) for _ in range(1000)]
    calls = [setting.service.Request.future(setting.request(), timeout=PATIENCE) for _ in range(500)]
    open_ones += [call.result() for call in calls]
    expect(len({id for connection in open_ones for id in ids(connection)}), 4500, "different ids")
    expect(setting.host.connections(), {"endpoint": 1500, "forwarder": 1500}, "connections")
    for connection in open_ones[:1000]:
        setting.service.Close(connection, timeout=PATIENCE)
    for call in [setting.service.Close.future(connection, timeout=PATIENCE) for connection in open_ones[1000:]]:
        call.result()
    setting.none_open(setting.host)


@check("200 connections at once to the endpoint in Python: one Request and one Close each")
def many_mixed(setting):
    requests = [setting.request() for _ in range(200)]
    calls = [setting.mixed_service.Request.future(request, timeout=PATIENCE) for request in requests]
    for call in [setting.mixed_service.Close.future(call.result(), timeout=PATIENCE) for call in calls]:
        call.result()
    for request in requests:
        id = request.connection.id
        expect((setting.endpoint.requests[id], setting.endpoint.closes[id]), (1, 1), f"Requests and Closes of {id}")
    setting.none_open(setting.mixed)


@check("a deadline that passes at the next hop is DEADLINE_EXCEEDED, in time")
def deadline(setting):
    request = setting.request()
    with Hold(setting) as hold:
        began = time.monotonic()
        code, text = failure(lambda: setting.mixed_service.Request(request, timeout=2))
        took = time.monotonic() - began
        hold.await_arrival()
        hold.await_departure()
    expect(code, grpc.StatusCode.DEADLINE_EXCEEDED, f"code (with {text!r}, after {took:.3f} s)")
    if not 1.9 < took < 10:
        raise AssertionError(f"it took {took} s")
    setting.abandoned.append(request.connection.id)


@check("a Request that is cancelled while the next hop works on it ends at once for its caller")
def cancelled_below(setting):
    request = setting.request()
    with Hold(setting) as hold:
        call = setting.mixed_service.Request.future(request, timeout=PATIENCE)
        hold.await_arrival()
        call.cancel()
        expect(call.cancelled(), True, "it is cancelled at the client")
        hold.await_departure()
    setting.abandoned.append(request.connection.id)


@check("connections whose callers had left before the answer came are closed by the host")
def abandoned(setting):
    expect(len(setting.abandoned), 2, "connections left by the two checks before")
    closes = lambda: [setting.endpoint.closes[id] for id in setting.abandoned]
    until(lambda: setting.under_way() == 0 and all(closes()), "a Close at the endpoint", patience=ORPHAN_TIMEOUT + PATIENCE)
    expect(closes(), [1, 1], "Closes at the endpoint")
    expect([setting.endpoint.requests[id] for id in setting.abandoned], [1, 1], "Requests at the endpoint")
    until(lambda: setting.mixed.connections() == {"forwarder": 0}, "no connection at the forwarder")


class Hold:
    """Inside it, the endpoint in Python keeps every Request until it is let go, at the latest at the end."""

    def __init__(self, setting):
        self.setting, self.arrived, self.go_on = setting, threading.Event(), threading.Event()

    def __enter__(self):
        self.setting.endpoint.answer = self.keep
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.setting.endpoint.answer = lambda request, context: None

    def keep(self, request, context):
        self.arrived.set()
        self.go_on.wait(PATIENCE)

    def await_arrival(self):
        expect(self.arrived.wait(PATIENCE), True, "the endpoint has it")

    def await_departure(self):
        """The host has heard that its caller has left: nothing tells when, and the endpoint's answer must not overtake it, as a caller
        who was answered before has not left."""
        time.sleep(2)

    def let_go(self):
        self.go_on.set()


@contextlib.contextmanager
def answering(setting, answer):
    setting.endpoint.answer = answer
    try:
        yield
    finally:
        setting.endpoint.answer = lambda request, context: None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catena", required=True, help="the program under test")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the checks that have this in their sentence")
    arguments = parser.parse_args()
    checks = [(what, function) for what, function in CHECKS if arguments.only in what]
    if not checks:
        sys.exit(f"no check has {arguments.only!r} in its sentence")
    catena = os.path.abspath(arguments.catena)
    if not os.access(catena, os.X_OK):
        sys.exit(f"no program at {catena}: build it first")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="catena-") as folder, contextlib.ExitStack() as stack:
        setting = Setting(catena, folder, make_stubs(folder), stack)
        for what, function in checks:
            try:
                function(setting)
                print(f"ok      {what}", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED  {what}\n{traceback.format_exc()}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
