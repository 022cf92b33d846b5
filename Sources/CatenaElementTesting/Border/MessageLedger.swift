// SPDX-License-Identifier: Apache-2.0
// The host's own "message/1" with a count beside it: which messages of a bench are alive, and whether one was given back
// twice. A message has no room for such a note, so the notes lie in a table by address.
internal import CatenaABI
internal import CatenaNSM
internal import Synchronization

/// The messages of one bench.
final class MessageLedger: Sendable {
    /// Where a message came from.
    enum Origin { case test, copy }

    private let alive = Mutex<[OpaquePointerBits: Origin]>([:])
    private let twice = Mutex(0)
    private let refuses = Atomic(false)

    /// Whether elements get no copies, as if there were no memory.
    var refusesCopies: Bool {
        get { refuses.load(ordering: .relaxed) }
        set { refuses.store(newValue, ordering: .relaxed) }
    }

    /// Messages that tests or the host made and have not let go.
    var made: Int { alive.withLock { $0.values.count { $0 == .test } } }
    /// Copies that were taken and not given back.
    var copies: Int { alive.withLock { $0.values.count { $0 == .copy } } }
    /// How often a message was given back that had been given back already. The message was left alone.
    var releasedTwice: Int { twice.withLock { $0 } }

    /// The ids of messages that are alive.
    var ids: [String] {
        let pointers = alive.withLock { Array($0.keys) }
        return pointers.compactMap(\.pointer).map { Message.borrowed($0).text(.id) }.sorted()
    }

    /// A message for the other side, which gives it back with the table's `release`.
    func make(_ message: TestMessage) -> OpaquePointer { note(message.model.retained(), .test) }

    /// The bench is over. What is still alive stays so, and is known no more.
    func close() {
        let mine = alive.withLock { Array($0.keys) }
        Self.owners.withLock { owners in for pointer in mine { owners[pointer] = nil } }
    }

    private func note(_ pointer: OpaquePointer, _ origin: Origin) -> OpaquePointer {
        let bits = OpaquePointerBits(pointer)
        alive.withLock { $0[bits] = origin }
        Self.owners.withLock { $0[bits] = Owner(ledger: self, isAlive: true) }
        return pointer
    }

    private func gone(_ bits: OpaquePointerBits) { alive.withLock { $0[bits] = nil } }

    // MARK: The table

    private struct Owner {
        weak var ledger: MessageLedger?
        var isAlive: Bool
    }

    private static let owners = Mutex<[OpaquePointerBits: Owner]>([:])

    private static func ledger(of pointer: OpaquePointer?) -> MessageLedger? {
        pointer.flatMap { pointer in owners.withLock { $0[OpaquePointerBits(pointer)]?.ledger } }
    }

    /// As ``table``, for elements under test: copies may be refused.
    nonisolated(unsafe) static let elementTable: UnsafePointer<catena_message_api> = {
        var own = table.pointee
        own.clone = { message in
            if MessageLedger.ledger(of: message)?.refusesCopies ?? false { return nil }
            return MessageLedger.table.pointee.clone(message)
        }
        let memory = UnsafeMutablePointer<catena_message_api>.allocate(capacity: 1)
        memory.initialize(to: own)
        return UnsafePointer(memory)
    }()

    /// "message/1" for all benches. Made once, never changed, never freed.
    nonisolated(unsafe) static let table: UnsafePointer<catena_message_api> = {
        var table = MessageService.shared.pointee
        table.clone = { message in
            guard let copy = MessageService.shared.pointee.clone(message) else { return nil }
            return MessageLedger.ledger(of: message)?.note(copy, .copy) ?? copy
        }
        table.release = { message in
            guard let message else { return }
            let bits = OpaquePointerBits(message)
            let owner = owners.withLock { owners in
                let before = owners[bits]
                owners[bits]?.isAlive = false
                return before
            }
            if let owner, !owner.isAlive {
                owner.ledger?.twice.withLock { $0 += 1 }
                return
            }
            owner?.ledger?.gone(bits)
            MessageService.shared.pointee.release(message)
        }
        let memory = UnsafeMutablePointer<catena_message_api>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }()
}

/// An address as a key.
struct OpaquePointerBits: Hashable, Sendable {
    private let bits: UInt
    init(_ pointer: OpaquePointer) { bits = UInt(bitPattern: pointer) }
    var pointer: OpaquePointer? { OpaquePointer(bitPattern: bits) }
}

extension TestMessage {
    /// A copy of what the other side lends.
    init(at pointer: OpaquePointer) { self.init(copying: Message.borrowed(pointer)) }

    /// Puts this message in place of the one at `pointer`.
    func put(at pointer: OpaquePointer) {
        _ = catena_view.with(bytes) { MessageService.shared.pointee.set(pointer, CATENA_F_REQUEST, $0) }
    }
}
