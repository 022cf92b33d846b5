// SPDX-License-Identifier: Apache-2.0
// gRPC's status codes as the chain carries them. A struct and not an enum, so that a code this kit has no name for passes
// through unchanged.

/// A gRPC status code of a failure, 1 to 16.
public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as the header has it.
    public let rawValue: UInt32
    /// Any number, also one that this kit has no name for.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The caller does not wait any more.
    public static let cancelled = Code(rawValue: 1)
    /// An error of which no more is known.
    public static let unknown = Code(rawValue: 2)
    /// The Request is wrong, whatever the state of things.
    public static let invalidArgument = Code(rawValue: 3)
    /// Time ran out; the call may have taken effect.
    public static let deadlineExceeded = Code(rawValue: 4)
    /// What was asked for is not there.
    public static let notFound = Code(rawValue: 5)
    /// What was to be made is there already.
    public static let alreadyExists = Code(rawValue: 6)
    /// The caller is known, and may not.
    public static let permissionDenied = Code(rawValue: 7)
    /// A limit is reached: a queue, a rate, memory.
    public static let resourceExhausted = Code(rawValue: 8)
    /// Things are not in the state this needs; trying again alone will not help.
    public static let failedPrecondition = Code(rawValue: 9)
    /// Something else came in between; the caller may try again from the start.
    public static let aborted = Code(rawValue: 10)
    /// A value is beyond what there is.
    public static let outOfRange = Code(rawValue: 11)
    /// This is not supported here.
    public static let unimplemented = Code(rawValue: 12)
    /// A rule was broken: a mistake of a program.
    public static let `internal` = Code(rawValue: 13)
    /// Not just now; trying again may help.
    public static let unavailable = Code(rawValue: 14)
    /// Something was lost for good.
    public static let dataLoss = Code(rawValue: 15)
    /// The caller is not known.
    public static let unauthenticated = Code(rawValue: 16)

    /// The name as gRPC spells it, `INVALID_ARGUMENT`; the number for a code outside the list.
    public var description: String {
        Self.names.indices.contains(Int(rawValue)) ? Self.names[Int(rawValue)] : String(rawValue)
    }

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED",
    ]
}
