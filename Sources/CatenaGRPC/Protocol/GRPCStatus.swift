// SPDX-License-Identifier: Apache-2.0
// How every call ends, on either side and on the wire. It is an Error so that it can travel through Result and futures as it is.

/// A gRPC status: a code and a text for people (gRPC PROTOCOL-HTTP2, "Status" and "Status-Message").
public struct GRPCStatus: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// Any Unicode text; percent-encoded on the wire. Empty when there is nothing to say.
    public var message: String

    public init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// OK, without a text.
    public static let ok = GRPCStatus(.ok)

    public var description: String {
        message.isEmpty ? code.description : "\(code): \(message)"
    }
}

extension GRPCStatus {
    /// The 17 codes of gRPC; the raw value is the number on the wire. The set is closed: a number outside it is read as ``unknown``.
    public enum Code: Int, CaseIterable, Hashable, Sendable, CustomStringConvertible {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16

        /// The name as gRPC's documents and other implementations print it, such as `NOT_FOUND`.
        public var description: String {
            switch self {
            case .ok: "OK"
            case .cancelled: "CANCELLED"
            case .unknown: "UNKNOWN"
            case .invalidArgument: "INVALID_ARGUMENT"
            case .deadlineExceeded: "DEADLINE_EXCEEDED"
            case .notFound: "NOT_FOUND"
            case .alreadyExists: "ALREADY_EXISTS"
            case .permissionDenied: "PERMISSION_DENIED"
            case .resourceExhausted: "RESOURCE_EXHAUSTED"
            case .failedPrecondition: "FAILED_PRECONDITION"
            case .aborted: "ABORTED"
            case .outOfRange: "OUT_OF_RANGE"
            case .unimplemented: "UNIMPLEMENTED"
            case .internal: "INTERNAL"
            case .unavailable: "UNAVAILABLE"
            case .dataLoss: "DATA_LOSS"
            case .unauthenticated: "UNAUTHENTICATED"
            }
        }
    }
}
