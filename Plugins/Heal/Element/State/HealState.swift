// SPDX-License-Identifier: Apache-2.0
// How one connection is doing and what is done for it, as a value: it is told what happened and answers what to do. It has no clock,
// begins nothing and calls nobody. Everything comes on the connection's loop, so that there is no lock.

/// The health of one connection.
///
/// What is known of it and what is done about it are kept apart: each piece of news changes what is known, and then it is decided
/// what has to be done.
struct HealState {
    typealias Actions = [HealAction]

    /// What is done about the connection.
    enum Phase: Equatable {
        /// No Request has succeeded yet. Can become `up` and `closing`.
        case new
        /// Nothing is to be done. Can become all others but `new`.
        case up
        /// It may be lost; the next word is somebody else's. Can become all others but `new`.
        case suspect
        /// It is lost, and this element heals it. Can become all others but `new`.
        case healing(Step)
        /// Enough was tried. A Request that succeeds or news of the next hop end this.
        case gaveUp
        /// A Close has come. A Request that succeeds, as after a Close that failed, ends this.
        case closing
    }

    /// How far an attempt is.
    enum Step: Equatable {
        /// As many others heal as may.
        case queued
        /// A Request is under way.
        case requesting
        /// A Request of somebody else is, and takes its place.
        case yielding
        /// The next attempt has its time.
        case pausing
    }

    /// A Request of this element that has not ended.
    struct Own: Equatable {
        let reselects: Bool
        /// It has come back well, or is not wanted any more.
        var isSettled = false
    }

    let rules: HealRules
    var role = HealRole.forwarder
    var phase = Phase.new

    // MARK: What is known

    /// What the next hop said last; a Request that succeeds is as good as its word.
    var sight = HealSight.up
    /// How many checks have failed in a row.
    var failures = 0
    /// Others had their time to heal it.
    var isOverdue = false

    // MARK: What is under way

    var own: Own?
    /// A Request of somebody else is below.
    var isAsked = false
    /// A place among those who heal was asked for or given.
    var hasPlace = false
    var isTimed = false
    var isWatched = false

    // MARK: What was done

    /// Attempts since it was up.
    var attempts = 0
    /// Attempts in quick succession, also those that went well.
    var pace = 0
    /// When the last attempt was, or the last Request that made it up.
    var lastRequest: UInt64 = 0
    /// Another endpoint is to be chosen, until there is one.
    var reselects = false
    /// While the way to the next hop is lost, there is one attempt at most.
    var hasTriedLost = false

    init(_ rules: HealRules) { self.rules = rules }

    /// It carries nothing.
    var isDead: Bool { rules.maxFailures.map { failures >= $0 } ?? false }

    /// There is nothing to be done when a Request comes back well; as for most. ``refreshed()`` is to be called then.
    var isQuiet: Bool { phase == .up && own == nil }

    // MARK: The end

    /// A Close comes by that is not for another endpoint. It finds nothing of this element in its way.
    mutating func closeBegins(_ actions: inout Actions) {
        phase = .closing
        withdraw(&actions)
        leaveStep(&actions)
        stopWatching(&actions)
    }

    /// The Close was refused below: all is as it was.
    mutating func closeRefused(_ moment: HealMoment, _ actions: inout Actions) {
        guard phase == .closing else { return }
        requestSucceeded(moment, &actions)
    }

    /// The slot goes.
    /// - Parameter isReplaced: the connection goes another way, and is up there.
    mutating func end(isReplaced: Bool, _ actions: inout Actions) {
        if isReplaced { noteUp(&actions) }
        phase = .closing
        leavePlace(&actions)
        stopWaiting(&actions)
        stopWatching(&actions)
    }

    // MARK: What is under way

    mutating func wait(_ span: UInt64, _ actions: inout Actions) {
        isTimed = true
        actions.append(.wait(span))
    }

    mutating func stopWaiting(_ actions: inout Actions) {
        guard isTimed else { return }
        isTimed = false
        actions.append(.stopWaiting)
    }

    /// A place that a Request of this element has is kept until that ends.
    mutating func leaveStep(_ actions: inout Actions) {
        stopWaiting(&actions)
        if own == nil { leavePlace(&actions) }
    }

    mutating func leavePlace(_ actions: inout Actions) {
        guard hasPlace else { return }
        hasPlace = false
        actions.append(.leavePlace)
    }

    mutating func withdraw(_ actions: inout Actions) {
        guard own?.isSettled == false else { return }
        own?.isSettled = true
        actions.append(.withdraw)
    }

    mutating func startWatching(_ actions: inout Actions) {
        guard !isWatched else { return }
        isWatched = true
        actions.append(.watch)
        if rules.maxFailures != nil { actions.append(.check) }
    }

    private mutating func stopWatching(_ actions: inout Actions) {
        guard isWatched else { return }
        isWatched = false
        actions.append(.stopWatching)
        if rules.maxFailures != nil { actions.append(.stopChecking) }
    }
}
