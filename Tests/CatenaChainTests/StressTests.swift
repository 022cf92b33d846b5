// SPDX-License-Identifier: Apache-2.0
// Thousands of calls over few connections on several threads, with every kind of answer at every place. Nothing here takes a
// lock of its own between hooks, so that the thread sanitizer sees the engine's order and not the test's.

import CatenaABI
import Foundation
import Synchronization
import Testing

@testable import CatenaChain

/// Random numbers that depend on what they are for, not on who came first.
private func mix(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
}

@Suite("Stress")
struct StressTests {
    private final class Tally: Sendable {
        let answers = Atomic<Int>(0)
        let overlaps = Atomic<Int>(0)
        let slotsMade = Atomic<Int>(0)
        let slotsDropped = Atomic<Int>(0)
        let transports = Atomic<Int>(0)
        let transportsClosed = Atomic<Int>(0)
        let events = Atomic<Int>(0)
        let eventsDone = Atomic<Int>(0)
    }

    /// Counts its answers; the first one opens the gate.
    private final class StressCaller: Caller {
        let count = Atomic<Int>(0)
        private let tally: Tally
        private let gate: DispatchGroup
        let peer = ""

        init(tally: Tally, gate: DispatchGroup) {
            self.tally = tally
            self.gate = gate
            gate.enter()
        }

        func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }

        func answer(error: CallError?, message: OpaquePointer?) {
            if error == nil { #expect(message != nil) }
            tally.answers.wrappingAdd(1, ordering: .relaxed)
            if count.wrappingAdd(1, ordering: .relaxed).newValue == 1 { gate.leave() }
        }
    }

    /// Answers on a thread of its own, or at once.
    private final class StressTransports: TransportFactory {
        let worker: ThreadLoop
        let bank: MessageBank
        let tally: Tally
        init(worker: ThreadLoop, bank: MessageBank, tally: Tally) {
            self.worker = worker
            self.bank = bank
            self.tally = tally
        }

        func makeTransport(url: String, options: TransportOptions) -> (any Transport)? {
            tally.transports.wrappingAdd(1, ordering: .relaxed)
            return Way(owner: self)
        }

        final class Way: Transport {
            let owner: StressTransports
            let calls = Atomic<UInt64>(0)
            init(owner: StressTransports) { self.owner = owner }
            var state: UInt32 { CATENA_TRANSPORT_READY }
            func close() { owner.tally.transportsClosed.wrappingAdd(1, ordering: .relaxed) }

            func call(
                _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: Home, completion: TransportCompletion
            ) -> any TransportCall {
                let roll = mix(calls.wrappingAdd(1, ordering: .relaxed).newValue)
                let reply = Reply(verb == .request ? OwnedMessage(cloneOf: message, api: TestMessage.api) : nil)
                let answer = { @Sendable in
                    if roll % 5 == 0 {
                        completion(
                            .failure(TransportFailure(code: CATENA_UNAVAILABLE, text: "x", isRemote: roll % 2 == 0, isIndefinite: roll % 3 == 0)))
                    } else {
                        completion(.success(reply.message.take()))
                    }
                }
                if roll % 7 < 3 { answer() } else { owner.worker.execute(answer) }
                return Nothing()
            }
        }

        private final class Reply: @unchecked Sendable {  // taken once, by whoever answers
            var message: OwnedMessage?
            init(_ message: consuming OwnedMessage?) { self.message = message }
        }
        private final class Nothing: TransportCall { func cancel() {} }
    }

    /// What the element below the anchor keeps for a connection.
    private struct Slot {
        var isMade: UInt64
        /// The call that is below.
        var owner: UInt64
    }

    private static func element(_ name: String, salt: UInt64, worker: ThreadLoop) -> ScriptedElement {
        let element = ScriptedElement(name, hooks: [.request, .requestReply, .close, .closeReply])
        element.rule = { hook, instance, hop, failed in roll(hook, instance, hop, failed, salt, worker) }
        return element
    }

