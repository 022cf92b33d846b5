// SPDX-License-Identifier: Apache-2.0
// The contract of a connection in the client role: asked for until it is up, never twice at once, closed if it was ever asked for.

@testable import CatenaHost
import Testing

@Suite("an opening")
struct OpeningTests {
    /// One that has come to a phase by the shortest way.
    private static func one(_ phase: Opening.Phase) -> Opening {
        var opening = Opening()
        if phase != .idle { _ = opening.begin(at: 1) }
        switch phase {
        case .idle, .asking: break
        case .waiting: _ = opening.failed("x", jitter: 0)
        case .up: _ = opening.succeeded(at: 2)
        case .leaving: _ = opening.stop(at: 2)
        case .closing:
            _ = opening.failed("x", jitter: 0)
            _ = opening.stop(at: 2)
        case .over:
            _ = opening.failed("x", jitter: 0)
            _ = opening.stop(at: 2)
            _ = opening.closed()
        }
        return opening
    }

    private static let phases: [Opening.Phase] = [.idle, .asking, .waiting, .up, .leaving, .closing, .over]

    @Test("is asked for at once, and up when a Request succeeds", arguments: [0, 3])
    func up(failures: Int) {
        var opening = Opening()
        #expect(opening.begin(at: 5) == .request && opening.phase == .asking && opening.since == 5)
        for number in 0..<failures {
            #expect(opening.failed("refused \(number)", jitter: 0) == .wait(Opening.shortestPause << UInt64(number)))
            #expect(opening.phase == .waiting && opening.failures == number + 1 && opening.lastError == "refused \(number)" && opening.since == 5)
            #expect(opening.askAgain() == .request && opening.phase == .asking)
        }
        #expect(opening.succeeded(at: 9) == .nothing)
        #expect(opening.phase == .up && opening.since == 9 && opening.failures == 0 && opening.lastError == nil)
    }

    @Test("a Request is begun only when none is under way, and none once the host stops", arguments: phases)
    func once(phase: Opening.Phase) {
        let start = Self.one(phase)
        var begun = start, again = start
        #expect((begun.begin(at: 3) == .request) == (phase == .idle))
        #expect((again.askAgain() == .request) == (phase == .waiting))
        var stopped = start
        _ = stopped.stop(at: 3)
        #expect(stopped.begin(at: 4) == .nothing && stopped.askAgain() == .nothing)
    }

    @Test("when the host stops, what was ever asked for is closed, once, and a Request under way is taken back first", arguments: phases)
    func stop(phase: Opening.Phase) {
        var opening = Self.one(phase)
        let action = opening.stop(at: 7)
        switch phase {
        case .idle: #expect(action == .finish && opening.phase == .over)
        case .asking: #expect(action == .leave && opening.phase == .leaving && opening.isAsking)
        case .waiting, .up: #expect(action == .close && opening.phase == .closing && opening.since == 7)
        case .leaving, .closing, .over: #expect(action == .nothing && opening.phase == phase)
        }
        #expect(opening.stop(at: 8) == .nothing)
    }

    @Test("whichever way the Request ends that is taken back, a Close follows", arguments: [true, false])
    func left(succeeds: Bool) {
        var opening = Self.one(.leaving)
        #expect((succeeds ? opening.succeeded(at: 3) : opening.failed("the caller left", jitter: 0)) == .close)
        #expect(opening.closed() == .finish && opening.phase == .over && opening.closed() == .nothing)
    }

    @Test("an answer that nobody waits for changes nothing", arguments: [.idle, .waiting, .up, .closing, .over] as [Opening.Phase])
    func stray(phase: Opening.Phase) {
        let start = Self.one(phase)
        var succeeded = start, failed = start, closed = start
        #expect(succeeded.succeeded(at: 9) == .nothing && succeeded == start)
        #expect(failed.failed("late", jitter: 0) == .nothing && failed == start)
        #expect((closed.closed() == .finish) == (phase == .closing))
    }

    @Test("pauses double from 100 ms to 5 s, and jitter shortens them by less than a fifth", arguments: [0, 0.5, 0.999])
    func pauses(jitter: Double) {
        for (failures, whole) in [(1, 0.1), (2, 0.2), (3, 0.4), (6, 3.2), (7, 5), (8, 5), (1_000_000, 5)] {
            let pause = Double(Opening.pause(after: failures, jitter: jitter)) / 1e9
            #expect(pause <= whole && pause >= max(0.1, whole * 0.8), "\(failures): \(pause)")
            #expect(jitter > 0 || pause == whole)
        }
    }
}
