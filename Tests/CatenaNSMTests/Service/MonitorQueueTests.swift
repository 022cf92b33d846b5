// SPDX-License-Identifier: Apache-2.0
// What waits for a slow subscriber, without a socket: what is sent, in which order, and when it is too much.

import CatenaGRPC
import NIOCore
import SwiftProtobuf
import Testing

@testable import CatenaNSM

@Suite("The queue of a subscriber")
struct MonitorQueueTests {
    /// A connection's bytes, as they lie in a message.
    private func bytes(_ id: String, _ service: String = "", padding: Int = 0) throws -> SharedBytes {
        var connection = Connection_Connection()
        connection.id = id
        connection.networkService = service
        connection.payload = String(repeating: "x", count: padding)
        return try CatenaNSM.Message(connection: try connection.serializedBytes()).sharedConnectionBytes
    }

    private struct Event: Equatable {
        var type: Connection_ConnectionEventType
        var services: [String: String]
        var moreFollows = false
        var size = 0
    }

    /// Everything that the queue has to send, as a peer reads it.
    private func drain(_ queue: inout MonitorQueue) throws -> (events: [Event], end: GRPCStatus?) {
        var events: [Event] = []
        while let step = queue.next() {
            switch step {
            case .end(let status): return (events, status)
            case .event(let buffer):
                let event = try Connection_ConnectionEvent(serializedBytes: Array(buffer.readableBytesView))
                #expect(event.connections.allSatisfy { $0.key == $0.value.id })
                events.append(
                    Event(
                        type: event.type, services: event.connections.mapValues(\.networkService),
                        moreFollows: Array(event.unknownFields.data) == [0xc0, 0x3e, 0x01], size: buffer.readableBytes))
                #expect(event.unknownFields.data.isEmpty || events.last?.moreFollows == true)
            }
        }
        return (events, nil)
    }

    private func lines(_ queue: inout MonitorQueue) throws -> [String] {
        try drain(&queue).events.map { "\($0.type) \($0.services.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))" }
    }

    @Test("nothing is sent before all that was there is known; then it comes first, also when it is nothing")
    func initial() throws {
        var queue = MonitorQueue(bound: 4)
        try queue.addPresent("one", bytes("one", "a"))
        #expect(queue.isQuiet)
        queue.complete()
        try queue.add(.update, "one", bytes("one", "b"))
        #expect(try lines(&queue) == ["initialStateTransfer one=a", "update one=b"])
        var empty = MonitorQueue(bound: 4)
        empty.complete()
        #expect(try lines(&empty) == ["initialStateTransfer "])
        #expect(empty.isQuiet)
    }

    @Test("of each connection the latest waits, in the order in which they changed first; a DELETE is never skipped by what follows it")
    func coalescing() throws {
        var queue = MonitorQueue(bound: 4)
        queue.complete()
        _ = try lines(&queue)
        try queue.add(.update, "one", bytes("one", "a"))
        try queue.add(.update, "two", bytes("two", "b"))
        try queue.add(.update, "one", bytes("one", "c"))
        try queue.add(.delete, "two", bytes("two", "d"))
        try queue.add(.delete, "three", bytes("three", "e"))
        try queue.add(.update, "three", bytes("three", "f"))
        try queue.add(.update, "three", bytes("three", "g"))
        #expect(try lines(&queue) == ["update one=c", "delete two=d", "delete three=e", "update three=g"])
        try queue.add(.update, "one", bytes("one", "h"))
        #expect(try lines(&queue) == ["update one=h"])
    }

    @Test("past its bound it ends with RESOURCE_EXHAUSTED, once, and takes nothing more; what was there does not count")
    func bound() throws {
        var queue = MonitorQueue(bound: 2)
        for number in 0..<10 { try queue.addPresent("\(number)", bytes("\(number)")) }
        queue.complete()
        for _ in 0..<5 {
            try queue.add(.update, "one", bytes("one"))
            try queue.add(.delete, "two", bytes("two"))
        }
        #expect(!queue.isOver)
        try queue.add(.update, "three", bytes("three"))
        #expect(queue.isOver)
        try queue.add(.update, "one", bytes("one"))
        queue.finish(GRPCStatus(.unavailable))
        let drained = try drain(&queue)
        #expect(drained.events == [] && drained.end?.code == .resourceExhausted)
        #expect(drained.end?.message == "the subscriber has left news of 2 connections unread")
        #expect(queue.isQuiet)
    }

    @Test("a large state comes in pieces of at most 1 MiB, of which all but the last say that more follows; one connection is never cut")
    func pieces() throws {
        var queue = MonitorQueue(bound: 4)
        for number in 0..<300 { try queue.addPresent("id-\(number)", bytes("id-\(number)", padding: 10_000)) }
        try queue.addPresent("huge", bytes("huge", padding: 2 << 20))
        try queue.addPresent("last", bytes("last"))
        queue.complete()
        let events = try drain(&queue).events
        #expect(events.count == 5 && events.allSatisfy { $0.type == .initialStateTransfer })
        #expect(events.map(\.moreFollows) == [true, true, true, true, false])
        #expect(events.filter { $0.services.count > 1 }.allSatisfy { $0.size <= 1 << 20 })
        #expect(events.reduce(0) { $0 + $1.services.count } == 302 && Set(events.flatMap(\.services.keys)).count == 302)
    }
}

extension MonitorQueue {
    /// Nothing is to be sent now.
    fileprivate var isQuiet: Bool {
        var copy = self
        if case nil = copy.next() { return true } else { return false }
    }
}
