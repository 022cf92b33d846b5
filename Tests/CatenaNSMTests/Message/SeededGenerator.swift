// SPDX-License-Identifier: Apache-2.0
// Random tests that can be run again: the seed is an argument of the test, so a failure names it.

/// SplitMix64: small, fast, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    /// The first numbers come from these bytes, one from each and whatever came before, so that who chooses the bytes chooses the numbers.
    private var choices: ArraySlice<UInt8>

    init(seed: UInt64, choices: ArraySlice<UInt8> = []) {
        state = seed
        self.choices = choices
    }

    mutating func next() -> UInt64 {
        if let choice = choices.popFirst() { state = UInt64(choice) }
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &self)] }
}
