// SPDX-License-Identifier: Apache-2.0
// A leg whose first Request is under way: what is needed if its answer cannot be used.
internal import CatenaElement

final class Opening {
    let leg: Leg
    let url: ClientURL
    /// What a Close names, if the answer cannot be used.
    private var asked: OwnedMessage?

    /// - Parameter asked: a copy of the Request.
    init(_ leg: Leg, to url: ClientURL, _ asked: consuming OwnedMessage) {
        self.leg = leg
        self.url = url
        self.asked = consume asked
    }

    /// What was asked, once.
    func takeAsked() -> OwnedMessage? { asked.take() }
}
