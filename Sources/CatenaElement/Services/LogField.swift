// SPDX-License-Identifier: Apache-2.0
// A log line is a constant text and fields, so that it can be searched for. The host adds time, instance and the
// connection's id.

/// One key and value of a log line.
public struct LogField: Equatable, Sendable {
    public let key: String
    public let value: String
    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
