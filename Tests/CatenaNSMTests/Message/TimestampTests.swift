// SPDX-License-Identifier: Apache-2.0
// Calendar arithmetic of our own is worth nothing without its edges: leap years, the first day, times before 1970, and what
// does not fit.

@testable import CatenaNSM
import SwiftProtobuf
import Testing

@Suite("Timestamp")
struct TimestampTests {
    static let dates: [(Int64, Int32, String?)] = [
        (0, 0, "1970-01-01T00:00:00Z"),
        (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
        (951_782_400, 0, "2000-02-29T00:00:00Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
        (1_795_228_511, 500_000_000, "2026-11-21T02:35:11.500Z"),
        (1, 5000, "1970-01-01T00:00:01.000005Z"),
        (253_402_300_799, 0, "9999-12-31T23:59:59Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        (253_402_300_800, 0, nil),
        (0, -1, nil),
        (0, 1_000_000_000, nil),
    ]

    @Test("is written as RFC 3339, or not at all when that has no words for it", arguments: dates)
    func rfc3339(seconds: Int64, nanos: Int32, text: String?) {
        #expect(Timestamp(seconds: seconds, nanos: nanos).rfc3339 == text)
    }

    @Test("is written as swift-protobuf writes it", arguments: UInt64(1)...2)
    func likeSwiftProtobuf(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            let nanos: Int32 = random.pick([0, 1, 1000, 1_000_000, 999_999_999])
            let text = try Google_Protobuf_Timestamp(seconds: seconds, nanos: nanos).jsonString()
            #expect(Timestamp(seconds: seconds, nanos: nanos).rfc3339.map { "\"\($0)\"" } == text, "seed \(seed)")
        }
    }

    @Test("goes to nanoseconds and back", arguments: [0, 1, -1, 1_000_000_000, -1_000_000_001, .max, .min + 1])
    func roundTrip(time: UnixNanoseconds) {
        #expect(Timestamp(time).unixNanoseconds == time || time == .min + 1)
        #expect((0..<1_000_000_000).contains(Timestamp(time).nanos))
    }

    @Test("beyond what nanoseconds can say is the nearest that they can", arguments: [(Int64.max, Int64.max), (.min, .min + 1)])
    func clamped(seconds: Int64, time: UnixNanoseconds) {
        #expect(Timestamp(seconds: seconds, nanos: 0).unixNanoseconds == time)
    }
}
