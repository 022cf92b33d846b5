// SPDX-License-Identifier: Apache-2.0
// Below the last element. A served chain turns round there; a client chain goes on to the next hop, which is undone like an
// element when something above it fails.

internal import CatenaABI

extension Call {
    /// The leg's turn has come to this call: what is known of the next hop counts from here.
    func showLeg(_ leg: Leg) {
        show(isFirst: !leg.isOpen, isKnown: leg.isKnown)
        isFirst = verb == .request && !leg.isOpen
    }

    /// The call has passed the last element.
    ///
    /// - Returns: false if it waits for the next hop.
    func beginTail() -> Bool {
        guard leg != nil else {
            turnAtEnd(nil)
            stage = .outBelow
            return true
        }
        if verb == .request, cell.pointee.hop.flags & CATENA_HOP_CANCELLED != 0 {
            turnAtEnd(cancelError)
            stage = .outBelow
            return true
        }
        stage = .tail
        ask(verb, deadline: cell.pointee.hop.deadline_ns)
        return false
    }

    private func ask(_ verb: Verb, deadline: UInt64) {
        guard let message = cell.pointee.hop.message, let transport = lentLeg?._withUnsafeGuaranteedRef(\.lentTransport) else { return }
        shut()
        waiting = .transport
        transportStep &+= 1
        let completion = TransportCompletion(self, step: transportStep)
        // The leg has its transport for as long as this call is the one that it is busy with.
        let begun = transport._withUnsafeGuaranteedRef { shared in
            runner._withUnsafeGuaranteedRef {
                shared.transport.call(verb, message: message, deadline: deadline, home: $0, completion: completion)
            }
        }
        // The answer may be there already; it is not heard before this call has come to rest.
        if transportAnswer == nil { transportCall = begun }
        armLimit()
    }

    /// The next hop has answered. A yes is heard at once where that is possible: not from another thread, and not while hooks run. A no
    /// has a turn of its own, as the transport may be in the middle of telling several calls.
    func take(_ answer: consuming TransportAnswer, step: UInt64) {
        // The call waits for the answer, so its home stays what it is.
        let isHere = runner._withUnsafeGuaranteedRef { $0.loop.isCurrent }
        guard isHere else {
            let box = AnswerBox(answer)
            return home.post { if let answer = box.answer.take() { self.hear(answer, step) } }
        }
        guard isWaiting(forStep: step) else { return }
        transportCall = nil
        let isYes = switch answer { case .success: true; case .failure: false }
        transportAnswer = consume answer
        runner._withUnsafeGuaranteedRef { home in
            if isYes, !home.isRunning { home.enter { proceed() } } else { home.ready(self) }
        }
    }

    private func hear(_ answer: consuming TransportAnswer, _ step: UInt64) {
        guard isWaiting(forStep: step) else { return }
        transportCall = nil
        transportAnswer = consume answer
        proceed()
    }

    /// Steps are counted through all calls that used this object, so none is taken for another's.
    private func isWaiting(forStep step: UInt64) -> Bool { waiting == .transport && transportStep == step && transportAnswer == nil }

    /// The next hop has answered.
    func endTail() {
        stage = .outBelow
        guard let answer = transportAnswer.take() else { return turnAtEnd(nil) }
        switch answer {
        case .success(let reply):
            if verb == .request, let message = cell.pointee.hop.message { reply?.assign(CATENA_F_CONNECTION, to: message) }
            turnAtEnd(nil)
            tailEntered = verb == .request
        case .failure(let failure):
            guard let leg else { return turnAtEnd(nil) }
            let (origin, text) = failure.isRemote ? CallError.split(failure.text) : (leg.chain.user?.path ?? leg.chain.path, failure.text)
            var error = CallError(failure.code, text, origin: origin, isIndefinite: failure.isIndefinite)
            if let cancelError, failure.code == CATENA_CANCELLED || failure.code == CATENA_DEADLINE_EXCEEDED {
                error = CallError(
                    cancelError.code, cancelError.text, origin: cancelError.origin.isEmpty ? error.origin : cancelError.origin,
                    isIndefinite: failure.isIndefinite, cause: error)
            }
            turnAtEnd(error)
            if failure.isIndefinite, verb == .request, !leg.isOpen { closeUnseen(leg) }
        }
    }

    /// The next hop may have a connection that nobody here knows of: it is told to forget it, and not waited for.
    func closeUnseen(_ leg: Leg) {
        guard let message = cell.pointee.hop.message else { return }
        let deadline = home.loop.now() &+ engine.options.closeTimeout
        let engine = engine
        let path = chain.path
        let id = idText
        // The leg may be gone before the answer comes; its transport may not.
        let transport = engine.transports.share(leg.transport)
        let waiter = TransportWaiter { answer in
            transport.release()
            if case .failure(let failure) = answer {
                engine.log(.debug, path, "best effort close failed", ["connection": id, "error": failure.text])
            }
        }
        _ = transport.shared.transport.call(
            .close, message: message, deadline: deadline, home: home, completion: TransportCompletion(waiter))
    }

    /// Closes what the next hop has said yes to.
    ///
    /// - Returns: false while it has not answered.
    func undoTail() -> Bool {
        if let answer = transportAnswer.take() {
            tailEntered = false
            if case .failure(let failure) = answer {
                engine.log(.warning, chain.path, "rollback failed", ["connection": idText, "error": failure.text])
            }
            return true
        }
        guard leg != nil else {
            tailEntered = false
            return true
        }
        ask(.close, deadline: home.loop.now() &+ engine.options.closeTimeout)
        return false
    }
}

/// An answer on its way to another loop: whoever takes it has it alone.
private final class AnswerBox: @unchecked Sendable {  // written before it is posted, taken where it is heard
    var answer: TransportAnswer?
    init(_ answer: consuming TransportAnswer) { self.answer = consume answer }
}

/// Waits for an answer that no call waits for, and keeps itself until it comes.
private final class TransportWaiter: TransportCaller, @unchecked Sendable {  // touched by whoever answers, once
    private let heard: @Sendable (consuming TransportAnswer) -> Void
    private var itself: TransportWaiter?

    init(_ heard: @escaping @Sendable (consuming TransportAnswer) -> Void) {
        self.heard = heard
        super.init()
        itself = self
    }

    override func transportAnswered(_ answer: consuming TransportAnswer, step: UInt64) {
        heard(answer)
        itself = nil
    }
}
