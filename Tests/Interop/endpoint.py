# SPDX-License-Identifier: Apache-2.0
"""An NSM endpoint in Python: it takes what a forwarder sends, remembers it, and answers as the check in progress wants."""

import collections
import concurrent.futures
import threading

import grpc


class Endpoint:
    """Counts Requests and Closes by the id that the client chose. What `answer` does comes before the usual answer."""

    def __init__(self, stubs):
        self.stubs = stubs
        self.lock = threading.Lock()
        self.requests, self.closes = collections.Counter(), collections.Counter()
        self.last_request = None  # as it came, bytes
        self.answer = lambda request, context: None
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(64))
        handlers = {
            "Request": grpc.unary_unary_rpc_method_handler(self.request),  # without codecs: bytes in, bytes out
            "Close": grpc.unary_unary_rpc_method_handler(self.close),
        }
        self.server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("networkservice.NetworkService", handlers),))
        self.url = f"tcp://127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop(None).wait()

    def request(self, data, context):
        request = self.stubs.NetworkServiceRequest.FromString(data)
        with self.lock:
            self.requests[client_id(request.connection)] += 1
            self.last_request = data
        self.answer(request, context)
        connection = request.connection
        path = connection.path
        path.index += 1
        if len(path.path_segments) == path.index:
            path.path_segments.add(name="python-endpoint", id=f"python-{client_id(connection)}")
        connection.id = path.path_segments[path.index].id
        return connection.SerializeToString()

    def close(self, data, context):
        connection = self.stubs.Connection.FromString(data)
        with self.lock:
            self.closes[client_id(connection)] += 1
        return b""


def client_id(connection):
    return connection.path.path_segments[0].id
