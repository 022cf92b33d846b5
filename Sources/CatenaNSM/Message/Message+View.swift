// SPDX-License-Identifier: Apache-2.0
// Parts of a message by address, as C elements borrow them. The address is that of the message's own storage, which the
// message holds, so a view is good until the message changes or goes.

extension Message {
    /// The value of a text or message field where it stands; nil: it is not there, or it is a number or a map.
    func view(_ field: MessageField) -> UnsafeRawBufferPointer? {
        do {
            return try place(of: field).map { storage.view($0) }
        } catch {
            return nil  // the one error is that the field has no bytes of its own
        }
    }
}
