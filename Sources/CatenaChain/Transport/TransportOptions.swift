// SPDX-License-Identifier: Apache-2.0
// How a transport connects, as the engine hands it to whoever makes transports: every default filled in, and nothing of the
// table that a module wrote.

package import CatenaABI

/// Options of a transport; those who share one share the options of the first. Times are nanoseconds.
package struct TransportOptions: Sendable, Equatable {
    /// Not shared with anybody.
    package var isExclusive = false
    /// Longest time to connect.
    package var dialTimeout: UInt64 = 5_000_000_000
    /// Silence during a call after which the next hop is asked for a sign of life; nil: never.
    package var keepalive: UInt64?
    /// How long it may owe that sign.
    package var keepaliveTimeout: UInt64 = 20_000_000_000
    /// Longest answer, in bytes.
    package var maxMessageSize = 4 << 20
    /// A call waits for a connection until its deadline.
    package var waitForReady = false
    /// The first pause between attempts to connect.
    package var backoff: UInt64 = 100_000_000
    /// The longest, not below the first.
    package var backoffMax: UInt64 = 10_000_000_000

    /// The defaults.
    package init() {}

    /// What a module has written; nil: the defaults.
    package init(reading pointer: UnsafePointer<catena_transport_options>?) {
        let options = catena_transport_options(reading: pointer)
        isExclusive = options.exclusive == 1
        if options.dial_timeout_ns > 0 { dialTimeout = options.dial_timeout_ns }
        if options.keepalive_ns > 0 { keepalive = options.keepalive_ns }
        if options.keepalive_timeout_ns > 0 { keepaliveTimeout = options.keepalive_timeout_ns }
        if options.max_message_size > 0 { maxMessageSize = Int(options.max_message_size) }
        waitForReady = options.wait_for_ready == 1
        if options.backoff_ns > 0 { backoff = options.backoff_ns }
        if options.backoff_max_ns > 0 { backoffMax = options.backoff_max_ns }
        backoffMax = max(backoff, backoffMax)
    }
}

extension catena_transport_options {
    /// A copy in which everything is 0 that the module's header did not have yet.
    package init(reading pointer: UnsafePointer<catena_transport_options>?) {
        self.init()
        guard let pointer else { return }
        // The whole struct may reach beyond what the module has allocated: only its first field is read in place.
        let source = UnsafeRawPointer(pointer)
        let count = min(Int(source.load(as: UInt32.self)), MemoryLayout<Self>.size)
        withUnsafeMutableBytes(of: &self) { $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: count)) }
    }
}
