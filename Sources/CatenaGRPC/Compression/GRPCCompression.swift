// SPDX-License-Identifier: Apache-2.0
// What a caller may ask for. A type of its own beside MessageEncoding, which also knows what peers ask for and we do not have.

/// The compression of messages.
public enum GRPCCompression: Hashable, Sendable {
    /// As they are.
    case none
    /// gzip, for messages that are long enough to gain by it. A server that does not know it answers UNIMPLEMENTED.
    case gzip

    var encoding: MessageEncoding { self == .gzip ? .gzip : .identity }
}
