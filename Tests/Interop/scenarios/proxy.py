# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy between client and server, which counts what passes and can fall silent as a broken network does: no FIN, no RST."""

import socket
import threading


class Proxy:
    def __init__(self, target):
        self.silent = set()
        self.accepted, self.open, self.to_server, self.to_client = 0, 0, 0, 0
        self.port, self.sockets = 0, []
        self.admit(target)
        self.target = f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()

    def admit(self, target):
        """Takes new connections, for the server at `target`."""
        host, port = target.split(":")
        self.server = (host, int(port))
        self.listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listening.getsockname()[1]
        self.sockets.append(self.listening)
        threading.Thread(target=self.accept, args=(self.listening,), daemon=True).start()

    def refuse(self):
        """Takes no new connections; those that are open go on."""
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def freeze(self):
        """The connections that are open now pass nothing any more; new ones do."""
        self.silent = set(self.sockets)

    def accept(self, listening):
        while True:
            try:
                client, _ = listening.accept()
                server = socket.create_connection(self.server)
            except OSError:
                return
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted += 1
            self.open += 1
            self.sockets += [client, server]
            threading.Thread(target=self.forward, args=(client, server, "to_server"), daemon=True).start()
            threading.Thread(target=self.forward, args=(server, client, "to_client"), daemon=True).start()

    def forward(self, source, sink, counter):
        try:
            while data := source.recv(1 << 16):
                if source in self.silent:
                    return  # what was read is lost, as on a wire that was cut
                setattr(self, counter, getattr(self, counter) + len(data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        if counter == "to_client":
            self.open -= 1
