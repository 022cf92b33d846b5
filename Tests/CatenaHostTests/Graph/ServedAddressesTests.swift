// SPDX-License-Identifier: Apache-2.0
// Which listener a URL means, where both are written in one file.

import CatenaConfig
@testable import CatenaHost
import Testing

@Suite("addresses served by a file")
struct ServedAddressesTests {
    private func target(_ url: String, listen: [String]) throws -> ChainGraph.Target? {
        let listeners = listen.map { "\"\($0)\"" }.joined(separator: ",")
        let file = try ChainsFile.parse(
            bytes: Array(#"{"chains":{"a":{"listen":["tcp://h:1"],"elements":[]},"b":{"listen":[\#(listeners)],"elements":[]},"c":{}}}"#.utf8),
            path: "f", environment: [:])
        return ServedAddresses(file).target(try EndpointURL(url))
    }

    @Test(
        "a URL leads to the listener that it reaches",
        arguments: [
            ("tcp://127.0.0.1:5", "tcp://127.0.0.1:5", true), ("tcp://127.0.0.1:5", "tcp://127.0.0.1:6", false),
            ("tcp://127.0.0.1:5", "tcp://0.0.0.0:5", true), ("tcp://127.9.9.9:5", "tcp://0.0.0.0:5", true), ("tcp://localhost:5", "tcp://0.0.0.0:5", true),
            ("tcp://[::1]:5", "tcp://0.0.0.0:5", false), ("tcp://[::1]:5", "tcp://[::]:5", true), ("tcp://127.0.0.1:5", "tcp://[::]:5", true),
            ("tcp://10.0.0.1:5", "tcp://0.0.0.0:5", false), ("tcp://localhost:5", "tcp://127.0.0.1:5", true), ("tcp://127.0.0.1:5", "tcp://localhost:5", true),
            ("tcp://127.0.0.2:5", "tcp://127.0.0.1:5", false), ("tcp://127.0.0.1:0", "tcp://0.0.0.0:0", false),
            ("unix:///run//x.sock", "unix:///run/x.sock", true), ("unix:///run/y.sock", "unix:///run/x.sock", false),
        ])
    func reached(url: String, listener: String, isReached: Bool) throws {
        let target = try target(url, listen: ["tcp://other:9", listener])
        #expect((target?.chain == "b" && target?.listener == 1) == isReached, "\(String(describing: target))")
        if !isReached { #expect(target == nil) }
    }

    @Test("inproc:// leads to a served chain of that name", arguments: [("inproc://b", true), ("inproc://c", false), ("inproc://d", false)])
    func inproc(url: String, isServed: Bool) throws {
        let target = try target(url, listen: ["tcp://h:2"])
        #expect((target?.chain == "b" && target?.listener == nil) == isServed)
    }
}
