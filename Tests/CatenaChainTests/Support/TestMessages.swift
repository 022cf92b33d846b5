// SPDX-License-Identifier: Apache-2.0
// The smallest "message/1": an id and the text of a connection, and a count of the messages that are alive, so that a test can
// say that none was lost.

import CatenaABI
import Synchronization

@testable import CatenaChain

/// Counts the messages of one bench.
final class MessageBank: Sendable {
    private let count = Atomic<Int>(0)

    var alive: Int { count.load(ordering: .relaxed) }
    fileprivate func born() { count.wrappingAdd(1, ordering: .relaxed) }
    fileprivate func died() { count.wrappingSubtract(1, ordering: .relaxed) }

    /// A new message, owned by whoever asked.
    func make(id: String, connection: String = "new") -> OpaquePointer {
        let message = TestMessage(bank: self)
        message.set(CATENA_F_ID, Array(id.utf8))
        message.set(CATENA_F_CONNECTION, Array(connection.utf8))
        return message.handOut()
    }

    func owned(id: String, connection: String = "new") -> OwnedMessage {
        OwnedMessage(takingOver: make(id: id, connection: connection), api: TestMessage.api)
    }
}

final class TestMessage {
    private let bank: MessageBank
    private var fields: [UInt32: UnsafeMutableBufferPointer<UInt8>] = [:]

    init(bank: MessageBank) {
        self.bank = bank
        bank.born()
    }

    deinit {
        for field in fields.values { field.deallocate() }
        bank.died()
    }

    func handOut() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    static func of(_ pointer: OpaquePointer?) -> TestMessage? {
        pointer.map { Unmanaged<TestMessage>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    func set(_ field: UInt32, _ bytes: [UInt8]) {
        fields[field]?.deallocate()
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        fields[field] = copy
    }

    func text(_ field: UInt32) -> String { String(decoding: fields[field].map(Array.init) ?? [], as: UTF8.self) }

    private func view(_ field: UInt32) -> catena_view {
        guard let bytes = fields[field] else { return catena_view(ptr: nil, len: 0) }
        return catena_view(ptr: UnsafePointer(bytes.baseAddress), len: bytes.count)
    }

    private func copy(_ field: UInt32, from other: TestMessage) {
        guard field != CATENA_F_REQUEST else {
            for field in fields.keys where other.fields[field] == nil { fields.removeValue(forKey: field)?.deallocate() }
            for field in other.fields.keys { copy(field, from: other) }
            return
        }
        if let bytes = other.fields[field] { set(field, Array(bytes)) }
    }

    private func clone() -> TestMessage {
        let other = TestMessage(bank: bank)
        for field in fields.keys { other.copy(field, from: self) }
        return other
    }

    nonisolated(unsafe) static let api: UnsafePointer<catena_message_api> = {
        var table = catena_message_api()
        table.struct_size = UInt32(MemoryLayout<catena_message_api>.size)
        table.get = { TestMessage.of($0)?.view($1) ?? catena_view(ptr: nil, len: 0) }
        table.set = { message, field, value in
            TestMessage.of(message)?.set(field, Array(UnsafeBufferPointer(start: value.ptr, count: value.len)))
            return CATENA_OK
        }
        table.clone = { TestMessage.of($0)?.clone().handOut() }
        table.release = { message in
            guard let message else { return }
            Unmanaged<TestMessage>.fromOpaque(UnsafeRawPointer(message)).release()
        }
        table.assign = { to, from, field in
            guard let to = TestMessage.of(to), let from = TestMessage.of(from) else { return CATENA_INVALID_ARGUMENT }
            to.copy(field, from: from)
            return CATENA_OK
        }
        // Numbers, maps and path segments are absent.
        table.number = { _, _ in 0 }
        table.set_number = { _, _, _ in CATENA_OK }
        table.get_key = { _, _, _ in catena_view(ptr: nil, len: 0) }
        table.set_key = { _, _, _, _ in CATENA_OK }
        table.segments = { _ in 0 }
        table.segment = { _, _, _ in CATENA_NOT_FOUND }
        table.equal = { one, other in
            guard let one = TestMessage.of(one), let other = TestMessage.of(other) else { return false }
            return one.text(CATENA_F_ID) == other.text(CATENA_F_ID) && one.text(CATENA_F_CONNECTION) == other.text(CATENA_F_CONNECTION)
        }
        let memory = UnsafeMutablePointer<catena_message_api>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }()
}
