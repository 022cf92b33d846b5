// SPDX-License-Identifier: Apache-2.0
// What an engine can say about itself while it runs: chains, elements, counters. Read from any thread; the figures are of about
// the same moment, not of exactly one.

internal import Synchronization

/// What an engine says about itself.
public struct EngineStatus: Sendable, Codable, Equatable {
    public struct Chain: Sendable, Codable, Equatable {
        /// `forwarder`, or `forwarder/connect` for a client chain used there.
        public var path: String
        /// The name in chains.json.
        public var name: String
        public var requests: Outcomes
        public var closes: Outcomes
        /// Connections the chain knows, open or being opened; nil for a client chain.
        public var connections: Int?
        public var elements: [Element]
    }

    public struct Outcomes: Sendable, Codable, Equatable {
        public var ok: UInt64
        public var failed: UInt64
    }

    public struct Element: Sendable, Codable, Equatable {
        /// `forwarder/connect`
        public var path: String
        public var type: String
        public var version: String
        /// How often its request and close hooks were called. An element without the hook is not counted.
        public var requests: UInt64
        public var closes: UInt64
        /// Calls that this element failed.
        public var failures: UInt64
        /// How often it broke a rule of the ABI.
        public var faults: UInt64
        /// It was taken out of use for one of them.
        public var isDisabled: Bool
        /// Answers it has been written off for, and still owes.
        public var owes: Int
    }

    public struct Transport: Sendable, Codable, Equatable {
        public var url: String
        public var state: String
        public var references: Int
    }

    /// What the engine holds for others just now. All of it is zero when nobody has a connection or a call.
    public struct Holdings: Sendable, Codable, Equatable {
        /// Calls from outside that have not ended.
        public var calls: Int
        /// Events and client calls of elements that have not ended.
        public var insideCalls: Int
        /// Connections that some chain knows, open or being opened.
        public var connections: Int
        /// Client sides of connections.
        public var legs: Int
        /// Blocks of slots, of connections, of legs and of anchors, that have not been dropped.
        public var slots: Int
        /// Timers, events and client calls of elements.
        public var operations: Int
        /// Transports to next hops.
        public var transports: Int
        /// Answers that elements owe after they were written off.
        public var owed: Int
        /// Those who are told of the connections of a chain.
        public var subscribers: Int
    }

    public var chains: [Chain]
    public var transports: [Transport]
    public var holdings: Holdings
}

extension Engine {
    /// Counters: three for each instance, then four for each chain.
    var counterCount: Int { instances.count * 3 + chains.count * 4 }

    @inline(__always)
    func counterIndex(_ instance: Int32, _ verb: Verb) -> Int {
        Int(instance) * 3 + (verb == .request ? 0 : 1)
    }

    func failureIndex(_ instance: Int32) -> Int { Int(instance) * 3 + 2 }

    /// The first of a chain's four counters: Requests that succeeded and that failed, and the same of Closes.
    func chainCounterIndex(_ chain: LinkedChain) -> Int { instances.count * 3 + chain.number * 4 }

    private func total(_ index: Int) -> UInt64 { homes.reduce(0) { $0 + $1.counters.read(index) } }

    public func status() -> EngineStatus {
        let transports = transports.all()
        let chains = chains.map(chain)
        return EngineStatus(
            chains: chains,
            transports: transports.map { transport in
                EngineStatus.Transport(
                    url: transport.url, state: Engine.name(ofState: transport.state), references: transport.references)
            },
            holdings: holdings(chains, transports: transports.count))
    }

    private func holdings(_ chains: [EngineStatus.Chain], transports: Int) -> EngineStatus.Holdings {
        let calls = underWay.counts
        return EngineStatus.Holdings(
            calls: calls.outside, insideCalls: calls.inside, connections: chains.reduce(0) { $0 + ($1.connections ?? 0) },
            legs: legCount.load(ordering: .relaxed), slots: slotCount.load(ordering: .relaxed), operations: operations.count,
            transports: transports, owed: chains.reduce(0) { $0 + $1.elements.reduce(0) { $0 + $1.owes } },
            subscribers: served.reduce(0) { $0 + ($1.monitor?.subscriberCount ?? 0) })
    }

    private func chain(_ chain: LinkedChain) -> EngineStatus.Chain {
        EngineStatus.Chain(
            path: chain.path, name: chain.name, requests: outcomes(chain, .request), closes: outcomes(chain, .close),
            connections: chain.isClient ? nil : chain.connections.count, elements: chain.instances.map(element))
    }

    private func outcomes(_ chain: LinkedChain, _ verb: Verb) -> EngineStatus.Outcomes {
        let first = chainCounterIndex(chain) + (verb == .request ? 0 : 2)
        return EngineStatus.Outcomes(ok: total(first), failed: total(first + 1))
    }

    private func element(_ instance: Instance) -> EngineStatus.Element {
        let number = Int32(instance.number)
        return EngineStatus.Element(
            path: instance.path, type: instance.type.id, version: instance.type.version,
            requests: total(counterIndex(number, .request)), closes: total(counterIndex(number, .close)),
            failures: total(failureIndex(number)), faults: instance.faults.load(ordering: .relaxed), isDisabled: instance.isDisabled,
            owes: instance.owes.load(ordering: .relaxed))
    }

    private static func name(ofState state: UInt32) -> String {
        let names = ["idle", "connecting", "ready", "failing", "retired"]
        return state < names.count ? names[Int(state)] : "unknown"
    }
}
