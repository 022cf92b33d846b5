// SPDX-License-Identifier: Apache-2.0
// One protocol per hook: what a class conforms to is the list of hooks the host calls. The kit looks once, when the module
// is loaded, and leaves the others NULL in the C table.

/// The hook on the way in of a Request.
///
/// Every hook runs on the home loop of its connection and must not block: it holds up every connection of that loop.
/// Above the chain's anchor it runs on the loop the call arrived on.
public protocol RequestHook: ChainElement {
    /// The way in of a Request. ``Verdict/next`` obliges the element to a later Close of the same connection, unless an
    /// earlier Request already did; after ``Verdict/fail(_:)`` it has to have cleaned up after itself.
    func request(_ hop: borrowing Hop<Self>) -> Verdict
}

/// The hook on the way out of a Request.
public protocol RequestReplyHook: ChainElement {
    /// The way out of a Request whose way in ended in ``Verdict/next``.
    /// - Parameter below: what came back. When a first Request failed, everything below is undone already.
    func requestReply(_ hop: borrowing Hop<Self>, below: borrowing Outcome) -> Verdict
}

/// The hook on the way in of a Close.
public protocol CloseHook: ChainElement {
    /// The way in of a Close. It may come for what is closed already.
    /// ``Verdict/fail(_:)`` is recorded and the Close goes on, so that nothing below stays open.
    func close(_ hop: borrowing Hop<Self>) -> Verdict
}

/// The hook on the way out of a Close.
public protocol CloseReplyHook: ChainElement {
    /// The way out of a Close.
    func closeReply(_ hop: borrowing Hop<Self>, below: borrowing Outcome) -> Verdict
}

/// The hook that says that nobody waits any more.
public protocol CancelHook: ChainElement {
    /// The verdict that a pending hook owes is not waited for any more. The ticket must still be resumed once, soon.
    /// - Parameter hop: the hop of the pending hook.
    func cancel(_ hop: borrowing Hop<Self>)
}

/// The hook at the end of a connection.
public protocol ConnectionDropHook: ChainElement {
    /// The connection has ended; the last touch of its slot, which is destroyed on return. Not called for a slot that the
    /// element never touched.
    /// - Parameter why: ``Reason/handedOver`` says that another process goes on with it: tell the next hop nothing.
    func connectionDropped(_ slot: consuming ConnectionSlot, of connection: Connection, why: Reason)
}

/// The hook before the first call.
public protocol StartHook: ChainElement {
    /// May do I/O, and may wait: a function that is not `async` will do as well. No other hook runs before it has returned.
    /// Elements of a chain start from tail to head.
    /// - Throws: why the element cannot work; the host does not start then.
    func start() async throws(ElementError)
}

/// The hook after the last call.
public protocol StopHook: ChainElement {
    /// No call is in the element any more. Also called when another element failed to start. A function that is not `async`
    /// will do as well.
    /// - Throws: what the host is to log.
    func stop() async throws(ElementError)
}
