// SPDX-License-Identifier: Apache-2.0
// The one door for other threads. A ticket names one hook; whoever comes twice, late, or to a hook that answered by itself finds
// the door closed, and moves nothing.

internal import CatenaABI
internal import Synchronization

extension Call {
    /// What became of a resume.
    enum Resumed {
        case accepted
        /// The hook has been answered already, or the call is over.
        case gone
    }

    /// Gives the answer that the hook of this ticket owes. From any thread.
    func resume(_ ticket: UInt64, _ verdict: catena_verdict, _ error: CallError?) -> Resumed {
        let step = Ticket.step(of: ticket)
        let answered = Ticket.word(step, Ticket.answered)
        let wasPending: Bool? = mail.withLock { mail in
            // In this order: a hook goes from running to pending, never back.
            for state in [Ticket.running, Ticket.pending] {
                let expected = Ticket.word(step, state)
                if cell.pointee.word.compareExchange(expected: expected, desired: answered, ordering: .acquiringAndReleasing).exchanged {
                    // Whoever sees the new word comes for the mail through this lock.
                    mail = Mail(step: step, verdict: verdict, error: error)
                    return state == Ticket.pending
                }
            }
            return nil
        }
        guard let wasPending else { return .gone }
        // The call waits, so nobody else moves it: its home stays what it is.
        if wasPending {
            if home.loop.isCurrent {
                home.ready(self)
            } else {
                home.post { self.proceed() }
            }
        }
        return .accepted
    }

    /// Why the hook that runs is going to fail.
    func giveError(_ error: CallError) { givenError = (cell.pointee.step, error) }

    /// Takes what a resume has left for the hook that is waited for. On the call's loop.
    func takeMail() -> catena_verdict? {
        mail.withLock { mail in
            guard let given = mail, given.step == cell.pointee.step & Ticket.stepMask else { return nil }
            mail = nil
            if let error = given.error { giveError(error) }
            return given.verdict
        }
    }

    /// Is this the ticket of the hook that runs or is waited for?
    func holds(_ ticket: UInt64) -> Bool {
        let word = cell.pointee.word.load(ordering: .relaxed)
        return word >> 2 == Ticket.step(of: ticket) && word & 3 != Ticket.over
    }

    /// Is this the ticket of a hook that is waited for, and has not been answered? From any thread.
    func awaits(_ ticket: UInt64) -> Bool {
        cell.pointee.word.load(ordering: .acquiring) == Ticket.word(Ticket.step(of: ticket), Ticket.pending)
    }
}
