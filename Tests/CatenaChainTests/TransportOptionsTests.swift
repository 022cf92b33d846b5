// SPDX-License-Identifier: Apache-2.0
// The options of a transport have grown, and will: what a module wrote is read as far as it wrote it, and not a byte further.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("the options of a transport, as a module writes them")
struct TransportOptionsTests {
    private var full: catena_transport_options {
        catena_transport_options(
            struct_size: UInt32(MemoryLayout<catena_transport_options>.size), exclusive: 1, dial_timeout_ns: 2, keepalive_ns: 3,
            keepalive_timeout_ns: 4, max_message_size: 5, wait_for_ready: 1, backoff_ns: 7, backoff_max_ns: 8)
    }

    private func read(_ options: catena_transport_options) -> TransportOptions {
        withUnsafePointer(to: options) { TransportOptions(reading: $0) }
    }

    @Test("all of them arrive")
    func all() {
        var expected = TransportOptions()
        expected.isExclusive = true
        expected.dialTimeout = 2
        expected.keepalive = 3
        expected.keepaliveTimeout = 4
        expected.maxMessageSize = 5
        expected.waitForReady = true
        expected.backoff = 7
        expected.backoffMax = 8
        #expect(read(full) == expected)
    }

    @Test("what is 0 is the default that the header names, and so is everything where there are none")
    func defaults() {
        var options = catena_transport_options()
        options.struct_size = full.struct_size
        #expect(read(options) == TransportOptions() && TransportOptions(reading: nil) == TransportOptions())
        let defaults = TransportOptions()
        #expect(defaults.dialTimeout == 5_000_000_000 && defaults.keepalive == nil && defaults.keepaliveTimeout == 20_000_000_000)
        #expect(defaults.maxMessageSize == 4_194_304 && !defaults.waitForReady && !defaults.isExclusive)
        #expect(defaults.backoff == 100_000_000 && defaults.backoffMax == 10_000_000_000)
    }

    @Test("a module built with an older header is read to the end of what it wrote", arguments: [UInt32(16), 24, 40])
    func older(size: UInt32) {
        var options = full
        options.struct_size = size
        // With what follows in its memory, which is no option.
        let seen = read(options)
        #expect(seen.isExclusive && seen.dialTimeout == 2 && seen.backoff == 100_000_000 && seen.backoffMax == 10_000_000_000)
        #expect(seen.keepalive == (size >= 24 ? 3 : nil) && seen.keepaliveTimeout == (size >= 32 ? 4 : 20_000_000_000))
        #expect(seen.maxMessageSize == (size >= 40 ? 5 : 4_194_304) && seen.waitForReady == (size >= 40))
    }

    @Test("a module built with a newer header is read as far as this host knows")
    func newer() {
        var options = full
        options.struct_size += 64
        #expect(read(options) == read(full))
    }

    @Test("the longest pause is never below the first", arguments: [(0, 20_000_000_000, 20_000_000_000), (5, 7, 7), (9, 7, 9)])
    func pauses(longest: UInt64, first: UInt64, expected: UInt64) {
        var options = full
        options.backoff_ns = first
        options.backoff_max_ns = longest
        #expect(read(options).backoffMax == expected)
    }
}
