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
            #expect(!place.exists(".catena"))
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
            #expect(result.errors.contains("no host answers on \(place.path)/.catena/control.sock: there is no such socket"), "\(result.errors)")
            #expect(result.errors.contains("\"catena serve\""), "\(result.errors)")
        }
    }

    @Test("in a folder that is not there is told by the folder, for a listener at its place in the file and for --control")
    func missingFolder() throws {
        try Workplace.with { place in
            let url = "unix://\(place.file("none/chain.socket"))"
            try place.write(Chains.chain(listen: url, Chains.updatepath("chain"), "\"serialize\""), to: "chains.json")
            let missing = "there is no folder \(place.file("none")): make it, or name another path\n"
            let listener = try Catena.run("serve", in: place)
            #expect(listener.exit == .status(69))
            let head = "chains.json:4:18: error: /chains/chain/listen/0: cannot listen on \(url): "
            #expect(listener.errors.hasPrefix(head + missing), "\(listener.errors)")

            let control = try Catena.run("serve", "--control", "none/more/control.sock", in: place)
            #expect(control.exit == .status(69))
            let path = place.file("none/more")
            #expect(control.errors == "catena: error: cannot open the control socket \(path)/control.sock: there is no folder \(path): make it, or name another path\n")
            #expect(!place.exists("none"))
        }
    }
}
