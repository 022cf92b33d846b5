// SPDX-License-Identifier: Apache-2.0
// What a hook or a resume said, with its error, in a form that tests compare.
public import CatenaElement

/// The answer of a hook.
public enum HookAnswer: Sendable, Equatable {
    /// Go on below, or pass on what came from below.
    case next
    /// Turn round here; nothing to close; a success.
    case done
    /// One answer will come later.
    case pending
    /// Run everything below once more.
    case again
    /// The call has failed; nil: no reason was given.
    indirect case fail(ElementError?)
    /// A number that is no verdict.
    case unknown(UInt32)

    /// A failure without an origin.
    public static func fail(_ code: Code, _ text: String) -> HookAnswer { .fail(ElementError(code, text)) }

    /// As the header spells it.
    var name: String {
        switch self {
        case .next: "NEXT"
        case .done: "DONE"
        case .pending: "PENDING"
        case .again: "AGAIN"
        case .fail: "FAIL"
        case .unknown(let number): "\(number)"
        }
    }
}
