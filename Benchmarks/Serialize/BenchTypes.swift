// SPDX-License-Identifier: Apache-2.0
// The elements around serialize, made here and reached through C tables like any module's: an anchor that does nothing, which is the
// empty hop in its place, and an end of the chain that answers at once or later.

import BenchmarkSupport
import CatenaABI
import CatenaChain

enum BenchTypes {
    /// Hooks that wait for the driver. One loop drives a chain, and hooks run on the connection's home: one thread.
    nonisolated(unsafe) private static var waiting = FirstComeFirstServed<(host: UnsafePointer<catena_host>, call: catena_call)>()

    /// Answers the hook that waits longest.
    /// - Returns: false: none does.
    static func resumeOne() -> Bool {
        guard let (host, call) = waiting.popFirst() else { return false }
        _ = host.pointee.resume(host, call, CATENA_NEXT, nil)
        return true
    }

    static let anchor = type("empty-anchor") { type in
        type.flags = CATENA_TYPE_ANCHOR
        type.request = { _, _ in CATENA_NEXT }
        type.request_reply = { _, _, _ in CATENA_NEXT }
        type.close = { _, _ in CATENA_NEXT }
        type.close_reply = { _, _, _ in CATENA_NEXT }
    }

    /// The least that an anchor of turns can be: a line of tickets, and nothing else. Of one connection.
    static let line = type("line") { type in
        type.flags = CATENA_TYPE_ANCHOR
        type.create = { _, host, _, _, _, me, _ in
            me?.pointee = UnsafeMutableRawPointer(Unmanaged.passRetained(Line(host)).toOpaque())
            return CATENA_OK
        }
        type.request = { me, hop in
            guard let me, let hop else { return CATENA_NEXT }
            return Unmanaged<Line>.fromOpaque(me)._withUnsafeGuaranteedRef { line in
                guard line.isBusy else {
                    line.isBusy = true
                    return CATENA_NEXT
                }
                line.tickets.append(hop.pointee.call)
                return CATENA_PENDING
            }
        }
        type.request_reply = { me, _, _ in
            guard let me else { return CATENA_NEXT }
            return Unmanaged<Line>.fromOpaque(me)._withUnsafeGuaranteedRef { line in
                guard let next = line.tickets.popFirst(), let host = line.host else {
                    line.isBusy = false
                    return CATENA_NEXT
                }
                _ = host.pointee.resume(host, next, CATENA_NEXT, nil)
                return CATENA_NEXT
            }
        }
    }

    private final class Line {
        let host: UnsafePointer<catena_host>?
        var tickets = FirstComeFirstServed<catena_call>()
        var isBusy = false

        init(_ host: UnsafePointer<catena_host>?) { self.host = host }
    }

    static let pass = type("pass") { type in
        type.request = { _, _ in CATENA_NEXT }
        type.request_reply = { _, _, _ in CATENA_NEXT }
    }

    static let later = type("later") { type in
        type.create = { _, host, _, _, _, me, _ in
            me?.pointee = UnsafeMutableRawPointer(mutating: host)
            return CATENA_OK
        }
        type.request = { me, hop in
            guard let me, let hop else { return CATENA_NEXT }
            waiting.append((UnsafePointer(me.assumingMemoryBound(to: catena_host.self)), hop.pointee.call))
            return CATENA_PENDING
        }
    }

    /// Types are static data, as a module's are.
    nonisolated(unsafe) private static var offered: UnsafePointer<catena_module>?

    private static func type(_ id: StaticString, _ fill: (inout catena_type) -> Void) -> ElementType {
        var type = catena_type()
        type.struct_size = UInt32(MemoryLayout<catena_type>.size)
        type.id = catena_str(ptr: UnsafeRawPointer(id.utf8Start).assumingMemoryBound(to: CChar.self), len: id.utf8CodeUnitCount)
        fill(&type)
        let place = forever(type), list = forever(UnsafePointer(place) as UnsafePointer<catena_type>?)
        var module = catena_module()
        module.struct_size = UInt32(MemoryLayout<catena_module>.size)
        module.abi_minor = UInt32(CATENA_ABI_MINOR)
        module.n_types = 1
        module.types = UnsafePointer(list)
        offered = UnsafePointer(forever(module))
        do throws(ModuleError) {
            guard let found = try Module(entry: { _, _, _ in BenchTypes.offered }, path: "bench").types.first else { fail("no type") }
            return found
        } catch {
            fail("\(error)")
        }
    }

    private static func forever<T>(_ value: T) -> UnsafeMutablePointer<T> {
        let place = UnsafeMutablePointer<T>.allocate(capacity: 1)
        place.initialize(to: value)
        return place
    }
}

/// The least that a line can be.
private struct FirstComeFirstServed<Element> {
    private var elements: [Element] = []
    /// Those before this one have been served.
    private var next = 0

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard next < elements.count else { return nil }
        let element = elements[next]
        next += 1
        if next == elements.count {
            elements.removeAll(keepingCapacity: true)
            next = 0
        } else if next == 4096 {
            elements.removeFirst(next)
            next = 0
        }
        return element
    }
}
