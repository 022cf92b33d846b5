// SPDX-License-Identifier: Apache-2.0
// Closes are not all alike: neither in what they may do to others, nor in what they leave behind.

/// What a Close is.
enum CloseKind: Equatable {
    /// One from outside goes before all that waits but other Closes.
    case outside
    case event
    /// It ends nothing: another endpoint is to be chosen.
    case reselection
    /// As ``Action/closeAgain`` wanted it.
    case retry
}

/// How a Close has ended.
enum CloseEnd: Equatable {
    case closed
    /// It failed, and the connection is kept for another.
    case kept
    /// The connection is as it was: another endpoint is to be chosen.
    case unchanged
    /// A guard below has refused it, which says nothing of the others who want one.
    case refused
}
