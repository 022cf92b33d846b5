// SPDX-License-Identifier: Apache-2.0
// The next hop of a bench as a test speaks of what it says by itself.
internal import CatenaChain
internal import CatenaElement

extension NextHop {
    /// A stream that somebody has opened to it.
    public enum Stream: Hashable, Sendable {
        /// Of all connections whose path has a segment of this name.
        case connections(of: String)
        /// Of one alone.
        case connection(of: String, id: String)
        /// Of the health of a service.
        case health(String)
        /// Whether there is a way.
        case presence

        init(_ subject: WatchSubject) {
            self =
                switch subject {
                case .connections(let segment, let id?): .connection(of: segment, id: id)
                case .connections(let segment, nil): .connections(of: segment)
                case .health(let service): .health(service)
                case .presence: .presence
                }
        }
    }

    /// Streams that are open. A thousand connections to it are one.
    public var streams: [Stream] { said.open.map(Stream.init) }
    /// Every attempt to open one, in order.
    public var streamsBegun: [Stream] { said.begun.map(Stream.init) }

    /// It reports a connection as this message says, to all who listen for it: changed, or lost beyond it (the state DOWN).
    public func reports(_ message: TestMessage) { said.report(message) }
    /// It has closed a connection by itself.
    public func deletes(_ id: String) { said.delete(id) }
    /// The way to it is lost: streams end, and none can be opened. Calls are answered as the script says.
    public func loses(_ text: String = "connection refused") { said.lose(text) }
    /// The way is there again.
    /// - Parameter isNew: it is another process, which knows no connection.
    public func comesBack(isNew: Bool = false) { said.comeBack(isNew: isNew) }
    /// Whether its health is SERVING; told to all who listen for it.
    public func turns(isServing: Bool) { said.turn(isServing: isServing) }

    /// Whether it serves MonitorConnections. Yes.
    public var hasMonitor: Bool {
        get { said.rules.hasMonitor }
        set { said.rules.hasMonitor = newValue }
    }

    /// Whether it serves the health protocol. Yes.
    public var hasHealth: Bool {
        get { said.rules.hasHealth }
        set { said.rules.hasHealth = newValue }
    }

    /// Whether nobody may hear of all connections at once. No.
    public var refusesWildcards: Bool {
        get { said.rules.refusesWildcards }
        set { said.rules.refusesWildcards = newValue }
    }
}
