// SPDX-License-Identifier: Apache-2.0
// An element can crash the process that it runs in, and nothing can be done about it; but whoever reads the log knows at once which
// element it was.

import Foundation
import ModuleTestSupport
import Testing

@EndToEnd
@Suite("the last line of a host that an element crashes names the element")
struct CrashTests {
    /// A way to crash, and what the last line says of it.
    struct Crash: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let number: Int
        let signal: CInt
        let line: String
    }

    nonisolated static let crashes = [
        Crash(testDescription: "a bad pointer in request", number: 1, signal: SIGSEGV, line: "SIGSEGV in request"),
        Crash(testDescription: "a stack that overflows", number: 2, signal: SIGSEGV, line: "SIGSEGV in request_reply"),
        Crash(testDescription: "a trap in a timer", number: 3, signal: SIGILL, line: "SIGILL in a timer's function"),
        Crash(testDescription: "abort when a slot is dropped", number: 4, signal: SIGABRT, line: "SIGABRT in conn_dropped"),
    ]

    @Test("element, module, signal, function and connection", arguments: crashes)
    func lastLine(crash: Crash) throws {
        try Workplace.with { place in
            try FixtureModule.build("running/crashes", to: place.file("libodd.so"), "WHERE=\(crash.number)")
            let config = Chains.chain(modulePath: ".", Chains.updatepath("chain"), #""serialize""#, #""odd""#)
            try RunningHost.with(config, in: place) { host in
                let url = try host.url(of: "chain")
                let request = try Catena.run("request", "--url", url, "--service", "s", "--id", "one", in: place)
                if request.exit == .status(0) {
                    try place.write(request.output, to: "one.json")
                    _ = try Catena.run("close", "--url", url, "one.json", in: place)
                }
                #expect(try host.process.awaitExit() == .signal(crash.signal))
                let line = host.process.errors.split(separator: "\n").last.map(String.init) ?? ""
                let told = "catena: fatal: element \"chain/odd\" (module \(place.path)/libodd.so) crashed the process with \(crash.line), connection \""
                #expect(line.hasPrefix(told))
                // The id is the one in this chain, which updatepath has made.
                #expect(UUID(uuidString: String(line.dropFirst(told.count).dropLast())) != nil, "\(line)")
            }
        }
    }
}
