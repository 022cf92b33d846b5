// SPDX-License-Identifier: Apache-2.0
//
// Order is data: the elements stand here in the order in which a Request meets them, splices already expanded.
// Whether anybody serves the chain is told by its listeners alone.

/// One chain of chains.json.
public struct ChainDefinition: Sendable {
    /// The key in `chains`; see `ConfigName`. It never begins with `x-`: such a key is a note.
    public let name: String
    /// Where the chain is served; empty for a chain that elements of other chains use.
    public let listen: [Listener]
    /// Head first. May be empty: a served chain without elements answers every Request as it came.
    public let elements: [ElementDefinition]
    /// The chain's key.
    public let place: Place

    /// True when the chain has `listen`.
    public var isServed: Bool { !listen.isEmpty }
}
