// SPDX-License-Identifier: Apache-2.0
// The hooks of an author who would rather write `await` than keep a ticket. They are the sync hooks in another form: the
// verdict is pending, and a task owes it.

/// The way in of a Request, as an `async` function; in place of ``RequestHook``.
///
/// It begins on the connection's loop and stays there until it first waits; from then on it runs on Swift's thread pool, and
/// the loop goes on. Use it where a Request waits for something anyway, as a file, a process or another server.
///
/// What it costs, measured in and out beside an element with two empty sync hooks (release build, same module and machine):
/// 50 to 60 times as much when it never waits, with four allocations where the sync form has none; 1,000 to 1,500 times when
/// it waits once, of which nearly all is the way to another thread and back. An element that only looks at messages wants
/// the sync form.
public protocol AsyncRequestHook: ChainElement {
    /// As ``RequestHook/request(_:)``, but for its form.
    ///
    /// When nobody waits for the answer any more, the task is cancelled; return or throw soon then.
    /// - Throws: an ``ElementError`` fails the call as it is; `CancellationError` is CANCELLED; any other error is UNKNOWN, with
    ///   its description.
    func request(_ call: borrowing AsyncCall<Self>) async throws -> Resumption
}

/// The way in of a Close, as an `async` function; in place of ``CloseHook``. As ``AsyncRequestHook`` in all else.
public protocol AsyncCloseHook: ChainElement {
    /// As ``CloseHook/close(_:)``, but for its form. The Close goes on below whatever this throws.
    func close(_ call: borrowing AsyncCall<Self>) async throws -> Resumption
}
