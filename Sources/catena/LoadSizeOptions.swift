// SPDX-License-Identifier: Apache-2.0
// Options that say how large a load is and when it is over. Whether they fit together is decided by LoadPlan.

import ArgumentParser
import CatenaLoad
import NIOCore

struct LoadSizeOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("How many connection ids (default: one for each call in flight).", valueName: "n"))
    var connections: Int?

    @Option(name: .long, help: ArgumentHelp("How many calls are in flight.", valueName: "n"))
    var concurrency = 10

    @Option(name: .long, help: ArgumentHelp("How long to refresh (default: 10s).", valueName: "duration"))
    var duration: String?

    @Option(name: .long, help: ArgumentHelp("How many refreshes to make, instead of --duration.", valueName: "n"))
    var requests: Int?

    @Option(name: .long, help: ArgumentHelp("How many HTTP/2 connections the calls are spread over.", valueName: "n"))
    var transports = 1

    @Flag(
        name: .long,
        help: """
            Repeat one Request, and do not look at the answers; nothing is opened or closed. For servers that only echo: another one may \
            keep a connection for each.
            """)
    var unchecked = false

    func size() throws -> LoadPlan.Size {
        LoadPlan.Size(
            connections: connections, concurrency: concurrency, transports: transports, requests: requests,
            duration: try duration.map { try NextHopOptions.amount($0, of: "--duration") }, unchecked: unchecked)
    }
}
