// SPDX-License-Identifier: Apache-2.0
// Transports are the host's, shared by URL and counted. An element holds references and never a socket.
internal import CatenaABI

/// The host's transports. Any thread.
public struct ClientService: Sendable {
    private let host: Host

    init(_ host: Host) { self.host = host }

    /// One more reference to the transport for this URL. It connects when it is first used.
    /// - Parameter options: how; those that share a transport share the first one's.
    /// - Throws: INVALID_ARGUMENT for a URL the host cannot use.
    public func acquire(_ url: ClientURL, _ options: DialOptions = DialOptions()) throws(ElementError) -> Transport {
        let text = url.text
        var number: catena_transport = 0
        var table = catena_transport_options(options)
        let status = withCText(text) { host.services.pointee.client.pointee.acquire(host.pointer, $0, &table, &number) }
        guard status == CATENA_OK else { throw ElementError(status: status, "no transport for \(text)") }
        return Transport(number, host)
    }
}

extension catena_transport_options {
    /// A span of no time is the host's default there, so that the shortest that can be asked for is one nanosecond.
    init(_ options: DialOptions) {
        let span = { (span: Duration) in max(1, span.nanoseconds) }
        self.init(
            struct_size: UInt32(MemoryLayout<catena_transport_options>.size), exclusive: options.exclusive ? 1 : 0,
            dial_timeout_ns: span(options.dialTimeout), keepalive_ns: options.keepalive.map { span($0.time) } ?? 0,
            keepalive_timeout_ns: options.keepalive.map { span($0.timeout) } ?? 0,
            max_message_size: UInt32(clamping: max(1, options.maxMessageSize)), wait_for_ready: options.waitForReady ? 1 : 0,
            backoff_ns: span(options.backoff.initial), backoff_max_ns: span(options.backoff.maximum))
    }
}
