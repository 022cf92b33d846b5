// SPDX-License-Identifier: Apache-2.0
// What a scripted hook does, as a value: a script is a list of these, one for each time the hook is called, the last one for
// all times after.

import CatenaABI

@testable import CatenaChain

/// The functions of an element that a script can speak of.
enum Hook: String, Sendable {
    case request
    case requestReply = "request_reply"
    case close
    case closeReply = "close_reply"
    case cancel
    case callDropped = "call_dropped"
    case connDropped = "conn_dropped"
    case start, stop, destroy
}

indirect enum Act: @unchecked Sendable {  // closures run on the loop of the call, one at a time
    case next, done, again
    case fail(catena_status = CATENA_UNAVAILABLE, String = "broken")
    /// Says FAIL and gives no reason.
    case failSilently
    /// A number that is no verdict.
    case verdict(catena_verdict)
    /// PENDING, and resumed before the hook has returned.
    case before(Act)
    /// PENDING, and resumed by the test's own thread when all loops are idle.
    case later(Act)
    /// PENDING, and resumed by another thread as soon as it runs.
    case thread(Act)
    /// PENDING, until the test resumes it.
    case held
    /// PENDING, and whoever said so has the ticket.
    case queued
    /// Whatever the closure says.
    case run((ScriptedInstance, catena_hop) -> Act)

    /// What the journal says about it; nothing for NEXT.
    var mark: String {
        switch self {
        case .next, .run: ""
        case .done: " DONE"
        case .again: " AGAIN"
        case .fail, .failSilently: " FAIL"
        case .verdict(let number): " \(number)"
        case .before, .later, .thread, .held, .queued: " PENDING"
        }
    }
}

/// Names of numbers, as catena.h spells them.
enum Name {
    static func of(status: catena_status) -> String {
        [
            CATENA_OK: "OK", CATENA_CANCELLED: "CANCELLED", CATENA_UNKNOWN: "UNKNOWN", CATENA_INVALID_ARGUMENT: "INVALID_ARGUMENT",
            CATENA_DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED", CATENA_NOT_FOUND: "NOT_FOUND",
            CATENA_PERMISSION_DENIED: "PERMISSION_DENIED", CATENA_RESOURCE_EXHAUSTED: "RESOURCE_EXHAUSTED",
            CATENA_FAILED_PRECONDITION: "FAILED_PRECONDITION", CATENA_ABORTED: "ABORTED", CATENA_INTERNAL: "INTERNAL",
            CATENA_UNAVAILABLE: "UNAVAILABLE", CATENA_GONE: "GONE", CATENA_MISUSE: "MISUSE",
        ][status] ?? "\(status)"
    }

    static func of(reason: catena_reason) -> String {
        let names = [
            "CALLER", "EVENT", "ROLLBACK", "RESELECT", "MOVED_URL", "RETRY", "HANDED_OVER", "REMOVED", "EXPIRED", "STOPPING",
        ]
        return Int(reason) < names.count ? names[Int(reason)] : "\(reason)"
    }
}

extension catena_str {
    /// Lends a text as a view.
    static func with<Result>(_ text: String, _ body: (catena_str) throws -> Result) rethrows -> Result {
        var text = text
        return try text.withUTF8 { bytes in
            try bytes.withMemoryRebound(to: CChar.self) { try body(catena_str(ptr: $0.baseAddress, len: $0.count)) }
        }
    }
}
