// SPDX-License-Identifier: Apache-2.0
// Functions that an element has left with its host, each with the argument that belongs to it.
internal import CatenaABI
internal import CatenaElement

/// The completion of a call that an element has begun.
struct CallEnd {
    let function: catena_done
    let argument: UnsafeMutableRawPointer?

    func callAsFunction(_ operation: UInt64, error: ElementError) { error.lend { function(argument, operation, $0, nil) } }

    /// Lends the message.
    func callAsFunction(_ operation: UInt64, _ message: TestMessage, _ ledger: MessageLedger) {
        let pointer = ledger.make(message)
        function(argument, operation, nil, pointer)
        MessageLedger.table.pointee.release(pointer)
    }
}

/// A timer's or a post's function.
struct SlotCallback {
    let function: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
    let argument: UnsafeMutableRawPointer?

    func callAsFunction(_ slot: HookSlot?) { function(argument, slot?.memory) }
}
