// SPDX-License-Identifier: Apache-2.0
// A log line is a constant text and fields, so that it can be searched for. The host adds time, instance and the
// connection's id.

/// One key and value of a log line.
public struct LogField: Equatable, Sendable {
    /// Lower-case, one word: `duration`.
    public let key: String
    /// As text; the host quotes it where that is needed.
    public let value: String
    /// A field of a line.
    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
