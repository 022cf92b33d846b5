// SPDX-License-Identifier: Apache-2.0
// Transports are the host's, shared by URL and counted. An element holds references and never a socket.
internal import CatenaABI

/// The host's transports. Any thread.
public struct ClientService: Sendable {
    private let host: Host

    init(_ host: Host) { self.host = host }

    /// One more reference to the transport for this URL. It connects when it is first used.
    /// - Parameters:
    ///   - dialTimeout: longest wait for a connection, above zero. Those that share a transport share the first one's.
    ///   - exclusive: not shared with anybody.
    /// - Throws: INVALID_ARGUMENT for a URL the host cannot use.
    public func acquire(_ url: ClientURL, dialTimeout: Duration, exclusive: Bool = false) throws(ElementError) -> Transport {
        var options = catena_transport_options()
        options.struct_size = UInt32(MemoryLayout<catena_transport_options>.size)
        options.exclusive = exclusive ? 1 : 0
        options.dial_timeout_ns = dialTimeout.nanoseconds
        let text = url.text
        var number: catena_transport = 0
        let status = withCText(text) { host.services.pointee.client.pointee.acquire(host.pointer, $0, &options, &number) }
        guard status == CATENA_OK else { throw ElementError(status: status, "no transport for \(text)") }
        return Transport(number, host)
    }
}
