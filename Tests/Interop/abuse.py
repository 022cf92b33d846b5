#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does to a server of CatenaGRPC what can be done to HTTP/2 servers, with h2 and with frames that h2 would not send.

    Tests/Interop/abuse.py --peer .build/debug/GRPCPeer --go-peer .build/interop/go-peer

Of each attack: the connection is ended with the code that fits, a grpc-go client goes on meanwhile and afterwards, the server's
memory stays within a bound. And peers that mean no harm meet no limit.
"""

import argparse
import sys

import attacks
from attacks import target
from scenarios import checks, peers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="GRPCPeer, the program under test")
    parser.add_argument("--go-peer", required=True, help="the peer in Go")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the checks that have this in their sentence")
    arguments = parser.parse_args()
    peers.set_programs(arguments.peer, arguments.go_peer)
    chosen = [(what, function) for what, function in target.CHECKS if arguments.only in what]
    passed = sum(checks.run(what, function) for what, function in chosen)
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed and passed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
