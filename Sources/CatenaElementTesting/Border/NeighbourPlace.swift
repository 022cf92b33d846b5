// SPDX-License-Identifier: Apache-2.0
// One instance of a neighbour: looks at a hop, records it, and does what the script says, with the host's own functions.
internal import CatenaABI
internal import CatenaElement

/// A neighbour in a chain.
///
/// Unchecked: it is written in init, and its host's table may be used from any thread.
final class NeighbourPlace: @unchecked Sendable {
    private let neighbour: Neighbour
    private let record: BenchRecord
    private let loop: ManualLoop
    private let host: UnsafePointer<catena_host>
    private let calls: UnsafePointer<catena_call_api>
    private let path: String
    private let offsets: [Int]

    /// nil: the host lacks a service.
    init?(_ type: NeighbourType, host: UnsafePointer<catena_host>, path: String, offsets: UnsafePointer<UInt32>?) {
        guard let calls = host.pointee.service(host, "call/1") else { return nil }
        neighbour = type.neighbour
        record = type.record
        loop = type.loop
        self.host = host
        self.calls = calls.assumingMemoryBound(to: catena_call_api.self)
        self.path = path
        self.offsets = neighbour.values.indices.map { Int(offsets?[$0] ?? 0) }
    }

    static func run(
        _ hook: HookName, _ me: UnsafeMutableRawPointer?, _ hop: UnsafePointer<catena_hop>?, _ below: UnsafePointer<catena_error>?
    ) -> catena_verdict {
        guard let me, let hop else { return CATENA_NEXT }
        return Unmanaged<NeighbourPlace>.fromOpaque(me).takeUnretainedValue().run(hook, hop.pointee, below)
    }

    private func run(_ hook: HookName, _ hop: catena_hop, _ below: UnsafePointer<catena_error>?) -> catena_verdict {
        write(hook, hop)
        let number = record.add(Sight(neighbour.name, path, hook, hop, below: below, values: read(hop)))
        guard hook != .cancel else {
            if let held = neighbour.withdraw(hop.call) { held.place.resume(held.ticket, .fail(.cancelled, "nobody waits for \(path)")) }
            return CATENA_NEXT
        }
        let verdict = perform(neighbour.act(hook), hop)
        record.answered(number, verdict.answer)
        return verdict.number
    }

    private typealias Said = (number: catena_verdict, answer: HookAnswer)

    private func perform(_ act: Neighbour.Act, _ hop: catena_hop) -> Said {
        let ticket = hop.call
        switch act {
        case .next: return (CATENA_NEXT, .next)
        case .done: return (CATENA_DONE, .done)
        case .again: return (CATENA_AGAIN, .again)
        case .fail(let error):
            error.lend { host.pointee.set_error(host, ticket, $0) }
            return (CATENA_FAIL, .fail(error))
        case .edit(let body, let then):
            change(hop.message, body)
            return perform(then, hop)
        case .hold:
            neighbour.hold(Neighbour.Held(ticket: ticket, place: self))
        case .after(let span, let then):
            neighbour.hold(Neighbour.Held(ticket: ticket, place: self))
            loop.wake(at: loop.now() &+ span.wholeNanoseconds) { [self] in
                if neighbour.withdraw(ticket) != nil { resume(ticket, then) }
            }
        case .resumeInside(let then):
            resume(ticket, then)
        }
        return (CATENA_PENDING, .pending)
    }

    /// Answers a pending hook. What cannot be said by a resume, as another wait, counts as NEXT.
    @discardableResult
    func resume(_ ticket: UInt64, _ act: Neighbour.Act) -> Bool {
        var verdict = CATENA_NEXT, error: ElementError?
        switch act {
        case .done: verdict = CATENA_DONE
        case .again: verdict = CATENA_AGAIN
        case .fail(let given): (verdict, error) = (CATENA_FAIL, given)
        case .edit(let body, let then):
            var message: OpaquePointer?
            // The message is the connection's, and so is its loop.
            loop.enter { message = calls.pointee.message(host, ticket) }
            guard let message else { return false }
            change(message, body)
            return resume(ticket, then)
        case .next, .hold, .after, .resumeInside: break
        }
        let status = ElementError.lend(error) { host.pointee.resume(host, ticket, verdict, $0) }
        if status == CATENA_OK { record.resumed(ticket, HookAnswer(verdict, error)) }
        return status == CATENA_OK
    }

    private func change(_ pointer: OpaquePointer, _ body: (inout TestMessage) -> Void) {
        var message = TestMessage(at: pointer)
        body(&message)
        message.put(at: pointer)
    }

    private func write(_ hook: HookName, _ hop: catena_hop) {
        let isOut = hook == .requestReply || hook == .closeReply
        for (value, offset) in zip(neighbour.values, offsets) where value.bytes != nil && value.goesUp == isOut && hook != .cancel {
            guard let bytes = neighbour.provided(value.key), bytes.count == value.size else { continue }
            (hop.values + offset).copyMemory(from: bytes, byteCount: value.size)
        }
    }

    private func read(_ hop: catena_hop) -> [String: [UInt8]] {
        let pairs = zip(neighbour.values, offsets).map { value, offset in
            (value.key, Array(UnsafeRawBufferPointer(start: hop.values + offset, count: value.size)))
        }
        return Dictionary(pairs) { $1 }
    }
}

extension Duration {
    /// Nothing below zero, and no more than the clock can count.
    var wholeNanoseconds: UInt64 {
        let parts = components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        let (seconds, overflow) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : seconds &+ UInt64(parts.attoseconds / 1_000_000_000)
    }
}
