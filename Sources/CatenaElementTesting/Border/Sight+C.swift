// SPDX-License-Identifier: Apache-2.0
// What a hop shows, copied out of it while it may be looked at.
internal import CatenaABI
internal import CatenaElement

extension Sight {
    init(
        _ element: String, _ path: String, _ hook: HookName, _ hop: catena_hop, below: UnsafePointer<catena_error>?,
        values: [String: [UInt8]] = [:]
    ) {
        self.init(
            element: element, path: path, hook: hook, flags: HopFlags(rawValue: hop.flags), reason: Reason(rawValue: hop.reason),
            attempt: Int(hop.attempt), connection: Connection(hop.conn), below: below.map { ElementError(copying: $0) },
            deadline: hop.deadline_ns == 0 ? nil : hop.deadline_ns, message: TestMessage(at: hop.message), ticket: hop.call,
            values: values)
    }

    /// The last touch of a connection's slot.
    init(dropped element: String, _ path: String, connection: UInt64, reason: catena_reason) {
        self.init(
            element: element, path: path, hook: .connectionDropped, flags: [], reason: Reason(rawValue: reason), attempt: 0,
            connection: Connection(connection), below: nil, deadline: nil, message: TestMessage(), ticket: 0, values: [:])
    }
}
