// SPDX-License-Identifier: Apache-2.0
// google.protobuf.Timestamp without Foundation: what the wire says, as nanoseconds for the C ABI and as RFC 3339 for people.

/// Seconds and nanoseconds since 1970 in UTC, as they stand on the wire.
struct Timestamp: Equatable {
    var seconds: Int64 = 0
    var nanos: Int32 = 0

    init(seconds: Int64, nanos: Int32) {
        self.seconds = seconds
        self.nanos = nanos
    }

    /// Reads the contents of a Timestamp that has been checked.
    init(_ contents: Range<Int>, in bytes: Span<UInt8>) {
        var reader = WireReader(contents, of: .timestamp)
        while let field = reader.nextChecked(in: bytes) {
            guard field.type == .varint else { continue }
            let value = bytes.number(in: field.contents)
            if field.number == 1 { seconds = Int64(bitPattern: value) }
            if field.number == 2 { nanos = Int32(truncatingIfNeeded: value) }
        }
    }

    init(_ time: UnixNanoseconds) {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        seconds = remainder < 0 ? quotient - 1 : quotient
        nanos = Int32(remainder < 0 ? remainder + 1_000_000_000 : remainder)
    }

    /// Never `Int64.min`, which means "not set" in the C ABI.
    var unixNanoseconds: UnixNanoseconds {
        let (product, tooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = product.addingReportingOverflow(Int64(nanos))
        guard tooFar || overflow else { return max(sum, .min + 1) }
        // A negative whole second may come back into range with its nanoseconds; that one second is not worth a line.
        return seconds < 0 ? .min + 1 : .max
    }

    /// `2026-11-21T02:35:11.5Z`, with 0, 3, 6 or 9 digits as protobuf prints it; nil: not in the years 1 to 9999.
    var rfc3339: String? {
        guard (-62_135_596_800...253_402_300_799).contains(seconds), (0..<1_000_000_000).contains(nanos) else { return nil }
        let (days, time) = (Self.floor(seconds, 86400), seconds - Self.floor(seconds, 86400) * 86400)
        let date = Self.date(days)
        let text = "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
            + "\(pad(time / 3600, 2)):\(pad(time / 60 % 60, 2)):\(pad(time % 60, 2))"
        return "\(text)\(fraction)Z"
    }

    private var fraction: String {
        if nanos == 0 { return "" }
        if nanos % 1_000_000 == 0 { return ".\(pad(Int64(nanos) / 1_000_000, 3))" }
        if nanos % 1000 == 0 { return ".\(pad(Int64(nanos) / 1000, 6))" }
        return ".\(pad(Int64(nanos), 9))"
    }

    /// The Gregorian date of a day since 1970. Counts in eras of 400 years that begin on a 1 March, so the leap day is the last
    /// of its year.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468  // from 1 March of the year 0
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153  // 0: March
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }

    private static func floor(_ value: Int64, _ by: Int64) -> Int64 {
        value >= 0 ? value / by : -((by - 1 - value) / by)
    }

    private func pad(_ value: Int64, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension WireWriter {
    /// Writes the expiry of a path segment. One that says what the old one said keeps its bytes, and with them a time that the
    /// C ABI cannot hold; a new one keeps the unknown fields of the old.
    mutating func expires(_ time: UnixNanoseconds?, keeping old: Range<Int>?, in bytes: Span<UInt8>) {
        guard let time else { return }
        if let old, Timestamp(old, in: bytes).unixNanoseconds == time {
            return delimited(4, bytes.extracting(old))
        }
        let value = Timestamp(time)
        message(4) { body in
            body.number(1, UInt64(bitPattern: value.seconds))
            body.number(2, UInt64(bitPattern: Int64(value.nanos)))
            guard let old else { return }
            var reader = WireReader(old, of: .timestamp)
            while let field = reader.nextChecked(in: bytes) {
                if field.number <= 2, field.type == .varint { continue }
                body.raw(bytes, field.whole)
            }
        }
    }
}
