// SPDX-License-Identifier: Apache-2.0
// A deadline travels as a duration in at most eight digits, so a long one loses precision on the way. It is rounded up: a server
// that gives up a moment late is harmless, one that gives up early fails a call that its caller still waits for.
package import NIOCore

/// The value of the `grpc-timeout` field (gRPC PROTOCOL-HTTP2, "Timeout").
package enum GRPCTimeout {
    /// The units from fine to coarse, with their length in nanoseconds.
    private static let units: [(letter: Unicode.Scalar, nanoseconds: Int64)] = [
        ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000), ("H", 3_600_000_000_000),
    ]
    private static let maxValue: Int64 = 99_999_999

    /// The longest text: eight digits and a unit.
    package static let maxLength = 9

    /// The finest unit in which the value has at most eight digits, rounded up. At least 1 ns: the field has no zero.
    ///
    /// - Returns: the length of the text, which begins with the first of at least ``maxLength`` bytes.
    package static func write(_ timeout: TimeAmount, to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let nanoseconds = max(timeout.nanoseconds, 1)
        for unit in units {
            let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: unit.nanoseconds)
            let value = remainder > 0 ? quotient + 1 : quotient
            if value <= maxValue { return unsafe write(value, UInt8(ascii: unit.letter), to: text) }
        }
        return unsafe write(maxValue, UInt8(ascii: "H"), to: text)
    }

    private static func write(_ value: Int64, _ unit: UInt8, to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var scale: Int64 = 1
        while value / scale >= 10 { scale *= 10 }
        var count = 0
        while scale > 0 {
            unsafe text[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / scale % 10)
            count += 1
            scale /= 10
        }
        unsafe text[count] = unit
        return count + 1
    }

    /// One to eight digits and a unit; nil for anything else. What does not fit 64 bits of nanoseconds (292 years) is cut to that.
    package static func decode(_ text: Span<UInt8>) -> TimeAmount? {
        guard (2...9).contains(text.count) else { return nil }
        var value: Int64 = 0
        for index in 0..<(text.count - 1) {
            guard (0x30...0x39).contains(text[index]) else { return nil }
            value = value * 10 + Int64(text[index] - 0x30)
        }
        let letter = Unicode.Scalar(text[text.count - 1])
        guard let unit = units.first(where: { $0.letter == letter }) else { return nil }
        let (nanoseconds, overflow) = value.multipliedReportingOverflow(by: unit.nanoseconds)
        return .nanoseconds(overflow ? .max : nanoseconds)
    }
}

extension NIODeadline {
    /// `timeout` from `now`, at most the far end of time.
    package static func after(_ timeout: TimeAmount, from now: NIODeadline) -> NIODeadline {
        let (sum, overflow) = Int64(clamping: now.uptimeNanoseconds).addingReportingOverflow(timeout.nanoseconds)
        return overflow ? .distantFuture : .uptimeNanoseconds(UInt64(clamping: sum))
    }
}
