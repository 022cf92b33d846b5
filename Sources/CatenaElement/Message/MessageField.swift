// SPDX-License-Identifier: Apache-2.0
// The parts of a message that can be copied, removed or printed as a whole. The numbers are the header's.

/// A field of a NetworkServiceRequest.
public struct MessageField: RawRepresentable, Hashable, Sendable {
    /// The number as the header has it.
    public let rawValue: UInt32
    /// A field by its number in the header.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The connection's id at this element.
    public static let id = MessageField(rawValue: 1)
    /// The name of the network service.
    public static let networkService = MessageField(rawValue: 2)
    /// How the two ends attach.
    public static let mechanism = MessageField(rawValue: 3)
    /// Addresses, routes and what else the connection context carries, as protobuf.
    public static let context = MessageField(rawValue: 4)
    /// All path segments and the index.
    public static let path = MessageField(rawValue: 6)
    /// The name of the chosen endpoint.
    public static let endpoint = MessageField(rawValue: 7)
    /// What the connection carries: `ETHERNET`, `IP`.
    public static let payload = MessageField(rawValue: 8)
    /// The whole connection.
    public static let connection = MessageField(rawValue: 16)
    /// The mechanisms a Request would accept.
    public static let preferences = MessageField(rawValue: 17)
    /// Connection and preferences.
    public static let request = MessageField(rawValue: 18)
}
