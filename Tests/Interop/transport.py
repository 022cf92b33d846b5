#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds CatenaGRPC against grpcio and grpc-go, each as its client and as its server.

    Tests/Interop/transport.py --peer .build/debug/GRPCPeer --go-peer .build/interop/go-peer

The peers are programs that take the same commands: Tests/Interop/Peer (Swift), go and python. One line for each check, "N passed,
0 failed" at the end; anything else is a failure, and so is the exit status.
"""

import argparse
import sys

import scenarios
from scenarios import checks, peers

PAIRS = [("grpcio", "Catena"), ("grpc-go", "Catena"), ("Catena", "grpcio"), ("Catena", "grpc-go")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="GRPCPeer, the program under test")
    parser.add_argument("--go-peer", required=True, help="the peer in Go")
    parser.add_argument("--pair", default="", metavar="TEXT", help='only the pairs with this in their names, as in "Catena client"')
    parser.add_argument("--only", default="", metavar="TEXT", help="only the checks that have this in their sentence")
    arguments = parser.parse_args()
    peers.set_programs(arguments.peer, arguments.go_peer)
    passed = failed = 0
    for client, server in PAIRS:
        if arguments.pair not in f"{client} client, {server} server":
            continue
        with peers.Setting(client, server) as setting:
            print(f"-- {setting.name}", flush=True)
            for what, function, clients, servers in checks.CHECKS:
                if arguments.only not in what or (clients and client not in clients) or (servers and server not in servers):
                    continue
                if checks.run(what, function, setting):
                    passed += 1
                else:
                    failed += 1
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
