// SPDX-License-Identifier: Apache-2.0
// The header counts time in nanoseconds of 64 bits; Swift's Duration is wider. What does not fit is as good as for ever.

extension Duration {
    /// Whole nanoseconds: 0 for a negative span, the largest number for one that does not fit (584 years).
    public var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, tooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return tooLong || overflow ? .max : sum
    }
}
