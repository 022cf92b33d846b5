// SPDX-License-Identifier: Apache-2.0
// What others may see of a chain's connections. One element of a chain serves that; the host keeps what was published and sends it to
// whoever wants to know.
internal import CatenaABI

/// The service MonitorConnections of a served chain, for the element that publishes there; see ``HostServices/monitor``.
public struct MonitorService: Sendable {
    /// What has happened to a connection.
    public enum Event: UInt32, Sendable {
        /// It is as the message says.
        case update = 1
        /// It was closed.
        case delete = 2
    }

    private let host: Host

    init(_ host: Host) { self.host = host }

    /// Makes the chain serve it. Only in the initializer.
    /// - Parameter queue: of how many connections a subscriber may leave news unread, 1 or more; past it its stream ends with
    ///   RESOURCE_EXHAUSTED.
    /// - Throws: the chain takes no calls from outside, or another element of it serves that already.
    public func serve(queue: Int) throws(ConfigProblem) {
        guard let table = host.services.pointee.monitor else { throw ConfigProblem("the element's descriptor does not name the monitor") }
        guard table.pointee.serve(host.pointer, UInt32(clamping: max(1, queue))) == CATENA_OK else {
            throw ConfigProblem(
                "nobody could subscribe to \"\(host.instance)\": its chain takes no calls from outside, or has another such element; put one into the chain with \"listen\"")
        }
    }

    /// Tells those who want to hear of it. On the connection's loop.
    /// - Parameter message: copied.
    /// - Returns: false: the connection has ended.
    @discardableResult
    public func publish(_ event: Event, _ message: borrowing Message, of connection: Connection) -> Bool {
        guard let table = host.services.pointee.monitor else { return false }
        return table.pointee.publish(host.pointer, connection.number, event.rawValue, message.pointer) == CATENA_OK
    }
}
