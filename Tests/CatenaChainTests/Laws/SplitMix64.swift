// SPDX-License-Identifier: Apache-2.0
// The one source of chance of a case: small, fast, and the same on every machine, so that a printed seed is the whole case.

/// Numbers from a seed.
struct SplitMix64 {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return SplitMix64.mix(state)
    }

    /// From 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % max(1, bound) }

    /// True in so many of a hundred cases.
    mutating func percent(_ chance: Int) -> Bool { below(100) < chance }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A number that depends on all of these, and on nothing else.
    static func hash(_ parts: UInt64...) -> UInt64 {
        parts.reduce(0x243f_6a88_85a3_08d3) { mix($0 ^ mix($1 &+ 0x9e37_79b9_7f4a_7c15)) }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
