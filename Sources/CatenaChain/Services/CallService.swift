// SPDX-License-Identifier: Apache-2.0
// "call/1": what a hook may ask about the call it is in, and the two clocks.

internal import CatenaABI
internal import Glibc

enum CallService {
    static let table = catena_call_api(
        struct_size: UInt32(MemoryLayout<catena_call_api>.size), reserved: 0,
        deadline_below: { host, ticket, duration in
            guard let (instance, call) = held(host, ticket) else { return CATENA_GONE }
            guard call.isOnWayIn, duration > 0 else { return CATENA_MISUSE }
            call.limitBelow(instance, duration: duration)
            return CATENA_OK
        },
        message: { host, ticket in
            Instance.with(host) { instance in
                instance.withEngine { $0.calls.with(ticket) { $0.holds(ticket, instance) ? $0.cell.pointee.hop.message : nil } }
            }
        },
        metadata: { host, ticket, key, index in
            guard let caller = held(host, ticket)?.1.caller, let bytes = caller.metadata(String(key), Int(index)) else {
                return catena_view(ptr: nil, len: 0)
            }
            return catena_view(ptr: bytes.baseAddress, len: bytes.count)
        },
        peer: { host, ticket in
            guard let call = held(host, ticket)?.1, let caller = call.caller else { return catena_str(ptr: nil, len: 0) }
            return call.arena.text(caller.peer)
        },
        now: { host in
            Instance.of(host)?.engine.homes[0].loop.now() ?? 0
        },
        from_unix: { host, time in
            guard let loop = Instance.of(host)?.engine.homes[0].loop else { return 0 }
            var wall = timespec()
            clock_gettime(CLOCK_REALTIME, &wall)
            let unix = Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec)
            let ahead = time.subtractingReportingOverflow(unix)
            if ahead.overflow { return time < unix ? 0 : .max }
            let now = loop.now()
            if ahead.partialValue >= 0 { return now.addingReportingOverflow(UInt64(ahead.partialValue)).partialValue }
            let behind = ahead.partialValue.magnitude
            return behind >= now ? 0 : now - behind
        })

    private static func held(_ host: UnsafePointer<catena_host>?, _ ticket: UInt64) -> (Instance, Call)? {
        guard let instance = Instance.of(host), let call = instance.engine.calls.find(ticket), call.holds(ticket, instance) else { return nil }
        return (instance, call)
    }
}

extension CallArena {
    /// A text that lives as long as the call.
    fileprivate mutating func text(_ text: String) -> catena_str {
        let count = text.utf8.count
        guard count > 0, let memory = allocate(count) else { return catena_str(ptr: nil, len: 0) }
        _ = UnsafeMutableRawBufferPointer(start: memory, count: count).initializeMemory(as: UInt8.self, from: text.utf8)
        return catena_str(ptr: UnsafePointer(memory.assumingMemoryBound(to: CChar.self)), len: count)
    }
}
