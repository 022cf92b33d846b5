// SPDX-License-Identifier: Apache-2.0
// The queue of one connection as a value, with numbers for calls. Order and bound are decided here, so that the element's
// tests need not repeat them.
internal import Testing

@testable internal import SerializeElement

@Suite("TurnQueue")
struct TurnQueueTests {
    private func drain(_ queue: inout TurnQueue<Int>) -> [Int] {
        var calls: [Int] = []
        while let next = queue.next() { calls.append(next.call) }
        return calls
    }

    @Test("the first call runs, the others wait, and the turn goes round in the order they came")
    func order() {
        var queue = TurnQueue<Int>()
        #expect(queue.admit(1, .request, limit: 10) == .runs)
        #expect((2...6).map { queue.admit($0, $0 == 4 ? .close : .request, limit: 10) } == Array(repeating: .waits, count: 5))
        #expect(drain(&queue) == [2, 3, 4, 5, 6])
        #expect(!queue.isBusy)
        #expect(queue.admit(7, .close, limit: 10) == .runs)
    }

    @Test("Requests are bounded, Closes are not, and a refusal changes nothing")
    func bound() {
        var queue = TurnQueue<Int>()
        #expect([1, 2, 3, 4].map { queue.admit($0, .request, limit: 2) } == [.runs, .waits, .waits, .full])
        #expect([5, 6].map { queue.admit($0, .close, limit: 2) } == [.waits, .waits])
        #expect(queue.next()?.call == 2)
        #expect(queue.admit(7, .request, limit: 2) == .waits)
        #expect(drain(&queue) == [3, 5, 6, 7])
    }

    @Test("a waiting Request can be withdrawn, a Close and one that runs cannot")
    func withdraw() {
        var queue = TurnQueue<Int>()
        _ = queue.admit(1, .request, limit: 1)
        _ = queue.admit(2, .request, limit: 1)
        _ = queue.admit(3, .close, limit: 1)
        #expect([1, 3, 9].map { queue.withdraw($0) } == [false, false, false])
        #expect(queue.withdraw(2) && !queue.withdraw(2))
        #expect(queue.admit(4, .request, limit: 1) == .waits)
        #expect(drain(&queue) == [3, 4])
    }
}
