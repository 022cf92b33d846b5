// SPDX-License-Identifier: Apache-2.0
// What `catena status` prints, from a report made by hand: the figures come from a running host only in the end-to-end tests.

@testable import CatenaChain
@testable import CatenaHost
import Foundation
import NIOCore
import Testing

@Suite("the status report")
struct StatusReportTests {
    private static let engine = EngineStatus(
        chains: [
            EngineStatus.Chain(
                path: "forwarder", name: "forwarder", requests: .init(ok: 12, failed: 3), closes: .init(ok: 9, failed: 0), connections: 2,
                elements: [
                    .init(path: "forwarder/serialize", type: "serialize", version: "0.1.0", requests: 15, closes: 9, failures: 0, faults: 0, isDisabled: false, owes: 0),
                    .init(path: "forwarder/connect", type: "connect", version: "0.1.0", requests: 14, closes: 9, failures: 3, faults: 1, isDisabled: true, owes: 0),
                ]),
            EngineStatus.Chain(
                path: "forwarder/connect", name: "to-next-hop", requests: .init(ok: 11, failed: 3), closes: .init(ok: 9, failed: 0),
                connections: nil, elements: []),
        ],
        transports: [.init(url: "tcp://127.0.0.1:5002", state: "ready", references: 2)],
        holdings: .init(calls: 1, insideCalls: 2, connections: 2, legs: 2, slots: 4, operations: 3, transports: 1, owed: 0, subscribers: 1))

    private var report: StatusReport {
        StatusReport(configPath: "chains.json", began: .now(), serving: [.init(chain: "forwarder", url: "tcp://127.0.0.1:5001")],
            engine: Self.engine)
    }

    @Test("the table has a block for each chain, a line for each element, and the transports")
    func text() {
        let lines = report.text.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("catena \(CatenaVersion.current), process \(getpid()), up ") == true)
        #expect(lines.last?.hasPrefix("process: ") == true)
        #expect(Array(lines.dropFirst().dropLast()) == [
            "chain forwarder on tcp://127.0.0.1:5001: 2 connections",
            "  Requests 12 ok, 3 failed, Closes 9 ok, 0 failed",
            "    element              type             requests  closes  failures  faults",
            "    forwarder/serialize  serialize 0.1.0        15       9         0       0",
            "    forwarder/connect    connect 0.1.0          14       9         3       1  out of use",
            "chain forwarder/connect",
            "  Requests 11 ok, 3 failed, Closes 9 ok, 0 failed",
            "transport tcp://127.0.0.1:5002: ready, used by 2 legs",
            "under way: 1 call, 2 begun by elements, 3 timers and waits",
            "held: 2 connections, 2 legs, 4 slots, 1 transport, 0 owed answers, 1 subscriber",
        ])
    }

    @Test("a chain in the client role has a line for each connection: since when, and why it is not up")
    func opened() throws {
        var report = report
        let error = "UNAVAILABLE: client/connect: refused\nagain"
        report.opened = [
            .init(chain: "forwarder", service: "icmp", id: "c-1", state: .up, seconds: 61.5, failures: 0, lastError: nil),
            .init(chain: "forwarder", service: "vl3", id: "c-2", state: .opening, seconds: 3, failures: 1, lastError: error),
            .init(chain: "other", service: "icmp", id: "c-3", state: .closing, seconds: 0, failures: 0, lastError: nil),
        ]
        let lines = report.text.split(separator: "\n").map(String.init)
        #expect(Array(lines[1...4]) == [
            "chain forwarder on tcp://127.0.0.1:5001: 2 connections", "  opens icmp (c-1): up for 1 min 1 s",
            "  opens vl3 (c-2): asking for 3 s, 1 Request failed: UNAVAILABLE: client/connect: refused\\u{a}again",
            "  Requests 12 ok, 3 failed, Closes 9 ok, 0 failed",
        ])
        #expect(try JSONDecoder().decode(StatusReport.self, from: JSONEncoder().encode(report)) == report)
    }

    @Test("one of a kind is not told as several")
    func singular() {
        #expect(counted(0, "leg") == "0 legs")
        #expect(counted(1, "leg") == "1 leg")
        #expect(counted(2, "leg") == "2 legs")
    }

    @Test("as JSON the report reads back as it was written")
    func json() throws {
        let report = report
        #expect(try JSONDecoder().decode(StatusReport.self, from: JSONEncoder().encode(report)) == report)
    }
}
