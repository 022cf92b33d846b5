// SPDX-License-Identifier: Apache-2.0
// One line for those who wait: how far the load is, and whether it is going well.

package import NIOCore

/// Where a load is, told each second.
package struct LoadProgress: Sendable {
    /// Since the load began.
    package var elapsed: TimeAmount
    package var part: LoadReport.Part
    /// How many calls of the part have ended.
    package var ended: Int
    /// How many of them since the last time.
    package var inLastSecond: Int
    /// Of all parts so far.
    package var errors: Int
    /// How many calls the part has in all; nil when the clock decides.
    package var expected: Int?

    package init(elapsed: TimeAmount, part: LoadReport.Part, ended: Int, inLastSecond: Int, errors: Int, expected: Int?) {
        (self.elapsed, self.part, self.ended) = (elapsed, part, ended)
        (self.inLastSecond, self.errors, self.expected) = (inLastSecond, errors, expected)
    }

    /// Such as `5 s: 61,234 requests, 12,345/s, 0 errors`.
    package var text: String {
        let count = ReportText.grouped(ended) + (expected.map { " of \(ReportText.grouped($0))" } ?? "")
        let what =
            switch part {
            case .open: "connections opened: \(count)"
            case .request: "\(count) requests"
            case .close: "connections closed: \(count)"
            }
        let seconds = (elapsed.nanoseconds + 500_000_000) / 1_000_000_000
        return "\(seconds) s: \(what), \(ReportText.grouped(inLastSecond))/s, \(ReportText.counted(errors, "error"))"
    }
}
