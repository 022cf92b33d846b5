// SPDX-License-Identifier: Apache-2.0
// A heap that is only ever compared with sorting: random inserts, moves and removals.

import Testing

@testable import CatenaChain

@Suite("Timer heap")
struct TimerHeapTests {
    private final class Node: TimerNode {
        let name: Int
        init(_ name: Int) { self.name = name }
    }

    @Test("gives nodes back in the order of their deadlines, whatever was moved or removed")
    func random() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var heap = TimerHeap()
            var expected: [Int: UInt64] = [:]
            let nodes = (0..<100).map { Node($0) }
            for _ in 0..<400 {
                let node = nodes[Int.random(in: 0..<100, using: &random)]
                if Bool.random(using: &random) {
                    let deadline = UInt64.random(in: 0..<50, using: &random)
                    heap.insert(node, at: deadline)
                    expected[node.name] = deadline
                } else {
                    heap.remove(node)
                    expected[node.name] = nil
                }
                #expect(heap.count == expected.count && heap.earliest == expected.values.min())
            }
            var given: [UInt64] = []
            while let node = heap.popDue(.max) as? Node { given.append(expected[node.name] ?? .max) }
            #expect(given == expected.values.sorted())
            #expect(nodes.allSatisfy { !$0.isArmed })
        }
    }

    @Test("gives no node before its time")
    func due() {
        var heap = TimerHeap()
        let node = Node(0)
        heap.insert(node, at: 10)
        #expect(heap.popDue(9) == nil)
        #expect(heap.popDue(10) === node)
    }
}
