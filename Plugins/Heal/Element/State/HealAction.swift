// SPDX-License-Identifier: Apache-2.0
// What a connection's machine wants done, as values. The element carries them out in this order, and the machine's tests read them.

/// One thing to do.
enum HealAction: Equatable {
    /// A Request is to be begun at the anchor; its end is to be told.
    case request(reselects: Bool)
    /// That Request is not wanted any more. Its end is to be told all the same.
    case withdraw
    /// ``HealState/timeIsUp(_:_:)`` is to be called after so many nanoseconds, in place of any time before.
    case wait(UInt64)
    case stopWaiting
    /// ``HealState/placeIsFree(_:_:)`` is to be called when as few heal as may.
    case askForPlace
    /// A place that was asked for or given is not needed any more.
    case leavePlace
    case watch
    case stopWatching
    case check
    case stopChecking
    /// The way to the next hop is dead, although nobody has noticed.
    case retireTransport
    case note(HealNote)
}

/// What an operator may want to know.
enum HealNote: Equatable {
    /// It may be lost: somebody else looks after it.
    case suspect(HealSight)
    /// It is lost.
    case heals(HealCause, reselects: Bool)
    case failed(attempt: Int, pause: UInt64)
    /// It is up again, after so many attempts of its own.
    case isUp(attempts: Int)
    case givesUp(attempts: Int, isExpired: Bool)
}

/// What the next hop says of the connection.
enum HealSight: String {
    case up, down, deleted, lost, missing
}

/// Why a connection is healed.
enum HealCause: String, Equatable {
    /// The next hop has closed it.
    case deleted
    /// The next hop does not know it.
    case missing
    /// The way to the next hop stays lost.
    case lost
    /// Nobody beyond the next hop has healed it.
    case down
    /// It carries nothing.
    case dead
}

/// How a Request that the machine wanted has ended.
enum HealEnd: Equatable {
    case succeeded
    /// - Parameter isUnanswered: the next hop has not said anything.
    case failed(isUnanswered: Bool)
}

/// Who heals how.
enum HealRole {
    case client, forwarder
}
