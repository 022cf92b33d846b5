// SPDX-License-Identifier: Apache-2.0
//
// What a chain in the client role asks for, as a person writes it. What it becomes on the wire is the business of whoever asks.

/// One entry of a chain's `open`: a connection that the chain requests when the host starts, keeps, and closes when it stops.
public struct ConnectionDefinition: Sendable {
    /// The network service; not empty.
    public let service: String
    /// Labels of the connection. A key is not empty; one that begins with `x-` is a label like any other.
    public let labels: [String: String]
    /// The type of the one mechanism that is preferred, such as `KERNEL`; nil: none is.
    public let mechanism: String?
    /// The connection's id, which no other entry of the file has; nil: a new one for each start of the host.
    public let id: String?
    /// The entry.
    public let place: Place
}
