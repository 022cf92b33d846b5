// SPDX-License-Identifier: Apache-2.0
// The rules of the ABI that an element can break while it runs, each with what its author has to do about it.

internal import CatenaABI

/// A rule that was broken, as the log tells it.
struct BrokenRule {
    /// What the element did.
    let text: String
    /// What its author has to change.
    let remedy: String

    static let resumedTwice = BrokenRule(
        text: "resumed a hook that has been answered already", remedy: "resume each PENDING hook once")
    static let resumedAndAnswered = BrokenRule(
        text: "resumed a hook that then answered by itself", remedy: "say PENDING where the hook resumes, or do not resume")
    static let resumedAnother = BrokenRule(
        text: "resumed a hook of another element", remedy: "resume with the ticket of its own hook")
    static let resumedNothing = BrokenRule(
        text: "resumed with a number that is no ticket", remedy: "resume with the call number of its own hook")
    static let failedSilently = BrokenRule(
        text: "failed without saying why", remedy: "call set_error before FAIL, or give resume an error")

    static func neverResumed(_ hook: String) -> BrokenRule {
        BrokenRule(text: "never resumed its \(hook) hook", remedy: "resume each PENDING hook once, and soon after cancel")
    }

    /// - Parameter id: of the connection.
    static func neverFinished(_ id: String) -> BrokenRule {
        BrokenRule(text: "did not finish a job of the executor: \(id)", remedy: "finish each job once, when what it started has ended")
    }

    /// - Parameter hook: as catena.h spells it.
    static func verdict(_ verdict: catena_verdict, hook: String) -> BrokenRule {
        switch verdict {
        case CATENA_AGAIN:
            BrokenRule(
                text: "answered \(hook) with AGAIN, which is for request_reply of an AGAIN type, on an error",
                remedy: "set CATENA_TYPE_AGAIN, and say AGAIN from request_reply when it is given an error")
        case CATENA_PENDING where hook.hasSuffix("_reply"):
            BrokenRule(
                text: "answered \(hook) with PENDING, which an anchor may not", remedy: "pass the turn on in the reply hook itself")
        default:
            BrokenRule(
                text: "answered \(hook) with \(verdict), which is no verdict", remedy: "answer with a CATENA_ verdict of catena.h")
        }
    }
}
