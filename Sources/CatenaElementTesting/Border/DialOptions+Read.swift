// SPDX-License-Identifier: Apache-2.0
// What the engine makes of an element's wishes for a transport, shown in the words in which the element wrote them.
internal import CatenaABI
internal import CatenaChain
internal import CatenaElement

extension DialOptions {
    init(reading options: UnsafePointer<catena_transport_options>?) { self.init(TransportOptions(reading: options)) }

    init(_ options: TransportOptions) {
        let span = { (span: UInt64) in Duration.nanoseconds(Int64(clamping: span)) }
        self.init(
            dialTimeout: span(options.dialTimeout), exclusive: options.isExclusive,
            keepalive: options.keepalive.map { Keepalive(time: span($0), timeout: span(options.keepaliveTimeout)) },
            maxMessageSize: options.maxMessageSize, waitForReady: options.waitForReady,
            backoff: Backoff(initial: span(options.backoff), maximum: span(options.backoffMax)))
    }
}
