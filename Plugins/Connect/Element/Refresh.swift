// SPDX-License-Identifier: Apache-2.0
// Requests over a leg that is open, which is nearly all there are. One object serves them all, so that a refresh needs no memory of
// its own.
internal import CatenaElement

final class Refresh: AnswerReceiver {
    let leg: Leg
    /// Where the leg goes.
    let url: KeptURL
    private let element: ConnectElement
    /// The slot is there until its calls have ended.
    private unowned let side: ClientSide

    init(_ leg: Leg, to url: KeptURL, _ side: ClientSide, _ element: ConnectElement, _ host: Host) {
        (self.leg, self.url, self.side, self.element) = (leg, url, side, element)
        super.init(host)
    }

    override func answered(_ answer: borrowing Answer) {
        guard let ticket = side.current?.ticket else { return }
        do throws(ElementError) {
            try answer.withMessage { message throws(ElementError) in
                try element.accept(message, for: ticket)
                try side.refreshed(message)
            }
            element.ended(side, ticket, .next)
        } catch {
            // An answer that could not be taken over was a yes.
            side.failed(isKnown: answer.error.map { !$0.isIndefinite } ?? false)
            element.ended(side, ticket, .fail(error))
        }
    }
}
