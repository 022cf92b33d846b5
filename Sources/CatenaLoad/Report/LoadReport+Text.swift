// SPDX-License-Identifier: Apache-2.0
// The report for people: what was done, how fast, and what went wrong with one example of each kind.

extension LoadReport {
    /// The report, ending in a line feed.
    package var text: String {
        var lines = [head + (interrupted ? " (ended early)" : "")]
        if !unchecked { lines.append("  opened    \(outcome(opened))") }
        lines.append("  requests  \(outcome(requests)): \(ReportText.grouped(Int(perSecond.rounded())))/s")
        lines.append("  latency   " + (latency.map(LoadReport.line) ?? "none: no Request was answered as it should be"))
        lines.append("  messages  \(ReportText.bytes(bytesSent)) sent, \(ReportText.bytes(bytesReceived)) received")
        if !unchecked { lines.append("  closed    \(outcome(closed))") }
        lines.append("  errors    \(failures.isEmpty ? "none" : ReportText.grouped(failures.reduce(0) { $0 + $1.count }))")
        for failure in failures {
            let message = failure.message.isEmpty ? "" : ": \(failure.message)"
            lines.append("    \(failure.part.rawValue): \(ReportText.grouped(failure.count)) \(failure.name)\(message)")
        }
        return lines.map { "\($0)\n" }.joined()
    }

    private var head: String {
        let size = "\(ReportText.counted(concurrency, "call")) in flight, \(ReportText.counted(transports, "transport"))"
        return unchecked ? "\(url): \(size), unchecked" : "\(url): \(ReportText.counted(connections, "connection")), \(size)"
    }

    private func outcome(_ calls: Calls) -> String {
        let failed = calls.failed > 0 ? " and \(ReportText.grouped(calls.failed)) failed" : ""
        return "\(ReportText.grouped(calls.ok)) ok\(failed) in \(ReportText.duration(Double(calls.elapsed)))"
    }

    private static func line(_ latency: Latency) -> String {
        [
            ("p50", latency.p50), ("p90", latency.p90), ("p99", latency.p99), ("p99.9", latency.p999), ("max", latency.max),
        ].map { "\($0) \(ReportText.duration($1))" }.joined(separator: ", ")
    }
}
