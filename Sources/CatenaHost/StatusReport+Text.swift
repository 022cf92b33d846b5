// SPDX-License-Identifier: Apache-2.0
// The status for people: one block for each chain, one line for each element, in the order in which a call meets them.

internal import CatenaChain
internal import CatenaConfig

extension StatusReport {
    /// The report as a table, ending in a line feed.
    public var text: String {
        var lines = ["catena \(version), process \(pid), up \(StatusReport.duration(uptimeSeconds)), config \(config)"]
        for chain in engine.chains {
            let urls = listeners.filter { $0.chain == chain.path }.map(\.url)
            lines.append("")
            var head = "chain \(chain.path)"
            if !urls.isEmpty { head += " on \(urls.joined(separator: ", "))" }
            if let connections = chain.connections { head += ": \(counted(connections, "connection"))" }
            lines.append(head)
            lines += opened.filter { $0.chain == chain.path }.map { "  \($0.text)".singleLine }
            lines.append("  Requests \(StatusReport.outcomes(chain.requests)), Closes \(StatusReport.outcomes(chain.closes))")
            lines += StatusReport.table(chain.elements)
        }
        if !engine.transports.isEmpty {
            lines.append("")
            for transport in engine.transports {
                lines.append("transport \(transport.url): \(transport.state), used by \(counted(transport.references, "leg"))")
            }
        }
        lines.append("")
        let held = engine.holdings
        lines.append("under way: \(counted(held.calls, "call")), \(held.insideCalls) begun by elements, \(held.operations) timers and waits")
        lines.append("held: \(counted(held.connections, "connection")), \(counted(held.legs, "leg")), \(counted(held.slots, "slot")), \(counted(held.transports, "transport")), \(counted(held.owed, "owed answer")), \(counted(held.subscribers, "subscriber"))")
        lines.append("process: \(process.threads) threads, \(process.descriptors) descriptors, \(process.residentBytes / 1_048_576) MiB")
        return lines.map { "\($0)\n" }.joined()
    }

    private static func outcomes(_ outcomes: EngineStatus.Outcomes) -> String {
        "\(outcomes.ok) ok, \(outcomes.failed) failed"
    }

    private static func table(_ elements: [EngineStatus.Element]) -> [String] {
        guard !elements.isEmpty else { return [] }
        let head = ["element", "type", "requests", "closes", "failures", "faults"]
        let rows = elements.map { element in
            [
                element.path, "\(element.type) \(element.version)", "\(element.requests)", "\(element.closes)", "\(element.failures)",
                "\(element.faults)",
            ]
        }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        let notes = [""] + elements.map(StatusReport.note)
        return zip([head] + rows, notes).map { row, note in
            let cells = row.indices.map { column -> String in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column < 2 ? row[column] + padding : padding + row[column]
            }
            return "    " + cells.joined(separator: "  ") + note
        }
    }

    /// What an operator must know of an element besides its figures.
    private static func note(_ element: EngineStatus.Element) -> String {
        (element.isDisabled ? "  out of use" : "") + (element.owes > 0 ? "  owes \(counted(element.owes, "answer"))" : "")
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds)
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
