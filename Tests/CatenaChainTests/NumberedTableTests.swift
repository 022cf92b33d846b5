// SPDX-License-Identifier: Apache-2.0
// Numbers that elements hold: each names one object, and after it nobody.

import Testing

@testable import CatenaChain

@Suite("Objects by number")
struct NumberedTableTests {
    private final class Object {}

    @Test("a number finds its object until that is removed, and then nobody, also when another stands in its place")
    func overIsOver() {
        var table = NumberedTable<Object>()
        let first = Object()
        let second = Object()
        let number = table.insert(first) ?? 0
        #expect(number != 0 && table.find(number) === first && table.count == 1)
        let removed = [table.remove(number), table.remove(number)]
        #expect(removed == [true, false])
        #expect(table.find(number) == nil && table.count == 0)
        let next = table.insert(second) ?? 0
        #expect(next != number && table.find(number) == nil && table.find(next) === second)
        let isRemoved = table.remove(number)
        #expect(!isRemoved && table.find(next) === second)
    }

    @Test("numbers that nobody was given find nobody", arguments: [0, 1, 1 << 24, 1 << 24 | 1, .max])
    func strangers(number: UInt64) {
        var table = NumberedTable<Object>()
        let given = table.insert(Object())
        #expect((table.find(number) != nil) == (number == given))
    }

    @Test("a short number begins anew without ever being 0")
    func wraps() {
        var table = NumberedTable<Object>()
        var seen: Set<UInt64> = []
        for _ in 0..<10 {
            let number = table.insert(Object(), bits: 26) ?? 0
            #expect(number != 0 && number < 1 << 26)
            seen.insert(number)
            let isRemoved = table.remove(number)
            #expect(isRemoved)
        }
        #expect(seen.count == 3)
    }

    @Test("many objects at once each have a number of their own")
    func many() {
        var table = NumberedTable<Object>()
        let objects = (0..<1000).map { _ in Object() }
        let numbers = objects.compactMap { table.insert($0) }
        #expect(Set(numbers).count == 1000)
        for index in stride(from: 0, to: 1000, by: 2) { _ = table.remove(numbers[index]) }
        #expect(table.count == 500)
        for (index, number) in numbers.enumerated() { #expect(table.find(number) === (index % 2 == 0 ? nil : objects[index])) }
    }
}
