// SPDX-License-Identifier: Apache-2.0
// What the status says of the connections that chains open: whether each is up, since when, and why it is not.

internal import CatenaChain
internal import CatenaConfig
internal import NIOCore

extension StatusReport {
    /// A connection that a chain in the client role opens.
    public struct Opened: Codable, Sendable, Equatable {
        public enum State: String, Codable, Sendable {
            /// It is asked for until it is up.
            case opening
            case up
            /// The host stops.
            case closing
            case closed
        }

        public var chain: String
        public var service: String
        public var id: String
        public var state: State
        /// How long it has been so.
        public var seconds: Double
        /// Requests that have failed one after another.
        public var failures: Int
        /// Why the last of them failed.
        public var lastError: String?

        /// `opens icmp (c-1): up for 12 s`, `opens icmp (c-1): asking for 3 s, 5 Requests failed: UNAVAILABLE: ...`
        var text: String {
            let time = StatusReport.duration(seconds)
            let state =
                switch state {
                case .opening: "asking for \(time)"
                case .up: "up for \(time)"
                case .closing: "closing for \(time)"
                case .closed: "closed"
                }
            let error = lastError.map { ", \(counted(failures, "Request")) failed: \($0)" } ?? ""
            return "opens \(service) (\(id)): \(state)\(error)"
        }
    }
}

extension StatusReport.Opened {
    init(_ connection: OpenedConnection) {
        let opening = connection.opening
        let now = NIODeadline.now().uptimeNanoseconds
        let age = opening.phase == .idle || now < opening.since ? 0 : now - opening.since
        self.init(
            chain: connection.chain.name, service: connection.definition.service, id: connection.id, state: State(opening.phase),
            seconds: Double(age / 1_000_000) / 1000, failures: opening.failures, lastError: opening.lastError)
    }
}

extension StatusReport.Opened.State {
    fileprivate init(_ phase: Opening.Phase) {
        switch phase {
        case .idle, .asking, .waiting: self = .opening
        case .up: self = .up
        case .leaving, .closing: self = .closing
        case .over: self = .closed
        }
    }
}