    /// Mostly NEXT; some FAIL and DONE, some answers from another thread, before and after the hook has returned.
    private static func roll(
        _ hook: Hook, _ instance: ScriptedInstance, _ hop: catena_hop, _ failed: Bool, _ salt: UInt64, _ worker: ThreadLoop
    ) -> Act {
        let roll = mix(hop.call &* 31 &+ salt) % 100
        let ticket = hop.call
        switch roll {
        case 0..<6: return .fail(CATENA_UNAVAILABLE, "rolled")
        case 6..<8: return hook == .request || failed ? .done : .next
        case 8..<14:
            worker.execute { instance.resume(ticket, .next) }
            return .queued
        case 14..<16:
            worker.execute { instance.resume(ticket, .fail(CATENA_ABORTED, "rolled later")) }
            return .queued
        case 16..<18: return .before(.next)
        default: return .next
        }
    }

    @Test("random calls on several threads end as the law says", arguments: [(2, UInt64(1)), (3, 2), (4, 3)])
    func random(loopCount: Int, seed: UInt64) throws {
        let tally = Tally()
        let bank = MessageBank()
        let log = TestLog()
        let loops = (0..<loopCount).map { _ in ThreadLoop() }
        let worker = ThreadLoop()
        var options = EngineOptions()
        options.grace = 20_000_000
        options.orphanTimeout = 2_000_000
        options.closeTimeout = 200_000_000
        options.eventTimeout = 20_000_000

        let elements = Self.elements(seed, tally, worker)
        let engine = try Engine(
            [
                ChainSpec(name: "chain", isServed: true, elements: try elements.served.map { try $0.spec() }),
                ChainSpec(name: "client", isServed: false, elements: [try elements.client.spec()]),
            ], loops: loops, messages: TestMessage.api, transports: StressTransports(worker: worker, bank: bank, tally: tally), log: log,
            options: options)

        let gate = DispatchGroup()
        let callers = (0..<3000).map { _ in StressCaller(tally: tally, gate: gate) }
        for (index, caller) in callers.enumerated() {
            let roll = mix(UInt64(index) &+ seed << 32)
            let loop = loops[Int(roll % UInt64(loopCount))]
            loop.execute { Self.begin(engine, loop, roll >> 8, caller, bank) }
        }
        gate.wait()
        // What was opened and not closed stays open, but for orphans; nothing else may be left.
        Self.wait { engine.whenIdle($0) }
        Self.wait { engine.stop($0) }
        let timers = loops.map { loop in
            let count = Mutex(0)
            Self.wait { done in
                loop.execute {
                    count.withLock { $0 = engine.home(of: loop)?.armedTimers ?? -1 }
                    done()
                }
            }
            return count.withLock { $0 }
        }
        for loop in loops + [worker] { loop.end() }

        #expect(callers.allSatisfy { $0.count.load(ordering: .relaxed) == 1 })
        #expect(tally.answers.load(ordering: .relaxed) == callers.count)
        #expect(tally.overlaps.load(ordering: .relaxed) == 0)
        #expect(tally.slotsMade.load(ordering: .relaxed) > 0)
        #expect(tally.slotsMade.load(ordering: .relaxed) == tally.slotsDropped.load(ordering: .relaxed))
        #expect(tally.transports.load(ordering: .relaxed) == tally.transportsClosed.load(ordering: .relaxed))
        #expect(tally.events.load(ordering: .relaxed) > 0)
        #expect(tally.events.load(ordering: .relaxed) == tally.eventsDone.load(ordering: .relaxed))
        #expect(bank.alive == 0)
        #expect(engine.served[0].connections.count == 0 && engine.connectionIndex.count == 0)
        #expect(engine.operations.count == 0 && engine.transports.all().isEmpty)
        #expect(timers.allSatisfy { $0 == 0 })
        #expect(engine.underWay.counts.outside == 0 && engine.underWay.counts.inside == 0)
        #expect(Set(log.lines.filter { $0.contains("misbehaves") }) == [])
        for element in elements.served + [elements.client] { element.forget() }
    }

    private static func wait(_ body: (@escaping @Sendable () -> Void) -> Void) {
        let done = DispatchSemaphore(value: 0)
        body { done.signal() }
        done.wait()
    }

