// SPDX-License-Identifier: Apache-2.0
// What lives in a slot is made once and destroyed once, whatever its type. Counted with objects that know how many of them
// are alive.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Synchronization
internal import Testing

private final class Counted: Sendable {
    let alive: Probe
    init(_ alive: Probe) {
        self.alive = alive
        alive.count.add(1, ordering: .relaxed)
    }
    deinit { alive.count.subtract(1, ordering: .relaxed) }
}

private final class Probe: Sendable {
    let count = Atomic(0)
    let reason = Atomic(UInt32.max)
    var alive: Int { count.load(ordering: .relaxed) }
}

private struct Text: Slot {
    var kept: Counted?
    var touches = 0
}

private final class Record: Slot {
    var kept: Counted?
}

private final class Keeping: ChainElement, RequestHook, CloseHook, ConnectionDropHook {
    typealias CallSlot = Text
    typealias ConnectionSlot = Record
    static let descriptor = ElementDescriptor("keeping", summary: "keeps objects in both slots")
    let probe = Probe()
    let held: Counted
    nonisolated(unsafe) static var latest: Probe?

    init(config: NoConfig, host: Host) {
        held = Counted(probe)
        host.log.write(.info, "made", [LogField("instance", host.instance)])
        Keeping.latest = probe
    }

    func request(_ hop: borrowing Hop<Keeping>) -> Verdict {
        if hop.callSlot.kept == nil { hop.callSlot.kept = Counted(probe) }
        hop.callSlot.touches += 1
        if hop.connectionSlot.kept == nil { hop.connectionSlot.kept = Counted(probe) }
        return hop.callSlot.touches == 2 ? .done : .next
    }

    func close(_ hop: borrowing Hop<Keeping>) -> Verdict { .next }

    func connectionDropped(_ slot: consuming Record, of connection: Connection, why: Reason) {
        probe.reason.store(why.rawValue, ordering: .relaxed)
    }
}

private struct Plain: Slot { var number: UInt64 = 5 }

private final class Trivial: ChainElement, RequestHook {
    typealias CallSlot = Plain
    static let descriptor = ElementDescriptor("trivial", summary: "plain bytes in a slot")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Trivial>) -> Verdict {
        hop.callSlot.number += 1
        return hop.callSlot.number == 7 ? .done : .next
    }
}

private struct Huge: Slot {
    var bytes = InlineArray<70000, UInt8>(repeating: 0)
}

private final class Absurd: ChainElement {
    typealias ConnectionSlot = Huge
    static let descriptor = ElementDescriptor("absurd", summary: "a slot of absurd size")
    init(config: NoConfig, host: Host) {}
}

@Suite("Slots", .serialized)
struct SlotTests {
    @Test("a value is made on first touch, kept between hooks, and destroyed with its owner")
    func lifetimes() throws {
        var element: HookBench? = try HookBench(Keeping.self)
        let probe = try #require(Keeping.latest)
        let connection = HookSlot()
        let call = try #require(element?.call(connection: 3, slot: connection))
        #expect(probe.alive == 1)
        #expect(element?.request(call) == .next)
        #expect(element?.request(call) == .done)
        #expect(probe.alive == 3)
        element?.dropCall(call)
        #expect(probe.alive == 2)
        element?.dropConnection(3, connection, why: .expired)
        #expect(probe.alive == 1 && probe.reason.load(ordering: .relaxed) == CATENA_EXPIRED)
        element = nil
        #expect(probe.alive == 0)
    }

    @Test("a slot that was never touched is not dropped, and the hook is not told")
    func untouched() throws {
        let element = try HookBench(Keeping.self)
        let probe = try #require(Keeping.latest)
        let call = element.call(TestMessage(), connection: 3, slot: HookSlot())
        #expect(element.close(call) == .next)
        element.dropCall(call)
        element.dropConnection(3, HookSlot(), why: .caller)
        #expect(probe.alive == 1 && probe.reason.load(ordering: .relaxed) == .max)
    }

    @Test("where there is no connection slot, a fresh value is lent and forgotten")
    func none() throws {
        let element = try HookBench(Keeping.self)
        let probe = try #require(Keeping.latest)
        let call = element.call(TestMessage())
        #expect(element.request(call) == .next)
        #expect(probe.alive == 2)
        element.dropCall(call)
    }

    @Test("plain bytes need no drop callback, and sizes are multiples of 16")
    func trivial() throws {
        let element = try HookBench(Trivial.self)
        #expect(element.type.pointee.call_dropped == nil && element.type.pointee.call_slot_size == 16)
        let call = element.call(TestMessage())
        #expect([element.request(call), element.request(call)] == [.next, .done])
    }

    @Test("a slot of absurd size makes the module refuse, and say which")
    func absurd() {
        var offer = catena_offer(struct_size: 16, minor_min: 0, minor_max: 0, reserved: 0)
        var why = [CChar](repeating: 1, count: 200)
        #expect(Module("m", version: "0", types: [Absurd.self]).answer(&offer, &why, why.count) == nil)
        #expect(text(why) == "m: the connection slot of \"absurd\" has 70016 bytes, at most 65536 are allowed: keep a class in it")
    }
}
