// SPDX-License-Identifier: Apache-2.0
//
// Order is data: the elements stand here in the order in which a Request meets them, splices already expanded.
// What it is for is told by two keys alone: its listeners, or the connections that it opens; a chain with neither is used by others.

/// One chain of chains.json.
public struct ChainDefinition: Sendable {
    /// The key in `chains`; see `ConfigName`. It never begins with `x-`: such a key is a note.
    public let name: String
    /// Where the chain is served; empty for one that is not.
    public let listen: [Listener]
    /// What the chain asks for in the client role; empty for a chain that has another role. Never both this and `listen`.
    public let open: [ConnectionDefinition]
    /// Head first. May be empty: a served chain without elements answers every Request as it came.
    public let elements: [ElementDefinition]
    /// The chain's key.
    public let place: Place

    /// True when the chain has `listen`.
    public var isServed: Bool { !listen.isEmpty }

    /// True when the chain has `open`: it begins its own connections, as a client does.
    public var opensConnections: Bool { !open.isEmpty }
}
