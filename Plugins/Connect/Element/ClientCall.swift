// SPDX-License-Identifier: Apache-2.0
// A Request or Close that has come to `connect`: all that is needed to begin it, at once or when the one before it has ended.
internal import CatenaElement

struct ClientCall {
    enum Verb: String { case request, close }

    let verb: Verb
    /// Of the hook that waits.
    let ticket: Ticket
    let connection: Connection?
    /// Where the next hop is; empty: nobody said.
    let url: ClientURL
    let why: Reason
    /// Of a Close: the host has an open connection for it.
    let isKnown: Bool

    init(_ verb: Verb, _ hop: borrowing Hop<ConnectElement>, to url: ClientURL) {
        self.verb = verb
        ticket = hop.ticket
        connection = hop.connection
        self.url = url
        why = hop.reason
        isKnown = hop.isKnown
    }

    /// Answers the hook that waits with what its function would have answered.
    func answer(_ verdict: Verdict) {
        switch verdict {
        case .next: ticket.resume(.next)
        case .done: ticket.resume(.done)
        case .fail(let error): ticket.resume(.fail(error))
        case .pending, .again: break
        }
    }
}
