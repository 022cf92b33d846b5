// SPDX-License-Identifier: Apache-2.0
// What an element has asked of a host that runs nothing, as values.
public import CatenaElement

extension RecordingHost {
    /// A call through a leg that waits for its test to answer.
    public struct ClientCall {
        /// The leg it goes through.
        public let leg: UInt64
        /// `.request` or `.close`.
        public let verb: HookName
        /// Why a Close runs.
        public let reason: Reason
        /// The hook that waits for it; 0: none.
        public let parent: UInt64
        /// As it was sent.
        public let message: TestMessage
        let operation: UInt64
        let done: CallEnd
    }

    /// An event that waits for its test to answer.
    public struct Event {
        /// Whose.
        public let connection: UInt64
        /// `.request` or `.close`.
        public let verb: HookName
        /// Whether it begins just after the element, and not at the anchor.
        public let isFromNext: Bool
        /// Why.
        public let reason: Reason
        /// On the clock of ``RecordingHost/now``; 0: the host's.
        public let deadline: UInt64
        /// What the element brought; nil: the last good one.
        public let message: TestMessage?
        let operation: UInt64
        let done: CallEnd
    }

    /// A timer that waits for its test to fire it.
    public struct Timer {
        /// Whose.
        public let connection: UInt64
        /// In a client chain, whose leg's.
        public let leg: UInt64
        /// On the clock of ``RecordingHost/now``.
        public let time: UInt64
        let work: SlotCallback
    }

    /// A posted function that waits for its test to run it.
    public struct Post {
        /// Whose.
        public let connection: UInt64
        let work: SlotCallback
    }

    /// The client side of a connection.
    public struct Leg {
        /// Where it led when it was opened.
        public let url: String
        /// Its transport now.
        public internal(set) var transport: UInt64
        /// Why it was dropped; nil: it was not.
        public internal(set) var dropped: Reason?
    }

    /// An answer to a pending hook.
    public struct Resumed {
        /// The hook's number.
        public let call: UInt64
        /// What was said.
        public let answer: HookAnswer
    }
}
