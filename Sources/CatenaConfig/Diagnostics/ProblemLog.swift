// SPDX-License-Identifier: Apache-2.0
//
// Reading goes on after a problem, so that one run reports them all; this is where they are gathered.
// It is bounded: a file of a million mistakes must not become a gigabyte of messages.

/// The problems found so far, at most `limit` of them.
struct ProblemLog: Sendable {
    static let limit = 200
    /// Bytes of pointers and messages after which no more are kept: a long key is repeated by each mistake inside its value.
    static let maximumBytes = 1 << 20

    private(set) var diagnostics: [Diagnostic] = []
    /// True when problems are no longer kept; costly hints need not be worked out then.
    private(set) var isFull = false
    private var bytes = 0

    mutating func append(_ diagnostic: Diagnostic) {
        if diagnostics.count < ProblemLog.limit, bytes < ProblemLog.maximumBytes {
            diagnostics.append(diagnostic)
            bytes += diagnostic.size
        } else if !isFull {
            isFull = true
            diagnostics.append(Diagnostic(
                severity: .error, file: diagnostic.file,
                message: "more than \(diagnostics.count) problems; the rest are not shown"))
        }
    }

    mutating func error(_ place: Place, _ message: String) {
        guard !isFull else { return }
        append(place.diagnostic(message: message))
    }
}
