// SPDX-License-Identifier: Apache-2.0
// Parts of a message by address, as C elements borrow them. The address is that of the message's own memory, which the
// message holds, so a view is good until the message changes or goes.

extension Message {
    /// A part of the bytes where it stands.
    @inline(__always)
    func view(_ range: Range<Int>) -> UnsafeRawBufferPointer { bytes.view(range) }

    /// The value of a text or message field where it stands; nil: it is not there, or it is a number or a map.
    func view(_ field: MessageField) -> UnsafeRawBufferPointer? {
        do {
            return try place(of: field).map { view($0) }
        } catch {
            return nil  // the one error is that the field has no bytes of its own
        }
    }
}
