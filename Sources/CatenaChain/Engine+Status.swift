// SPDX-License-Identifier: Apache-2.0
// What an engine can say about itself while it runs: chains, elements, counters. Read from any thread; the figures are of about
// the same moment, not of exactly one.

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
    }

    public struct Transport: Sendable, Codable, Equatable {
        public var url: String
        public var state: String
        public var references: Int
    }

    public var chains: [Chain]
    public var transports: [Transport]
    /// Calls from outside that have not ended.
    public var callsUnderWay: Int
}

extension Engine {
    /// Counters: three for each instance, then four for each chain.
    var counterCount: Int { instances.count * 3 + chains.count * 4 }

    @inline(__always)
    func counterIndex(_ instance: Int32, _ verb: Verb) -> Int {
        Int(instance) * 3 + (verb == .request ? 0 : 1)
    }

    func failureIndex(_ instance: Int32) -> Int { Int(instance) * 3 + 2 }

    func chainCounterIndex(_ chain: LinkedChain, _ verb: Verb, isGood: Bool) -> Int {
        instances.count * 3 + chain.number * 4 + (verb == .request ? 0 : 2) + (isGood ? 0 : 1)
    }

    private func total(_ index: Int) -> UInt64 { homes.reduce(0) { $0 + $1.counters.read(index) } }

    public func status() -> EngineStatus {
        EngineStatus(
            chains: chains.map { chain in
                EngineStatus.Chain(
                    path: chain.path, name: chain.name, requests: outcomes(chain, .request), closes: outcomes(chain, .close),
                    connections: chain.isClient ? nil : chain.connections.count, elements: chain.instances.map(element))
            },
            transports: transports.all().map { transport in
                EngineStatus.Transport(
                    url: transport.url, state: Engine.name(ofState: transport.state), references: transport.references)
            },
            callsUnderWay: underWay.count)
    }

    private func outcomes(_ chain: LinkedChain, _ verb: Verb) -> EngineStatus.Outcomes {
        EngineStatus.Outcomes(
            ok: total(chainCounterIndex(chain, verb, isGood: true)), failed: total(chainCounterIndex(chain, verb, isGood: false)))
    }

    private func element(_ instance: Instance) -> EngineStatus.Element {
        let number = Int32(instance.number)
        return EngineStatus.Element(
            path: instance.path, type: instance.type.id, version: instance.type.version,
            requests: total(counterIndex(number, .request)), closes: total(counterIndex(number, .close)),
            failures: total(failureIndex(number)))
    }

    private static func name(ofState state: UInt32) -> String {
        let names = ["idle", "connecting", "ready", "failing", "retired"]
        return state < names.count ? names[Int(state)] : "unknown"
    }
}
