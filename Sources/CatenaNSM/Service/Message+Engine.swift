// SPDX-License-Identifier: Apache-2.0
// Where a message of ours becomes one of the engine's, and back. The engine knows only the table; here is the one it is given.

package import CatenaABI
internal import CatenaChain

extension MessageService {
    /// The table at a fixed address, as engine and elements keep it. Made once, never changed, never freed.
    nonisolated(unsafe) package static let shared: UnsafePointer<catena_message_api> = {
        let memory = UnsafeMutablePointer<catena_message_api>.allocate(capacity: 1)
        memory.initialize(to: table())
        return UnsafePointer(memory)
    }()
}

extension Message {
    /// This message, handed to the engine.
    consuming func owned() -> OwnedMessage { OwnedMessage(takingOver: retained(), api: MessageService.shared) }
}
