// SPDX-License-Identifier: Apache-2.0
// What the queue wants done, as values. The element carries them out in this order, and the queue's tests read them.

/// One thing to do.
enum Action<Call, Job> {
    /// The turn is this call's.
    case run(Call, Verb)
    /// The call has waited, and goes no further.
    case answer(Call, Answer)
    /// The turn is a job's: ``TurnQueue/takeJob(_:)`` has it, outside of hooks.
    case runJob(UInt64)
    /// The job will not run.
    case refuse(Job, Refusal)
    /// Whatever event Request runs below is to end soon.
    case abortEvent
    /// ``TurnQueue/turnCameRound(_:)`` is to be called by the loop, behind what waits there already.
    case passThroughLoop
    /// ``TurnQueue/retryIsDue(_:)`` is to be called after this many failures in a row.
    case retryLater(failures: Int)
    /// No retry is due any more.
    case forgetRetry
    /// A Close is to be begun at the anchor.
    case closeAgain
}

/// What a call of the queue asks for.
enum Verb: Equatable {
    /// A plain one has nothing to be done for before it goes on.
    case request(isPlain: Bool)
    case close
}

/// How a call that waited is answered.
enum Answer: Equatable {
    /// There is nothing to close.
    case done
    /// As the one that has just run.
    case sameResult
    case refused(Refusal)
}

/// Why a call or job does not run.
enum Refusal: Equatable {
    /// As many wait as may.
    case full
    /// A Close has come.
    case closing
    /// The incarnation has ended, or is to.
    case cancelled
    /// Another Request has begun while the turn was on its way.
    case race
}

/// What becomes of a call that comes.
enum Admission: Equatable {
    /// The turn is its own. Its end is to be told.
    case runs
    case waits
    /// There is nothing to close.
    case done
    case refused(Refusal)
}

extension Action: Equatable where Call: Equatable, Job: Equatable {}
