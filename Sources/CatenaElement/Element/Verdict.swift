// SPDX-License-Identifier: Apache-2.0
// What a hook answers. An element never calls the next one: it says how the host is to go on, and so cannot keep a Close
// from the rest of the chain.

/// The answer of a hook.
public enum Verdict: Sendable {
    /// Way in: go on below. Way out: pass on what came from below.
    case next
    /// Way in of a Request: turn round here, it has succeeded. Way in of a Close: there is nothing to close; the host honours
    /// this where it knows no open connection. Way out: success, whatever came from below.
    case done
    /// The element's ticket (``Hop/ticket``) will be resumed exactly once, from any thread, perhaps before the hook returns.
    case pending
    /// On the way out of a failed Request, by types with ``ElementTraits/again``: run everything below once more.
    case again
    /// The call has failed. On the way out the error replaces the one from below, which becomes its cause.
    indirect case fail(ElementError)

    /// Fails with a code and a text for people.
    public static func fail(_ code: Code, _ text: String) -> Verdict { .fail(ElementError(code, text)) }
}

/// The verdict a pending hook owes.
public enum Resumption: Sendable {
    /// As ``Verdict/next``.
    case next
    /// As ``Verdict/done``.
    case done
    /// As ``Verdict/fail(_:)``.
    indirect case fail(ElementError)

    /// Fails with a code and a text for people.
    public static func fail(_ code: Code, _ text: String) -> Resumption { .fail(ElementError(code, text)) }
}
