// SPDX-License-Identifier: Apache-2.0
// An async hook is a pending hook whose verdict a task owes. Exactly one answer comes, whatever the function does, and
// nothing of the task is left behind.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Synchronization
internal import Testing

private enum Odd: Error { case strange }

private struct Count: Slot { var value = 0 }

private final class Patient: ChainElement, AsyncRequestHook, AsyncCloseHook {
    typealias CallSlot = Holding
    typealias ConnectionSlot = Count
    static let descriptor = ElementDescriptor("patient", summary: "waits")
    init(config: NoConfig, host: Host) {}

    func request(_ call: borrowing AsyncCall<Patient>) async throws -> Resumption {
        let service = call.message.networkService
        switch service {
        case "error": throw ElementError(.notFound, "no such file")
        case "odd": throw Odd.strange
        case "sleep": try await Task.sleep(for: .seconds(600))
        case "yield": await Task.yield()
        case "slot":
            let value = try await call.home?.run { slot in
                slot.value += 1
                return slot.value
            }
            call.message.id = "slot-\(value ?? -1)"
        default: break
        }
        call.message[label: "seen"] = "\(service) \(call.isFirst)"
        return service == "done" ? .done : .next
    }

    func close(_ call: borrowing AsyncCall<Patient>) async throws(ElementError) -> Resumption {
        throw ElementError(.internal, "reason \(call.reason)")
    }
}

/// Forces a drop callback of its own.
private struct Holding: Slot { var text = "" }

private final class Both: ChainElement, RequestHook, AsyncRequestHook {
    static let descriptor = ElementDescriptor("both", summary: "two of one")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Both>) -> Verdict { .next }
    func request(_ call: borrowing AsyncCall<Both>) async throws -> Resumption { .next }
}

@Suite("Async hooks")
struct AsyncHookTests {
    /// Waits for what another thread says.
    private func answer(_ element: HookBench, _ count: Int = 1) async -> [HookAnswer] {
        while element.host.answers.count < count { await Task.yield() }
        return element.host.answers
    }

    private func call(_ element: HookBench, _ service: String, flags: HopFlags = [], connection: UInt64 = 0) -> HookCall {
        element.call(TestMessage(id: "id", service: service), connection: connection, flags: flags)
    }

    @Test(
        "the function's end is the verdict",
        arguments: [
            ("plain", HookAnswer.next), ("done", .done), ("yield", .next), ("error", .fail(.notFound, "no such file")),
            ("odd", .fail(.unknown, "strange")),
        ])
    func verdicts(service: String, verdict: HookAnswer) async throws {
        let element = try HookBench(Patient.self)
        let call = call(element, service, flags: .first)
        #expect(element.request(call) == .pending)
        #expect(await answer(element) == [verdict])
        if case .fail = verdict {} else { #expect(call.message[label: "seen"] == "\(service) true") }
        element.dropCall(call)
    }

    @Test("a function that does not wait has answered before the hook returns")
    func immediate() throws {
        let element = try HookBench(Patient.self)
        let call = call(element, "plain")
        #expect(element.request(call) == .pending && element.host.answers == [.next])
        element.dropCall(call)
    }

    @Test("a cancel is the task's cancellation, and still one answer comes")
    func cancel() async throws {
        let element = try HookBench(Patient.self)
        let call = call(element, "sleep")
        #expect(element.request(call) == .pending && element.host.answers.isEmpty)
        element.cancel(call)
        #expect(await answer(element) == [.fail(.cancelled, "nobody waits for the answer any more")])
        element.cancel(call)
        element.dropCall(call)
        #expect(element.host.answers.count == 1)
    }

    @Test("the connection's slot is reached on its loop, and not when the connection has ended")
    func slot() async throws {
        let element = try HookBench(Patient.self), memory = HookSlot()
        let first = call(element, "slot", connection: 3)
        #expect(element.request(first) == .pending)
        element.host.runPosts(memory)
        #expect(await answer(element) == [.next] && first.message.id == "slot-1")
        let second = call(element, "slot", connection: 3)
        #expect(element.request(second) == .pending)
        element.host.runPosts(nil)
        #expect(await answer(element, 2).last == .fail(.aborted, "the connection has ended"))
        element.host.ended = [3]
        #expect(element.request(call(element, "slot", connection: 3)) == .pending)
        #expect(await answer(element, 3).last == .fail(.aborted, "the connection has ended"))
    }

    @Test("a Close may wait too")
    func close() async throws {
        let element = try HookBench(Patient.self)
        let call = call(element, "x")
        call.reason = .expired
        #expect(element.close(call) == .pending)
        #expect(await answer(element) == [.fail(.internal, "reason expired")])
        element.dropCall(call)
    }

    @Test("the task lies behind the element's own call slot")
    func layout() throws {
        let type = try HookBench(Patient.self).type.pointee
        #expect(type.call_slot_size == 48 && type.call_dropped != nil && type.cancel != nil)
    }

    @Test("one hook in two forms makes the module refuse")
    func both() {
        var offer = catena_offer(struct_size: 16, minor_min: 0, minor_max: 0, reserved: 0)
        var why = [CChar](repeating: 1, count: 200)
        #expect(Module("m", version: "0", types: [Both.self]).answer(&offer, &why, why.count) == nil)
        #expect(text(why) == "m: \"both\" has a sync and an async request hook: choose one")
    }
}
