// SPDX-License-Identifier: Apache-2.0
// What `connect` knows of one connection. It is a class, because completions of client calls reach it after the hook that
// began them has returned; all of them run on the connection's loop.
public import CatenaElement

/// The client side of one connection.
public final class ClientSide: Slot {
    /// What is open at the next hop. It changes in one assignment, so that it always names what is really open.
    private var opened: Opened?
    /// The client call under way.
    var operation: Operation?

    public init() {}

    /// A leg whose Request has succeeded.
    struct Opened: ~Copyable {
        let leg: Leg
        let url: ClientURL
        /// The last connection as the next hop returned it.
        var last: OwnedMessage
    }

    /// The leg that is open, wherever it goes.
    var leg: Leg? { opened?.leg }

    /// The leg that is open, if it goes to `url`.
    func leg(to url: ClientURL) -> Leg? {
        opened?.url == url ? opened?.leg : nil
    }

    /// The Request that goes over the open leg: like the last one. nil: nothing is open.
    func nextRequest(from server: borrowing Message) throws(ElementError) -> OwnedMessage? {
        try opened?.last.request(from: server)
    }

    /// A copy of the last client connection; nil: nothing is open.
    func copyOfLast() throws(ElementError) -> OwnedMessage? {
        try opened?.last.message.copy()
    }

    /// Puts in what is open now and takes out what was before.
    func replace(with opened: consuming Opened?) -> Opened? {
        let before = self.opened.take()
        self.opened = opened
        return before
    }

    /// The next hop has answered again over the same leg.
    func refreshed(_ last: consuming OwnedMessage) {
        opened?.last = last
    }
}

/// A leg whose first Request is under way. Only that one carries it, so that a refresh has nothing to keep but its ticket.
final class Opening {
    let url: ClientURL
    /// What a Close names, if the answer cannot be used.
    private var asked: OwnedMessage?

    init(_ request: borrowing Message, to url: ClientURL) throws(ElementError) {
        self.url = url
        asked = try request.copy()
    }

    /// What was asked, once.
    func takeAsked() -> OwnedMessage? { asked.take() }
}

extension OwnedMessage {
    fileprivate borrowing func request(from server: borrowing Message) throws(ElementError) -> OwnedMessage {
        try ClientRequest.next(from: server, last: message)
    }
}
