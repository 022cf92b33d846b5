// SPDX-License-Identifier: Apache-2.0
// A server either opens its socket or is given one that somebody else opened, which is how a restart keeps its listeners.

/// What a ``GRPCServer`` accepts connections from.
public enum GRPCListener: Hashable, Sendable, CustomStringConvertible {
    /// Bind and listen here. The file of a Unix socket is ours, and is removed at the end.
    case address(GRPCAddress)
    /// A bound stream socket, TCP or Unix, that somebody else opened. The server owns the descriptor from here on, also when it fails
    /// to start; the file of a Unix socket stays.
    case descriptor(CInt)

    public var description: String {
        switch self {
        case .address(let address): "\(address)"
        case .descriptor(let descriptor): "descriptor \(descriptor)"
        }
    }
}
