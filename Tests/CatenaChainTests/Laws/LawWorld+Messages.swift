// SPDX-License-Identifier: Apache-2.0
// What messages carry in a case: whose call they are, so that a hook can be held beside what the model says of that call, and a
// mark that elements change.

import CatenaABI

@testable import CatenaChain

extension LawWorld {
    static let keyField = CATENA_F_PAYLOAD
    static let markField = CATENA_F_CONTEXT

    static func number(_ message: OpaquePointer?, _ field: UInt32) -> UInt64 {
        guard let message else { return 0 }
        let view = TestMessage.api.pointee.get(message, field)
        guard view.len == 8, let base = view.ptr else { return 0 }
        return UnsafeRawPointer(base).loadUnaligned(as: UInt64.self)
    }

    static func set(_ message: OpaquePointer?, _ field: UInt32, _ number: UInt64) {
        guard let message else { return }
        withUnsafeBytes(of: number) { bytes in
            let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            _ = TestMessage.api.pointee.set(message, field, catena_view(ptr: base, len: 8))
        }
    }

    func message(_ id: String, key: UInt64) -> OpaquePointer {
        let message = bank.make(id: id)
        LawWorld.set(message, LawWorld.keyField, key)
        return message
    }

    /// The message of an event of its own.
    func event(_ id: String, key: UInt64) -> OpaquePointer {
        named.insert(key)
        return message(id, key: key)
    }

    /// An event that begins with the last good message bears the key of another call: it gets one of its own.
    func nameEvent(_ message: OpaquePointer?) {
        guard named.remove(LawWorld.number(message, LawWorld.keyField)) == nil else { return }
        events += 1
        LawWorld.set(message, LawWorld.keyField, 1000 + events)
        if script.isOver { closingEvents.insert(1000 + events) }
    }

    /// The Close that ends an incarnation has a key of its own.
    func nameRemoval(_ message: OpaquePointer?) {
        guard !removals.contains(LawWorld.number(message, LawWorld.keyField)) else { return }
        events += 1
        LawWorld.set(message, LawWorld.keyField, 1000 + events)
        removals.insert(1000 + events)
        book.add(.met(.removed))
    }

    /// Has a guard refused? What replaced its error has it as a cause.
    static func isRefused(_ error: UnsafePointer<catena_error>?) -> Bool {
        sequence(first: error, next: { $0?.pointee.cause }).prefix { $0 != nil }.contains { ($0?.pointee.flags ?? 0) & CATENA_ERROR_REFUSED != 0 }
    }

    static func id(_ message: OpaquePointer?) -> String { TestMessage.of(message)?.text(CATENA_F_ID) ?? "" }
}
