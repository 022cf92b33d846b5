// SPDX-License-Identifier: Apache-2.0
// The live connections for people: one line each, with what an operator looks for first.

public import CatenaChain
internal import CatenaConfig

/// The connections of a host, as `catena status --connections` shows them.
public struct ConnectionList: Codable, Sendable, Equatable {
    public var connections: [ConnectionStatus]

    public init(_ connections: [ConnectionStatus]) { self.connections = connections }

    /// A table, ending in a line feed.
    public var text: String {
        var table = TextTable(head: ["connection", "chain", "state", "next hop", "age"])
        table.rows = connections.map { [$0.id, $0.chain, $0.state, $0.nextHop ?? "-", $0.ageSeconds.map(StatusReport.duration) ?? "-"] }
        let lines = (connections.isEmpty ? [] : table.lines() + [""]) + [counted(connections.count, "connection")]
        return lines.map { "\($0)\n" }.joined()
    }
}
