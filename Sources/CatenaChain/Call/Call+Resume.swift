// SPDX-License-Identifier: Apache-2.0
// The one door for other threads. A ticket names one hook of one element; whoever comes twice, late, with another's ticket, or
// to a hook that answered by itself finds the door closed, and moves nothing.

internal import CatenaABI
internal import Synchronization

extension Call {
    /// What became of a resume.
    enum Resumed {
        case accepted
        /// The hook has been answered already, or the call is over.
        case gone
        /// The hook has been answered already, and its answer was not heard yet: the call fails instead.
        case twice
        /// The hook is another element's.
        case stranger
        /// The element had been written off, and what was kept for it can go.
        case owed(Owed)
    }

    /// What other threads leave for the call's loop, or find there.
    struct Mailbox {
        var letter: Letter?
        /// Answers that elements still owe after they have been written off.
        var owed: [Owed] = []
    }

    /// The answer to one hook.
    struct Letter {
        let step: UInt64
        let verdict: catena_verdict
        let error: CallError?
    }

    /// Gives the answer that the hook of this ticket owes. From any thread.
    func resume(_ ticket: UInt64, _ verdict: catena_verdict, _ error: CallError?, by instance: Instance) -> Resumed {
        let step = Ticket.step(of: ticket)
        let owner = Int32(instance.number)
        let answered = Ticket.word(step, Ticket.answered, owner: owner)
        let (resumed, wasPending): (Resumed, Bool) = mail.withLock { box in
            // In this order: a hook goes from running to pending, never back.
            for state in [Ticket.running, Ticket.pending] {
                let expected = Ticket.word(step, state, owner: owner)
                if cell.pointee.word.compareExchange(expected: expected, desired: answered, ordering: .acquiringAndReleasing).exchanged {
                    // Whoever sees the new word comes for the letter through this lock.
                    box.letter = Letter(step: step, verdict: verdict, error: error)
                    return (.accepted, state == Ticket.pending)
                }
            }
            if let index = box.owed.firstIndex(where: { $0.step == step && $0.instance === instance }) {
                return (.owed(box.owed.remove(at: index)), false)
            }
            let word = cell.pointee.word.load(ordering: .relaxed)
            if word == answered, box.letter?.step == step {
                let failure = CallError.broken(.resumedTwice, by: instance)
                box.letter = Letter(step: step, verdict: CATENA_FAIL, error: failure)
                return (.twice, false)
            }
            let isWaiting = word & 3 == Ticket.running || word & 3 == Ticket.pending
            let isStranger = isWaiting && Ticket.names(word, ticket) && Ticket.owner(of: word) != owner
            return (isStranger ? .stranger : .gone, false)
        }
        // The call waits, so nobody else moves it: its home stays what it is.
        if wasPending {
            runner._withUnsafeGuaranteedRef { $0.loop.isCurrent ? $0.ready(self) : $0.post(self) }
        }
        return resumed
    }

    /// Why the hook that runs is going to fail.
    func giveError(_ error: CallError) { givenError = (cell.pointee.step, error) }

    /// Takes what a resume has left for the hook that is waited for. On the call's loop.
    func takeMail() -> catena_verdict? {
        mail.withLock { box in
            guard let given = box.letter, given.step == cell.pointee.step & Ticket.stepMask else { return nil }
            box.letter = nil
            if let error = given.error { giveError(error) }
            return given.verdict
        }
    }

    /// Is this the ticket of the hook of this instance that runs or is waited for, and has not been answered? On the call's loop.
    func holds(_ ticket: UInt64, _ instance: Instance) -> Bool {
        let word = cell.pointee.word.load(ordering: .acquiring)
        let state = word & 3
        return (state == Ticket.running || state == Ticket.pending)
            && word == Ticket.word(Ticket.step(of: ticket), state, owner: Int32(instance.number))
    }

    /// Runs `body` while the hook of this ticket is certain to be waited for: no resume is heard meanwhile. From any thread, for a
    /// moment; on the call's own loop also while the hook runs.
    func whileHeld<Result>(_ ticket: UInt64, by instance: Instance, _ body: () -> Result) -> Result? {
        mail.withLock { _ in
            guard holds(ticket, instance) else { return nil }
            let isPending = cell.pointee.word.load(ordering: .relaxed) & 3 == Ticket.pending
            // A hook that runs is the business of the thread that runs it.
            guard isPending || engine.homes[whereabouts.load(ordering: .acquiring)].loop.isCurrent else { return nil }
            return body()
        }
    }

    /// Is this the ticket of a hook that is waited for, and has not been answered? From any thread.
    func awaits(_ ticket: UInt64) -> Bool {
        let word = cell.pointee.word.load(ordering: .acquiring)
        return Ticket.names(word, ticket) && word & 3 == Ticket.pending
    }
}
