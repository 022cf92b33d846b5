// SPDX-License-Identifier: Apache-2.0
// The connections of an engine, one by one, for an operator who wants to know what is there. Each loop is asked for its own, so that
// nothing is looked at while it changes.

internal import CatenaABI
internal import Synchronization

/// One connection as an engine sees it.
public struct ConnectionStatus: Sendable, Codable, Equatable {
    /// The id in this chain.
    public var id: String
    public var chain: String
    /// `UP`, `DOWN` and what else the NSM API calls it; `OPENING` before the first Request has succeeded, `CLOSING` while what a failed
    /// Close has left is kept.
    public var state: String
    /// The URL to which its client side leads; nil: it has none.
    public var nextHop: String?
    /// Since its first Request succeeded; nil: none has.
    public var ageSeconds: Double?

    public init(id: String, chain: String, state: String, nextHop: String? = nil, ageSeconds: Double? = nil) {
        self.id = id
        self.chain = chain
        self.state = state
        self.nextHop = nextHop
        self.ageSeconds = ageSeconds
    }
}

extension Engine {
    /// Lists every connection, by chain and id. Any thread; `done` comes on one of the loops.
    package func listConnections(_ done: @escaping @Sendable ([ConnectionStatus]) -> Void) {
        let found = Found()
        onEachHome({ home in
            let own = self.served.flatMap { chain in chain.connections.all().filter { $0.home === home } }.map(\.status)
            found.list.withLock { $0 += own }
        }) {
            done(found.list.withLock { $0 }.sorted { ($0.chain, $0.id) < ($1.chain, $1.id) })
        }
    }

    private final class Found: Sendable {
        let list = Mutex<[ConnectionStatus]>([])
    }
}

extension Connection {
    private static let states = ["UP", "DOWN", "REFRESH_REQUESTED", "RESELECT_REQUESTED"]

    /// On its home loop.
    fileprivate var status: ConnectionStatus {
        let leg = legs.last { $0.isLive }
        let age = openedAt == 0 ? nil : Double((home.loop.now() &- openedAt) / 1_000_000) / 1000
        return ConnectionStatus(id: idText, chain: chain.path, state: state, nextHop: leg?.transport.shared.url, ageSeconds: age)
    }

    private var state: String {
        guard isOpen, let lastGood else { return turn.isClosing ? "CLOSING" : "OPENING" }
        // What the next hop has said since is known to the monitor alone.
        let number = chain.monitor?.state(of: self) ?? chain.engine.messages.pointee.number(lastGood, CATENA_F_STATE)
        return Int(number) < Self.states.count ? Self.states[Int(number)] : "\(number)"
    }
}
