// SPDX-License-Identifier: Apache-2.0
// What a load counts while it runs: three parts with the same counters, and a histogram for the one that is measured.

internal import NIOCore

/// Counters of one load.
struct LoadTally {
    /// One part of a load.
    struct Part {
        var ok = 0
        var failed = 0
        /// When the first call was begun; nil: none was.
        var began: NIODeadline?
        /// When the last one ended.
        var ended = NIODeadline.uptimeNanoseconds(0)

        var elapsed: TimeAmount { began.map { ended - $0 } ?? .zero }
    }

    /// Whose name is what went wrong, in which part.
    struct ErrorKey: Hashable {
        let part: LoadReport.Part
        let name: String
    }

    var opened = Part()
    var requests = Part()
    var closed = Part()
    /// Of refreshes that were answered as they should be.
    var latency = LatencyHistogram()
    var bytesSent = 0
    var bytesReceived = 0
    /// How often, and what the first one said.
    private(set) var errors: [ErrorKey: (count: Int, message: String)] = [:]

    mutating func fail(_ part: LoadReport.Part, _ name: String, _ message: String) {
        self[part].failed += 1
        errors[ErrorKey(part: part, name: name), default: (0, message)].count += 1
    }

    var errorCount: Int { opened.failed + requests.failed + closed.failed }

    subscript(part: LoadReport.Part) -> Part {
        get {
            switch part {
            case .open: opened
            case .request: requests
            case .close: closed
            }
        }
        _modify {
            switch part {
            case .open: yield &opened
            case .request: yield &requests
            case .close: yield &closed
            }
        }
    }
}
