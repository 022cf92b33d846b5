# SPDX-License-Identifier: Apache-2.0
"""The program under test, as a scope: inside `with`, a host serves; after it there is none, whatever happened."""

import json
import os
import signal
import subprocess
import threading


class Host:
    """`catena serve` with one config, in a folder that its user owns."""

    def __init__(self, catena, folder, name, chains):
        self.catena, self.control = catena, os.path.join(folder, f"{name}.sock")
        config = os.path.join(folder, f"{name}.json")
        with open(config, "w") as file:
            json.dump({"chains": chains}, file, indent=2)
        self.arguments = [catena, "serve", "--config", config, "--control", self.control]
        self.urls = {}
        self.log = []

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        for line in self.process.stderr:
            self.log.append(line)
            if " serves on " in line:
                chain, url = line.strip().removeprefix('catena: chain "').split('" serves on ')
                self.urls.setdefault(chain, []).append(url)
            if line.startswith("catena: ready"):
                break
        else:
            raise RuntimeError(f"the host did not start (status {self.process.wait()}):\n{''.join(self.log)}")
        # Nobody else reads its log, and a full pipe would stop it.
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr))
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def target(self, chain, number=0):
        """A listener as grpcio writes it: host:port, or unix:/path."""
        url = self.urls[chain][number]
        return url.removeprefix("tcp://") if url.startswith("tcp://") else "unix:" + url.removeprefix("unix://")

    def status(self):
        command = [self.catena, "status", "--control", self.control, "--format", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def chain(self, name):
        return next(chain for chain in self.status()["engine"]["chains"] if chain["path"] == name)

    def connections(self):
        """Of each served chain."""
        chains = self.status()["engine"]["chains"]
        return {chain["path"]: chain["connections"] for chain in chains if "connections" in chain}


def endpoint_chain(listen):
    return {"listen": listen, "elements": [{"element": "updatepath", "config": {"name": "endpoint"}}, "serialize", "monitor"]}


def forwarder_chains(listen, url):
    """A forwarder to `url`, and the client chain it uses."""
    return {
        "forwarder": {
            "listen": listen,
            "elements": [
                {"element": "updatepath", "config": {"name": "forwarder"}},
                "serialize",
                "monitor",
                {"element": "clienturl", "config": {"url": url}},
                {"element": "connect", "config": {"client": "to-next-hop"}},
            ],
        },
        "to-next-hop": {"elements": []},
    }