    private static func begin(_ engine: Engine, _ loop: ThreadLoop, _ roll: UInt64, _ caller: StressCaller, _ bank: MessageBank) {
        guard let home = engine.home(of: loop) else { return }
        let verb = roll % 4 == 0 ? Verb.close : .request
        let deadline = roll >> 8 & 3 == 0 ? loop.now() + (roll >> 16 & 0xfffff) : 0
        let reference = engine.begin(
            verb, on: engine.served[0], message: bank.owned(id: "\(roll >> 2 & 7)"), deadline: deadline, caller: caller, home: home)
        if roll >> 40 & 7 == 0 { loop.execute { reference?.callerLeft(isLate: false) } }
    }

    private static func elements(_ seed: UInt64, _ tally: Tally, _ worker: ThreadLoop) -> (served: [ScriptedElement], client: ScriptedElement) {
        let again = element("r", salt: seed &+ 1, worker: worker)
        again.flags = CATENA_TYPE_AGAIN
        again.rule = { hook, _, hop, failed in hook == .requestReply && failed && hop.attempt < 3 ? .again : .next }
        let anchor = ScriptedElement.anchor()
        anchor.rule = { [queue = anchor.queue] hook, instance, hop, failed in queue?.run(hook, instance, hop, failed: failed) ?? .next }
        let connector = ScriptedElement.connector()
        connector.rule = { hook, instance, hop, _ in
            hook == .request ? Connector.request(instance, hop, "tcp://\(mix(hop.call) % 3)") : Connector.close(instance, hop)
        }
        let client = element("h", salt: seed &+ 4, worker: worker)
        client.connSlot = 16
        let served = [
            element("a", salt: seed &+ 2, worker: worker), again, anchor, witness(seed, tally, worker),
            element("b", salt: seed &+ 3, worker: worker), connector,
        ]
        return (served, client)
    }

    /// Stands just below the anchor: sees that no two calls of a connection are there at once, counts slots, begins events.
    private static func witness(_ seed: UInt64, _ tally: Tally, _ worker: ThreadLoop) -> ScriptedElement {
        let witness = ScriptedElement("w", hooks: [.request, .requestReply, .close, .closeReply, .connDropped])
        witness.connSlot = UInt32(MemoryLayout<Slot>.size)
        witness.slotDropped = { slot in
            if slot.load(as: Slot.self).isMade == 1 { tally.slotsDropped.wrappingAdd(1, ordering: .relaxed) }
            slot.storeBytes(of: 2, as: UInt64.self)
        }
        witness.rule = { hook, instance, hop, failed in
            let slot = hop.conn_slot.assumingMemoryBound(to: Slot.self)
            let owner = hop.call >> 40
            if slot.pointee.isMade == 0 {
                slot.pointee.isMade = 1
                tally.slotsMade.wrappingAdd(1, ordering: .relaxed)
            }
            if slot.pointee.isMade != 1 || slot.pointee.owner != 0 && slot.pointee.owner != owner {
                tally.overlaps.wrappingAdd(1, ordering: .relaxed)
            }
            slot.pointee.owner = hook == .request || hook == .close ? owner : 0
            if hook == .requestReply, !failed, mix(hop.call) % 16 == 0, hop.flags & CATENA_HOP_EVENT == 0 {
                begin(instance, hop, mix(hop.call) % 3 == 0 ? CATENA_VERB_CLOSE : CATENA_VERB_REQUEST, tally)
            }
            return .next
        }
        return witness
    }

    private static func begin(_ instance: ScriptedInstance, _ hop: catena_hop, _ verb: UInt32, _ tally: Tally) {
        var what = catena_start()
        what.struct_size = UInt32(MemoryLayout<catena_start>.size)
        what.verb = verb
        what.reason = CATENA_EVENT
        what.message = instance.messages.clone(hop.message)
        let operation = instance.connections.start(instance.host, hop.conn, &what, { argument, _, _, _ in
            guard let argument else { return }
            Unmanaged<Tally>.fromOpaque(argument).takeUnretainedValue().eventsDone.wrappingAdd(1, ordering: .relaxed)
        }, Unmanaged.passUnretained(tally).toOpaque())
        if operation != 0 { tally.events.wrappingAdd(1, ordering: .relaxed) }
    }
}
