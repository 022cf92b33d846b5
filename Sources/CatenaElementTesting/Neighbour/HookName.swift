// SPDX-License-Identifier: Apache-2.0
// The functions of an element by their names, for scripts and for what was seen.

/// A function of an element that the host calls for a call or a connection. The raw value is what a journal line says.
public enum HookName: String, Sendable, CaseIterable {
    /// The way in of a Request.
    case request
    /// The way out of a Request.
    case requestReply = "request-reply"
    /// The way in of a Close.
    case close
    /// The way out of a Close.
    case closeReply = "close-reply"
    /// The verdict it owes is not waited for any more.
    case cancel
    /// The last touch of a connection's slot.
    case connectionDropped = "connection-dropped"
}
