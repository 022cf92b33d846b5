// SPDX-License-Identifier: Apache-2.0
// The fields of a connection by name. Reading copies a text out of the message, setting copies it in; nothing is decoded
// that is not asked for.

extension Message {
    /// The connection's id at this element.
    public var id: String {
        get { text(.id) }
        nonmutating set { setText(.id, newValue) }
    }

    /// The name of the network service that is asked for.
    public var networkService: String {
        get { text(.networkService) }
        nonmutating set { setText(.networkService, newValue) }
    }

    /// `Connection.network_service_endpoint_name`; empty: not chosen.
    public var endpoint: String {
        get { text(.endpoint) }
        nonmutating set { setText(.endpoint, newValue) }
    }

    /// What the connection carries, `ETHERNET` or `IP`; empty: not said.
    public var payload: String {
        get { text(.payload) }
        nonmutating set { setText(.payload, newValue) }
    }

    /// Whether the connection is up, or what is asked for it.
    public var state: ConnectionState {
        get { ConnectionState(rawValue: number(9)) }
        nonmutating set { setNumber(9, newValue.rawValue) }
    }

    /// Which path segment is ours. It may lie outside the path: it comes from the caller.
    public var pathIndex: Int {
        get { Int(number(32)) }
        nonmutating set { setNumber(32, UInt32(clamping: newValue)) }
    }

    /// A label of the connection.
    public subscript(label key: String) -> String? {
        get { entry(of: 5, key) }
        nonmutating set { setEntry(of: 5, key, newValue) }
    }

    /// A parameter of the connection's mechanism.
    public subscript(parameter key: String) -> String? {
        get { entry(of: 33, key) }
        nonmutating set { setEntry(of: 33, key, newValue) }
    }

    /// The names of all path segments, in order.
    public var pathNames: [String] {
        (0..<segmentCount).compactMap { segment(at: $0)?.name }
    }
}
