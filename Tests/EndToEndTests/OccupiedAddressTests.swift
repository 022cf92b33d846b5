// SPDX-License-Identifier: Apache-2.0
// What stands in the way of a host is named, with whoever put it there; what a dead host left is no obstacle.

import Foundation
import Testing

@EndToEnd
@Suite("an address")
struct OccupiedAddressTests {
    @Test("in use is an error with status 69 that names the address, its place in the file and the holder")
    func inUse() throws {
        let holder = try #require(Listening(port: 0))
        defer { holder.close() }
        try Workplace.with { place in
            let url = "tcp://127.0.0.1:\(holder.port)"
            try place.write(Chains.chain(listen: url, Chains.updatepath("chain"), "\"serialize\""), to: "chains.json")
            let result = try Catena.run("serve", in: place)
            #expect(result.exit == .status(69))
            let head =
                "chains.json:4:18: error: /chains/chain/listen/0: cannot listen on \(url): "
                + "address already in use (process \(getpid()), "
            #expect(result.errors.hasPrefix(head), "\(result.errors)")
            #expect(!place.exists(".catena/control.sock"))
        }
    }

    @Test("that is a Unix socket left by a dead host is replaced; one that is served is an error")
    func unixSocket() throws {
        try Workplace.with { place in
            let url = "unix://\(place.file("chain.socket"))"
            let config = Chains.chain(listen: url, Chains.updatepath("chain"), "\"serialize\"")
            try RunningHost.with(config, in: place) { dead in
                dead.process.signal(SIGKILL)
                let exit = try dead.process.awaitExit()
                #expect(exit == .signal(SIGKILL))
            }
            #expect(place.exists("chain.socket"))
            #expect(place.exists("chains.sock"))

            try RunningHost.with(config, in: place) { host in
                let connection = try Catena.request(try host.url(of: "chain"), in: place)
                #expect(connection.names == ["client", "chain"])

                let second = try Catena.run("serve", "--config", "chains.json", "--control", "second.sock", in: place)
                #expect(second.exit == .status(69))
                let reason = "cannot listen on \(url): another process answers on that socket (process \(host.process.pid), catena)\n"
                #expect(second.errors.contains(reason), "\(second.errors)")
                #expect(!place.exists("second.sock"))
                #expect(try Catena.request(url, in: place).names == ["client", "chain"])
            }
        }
    }

    @Test("of a control socket that another host has is an error that says what to do")
    func controlSocket() throws {
        try Workplace.with { place in
            let config = Chains.chain(Chains.updatepath("chain"), "\"serialize\"")
            try RunningHost.with(config, in: place) { host in
                let second = try Catena.run("serve", "--control", host.control, in: place)
                #expect(second.exit == .status(69))
                let reason =
                    "catena: error: cannot open the control socket \(host.control): another process answers on that socket (process "
                    + "\(host.process.pid), catena); give this host another control socket with --control\n"
                #expect(second.errors == reason)
                #expect(try host.status().pid == Int(host.process.pid))
            }
        }
    }

    @Test("where no host answers makes status end with 69, and say how one is found")
    func nobody() throws {
        try Workplace.with { place in
            let result = try Catena.run("status", in: place)
            #expect(result.exit == .status(69))
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("no host answers on \(place.path)/.catena/control.sock"), "\(result.errors)")
        }
    }
}
