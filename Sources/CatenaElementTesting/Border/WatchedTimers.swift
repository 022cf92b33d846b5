// SPDX-License-Identifier: Apache-2.0
// "timer/1" with a list beside it: which timers of the element under test are armed. A timer leaves the list when it fires,
// is cancelled, or its connection has ended, which the engine tells whoever asks.
internal import CatenaABI
internal import Synchronization

final class WatchedTimers: Sendable {
    typealias Function = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void

    /// A timer on its way through the engine. One whose connection has ended stays in the list, as nobody tells it so.
    ///
    /// Unchecked: the number is written before another thread can know of the timer, and all else never changes.
    final class Armed: @unchecked Sendable {
        let timers: WatchedTimers
        let connection: UInt64, leg: UInt64, time: UInt64
        let host: UnsafePointer<catena_host>
        let function: Function
        let argument: UnsafeMutableRawPointer?
        var number: UInt64 = 0

        init(
            _ timers: WatchedTimers, _ connection: UInt64, _ leg: UInt64, _ time: UInt64, _ host: UnsafePointer<catena_host>,
            _ function: @escaping Function, _ argument: UnsafeMutableRawPointer?
        ) {
            self.timers = timers
            (self.connection, self.leg, self.time) = (connection, leg, time)
            self.host = host
            self.function = function
            self.argument = argument
        }
    }

    private let armed = Mutex<[Armed]>([])

    /// When those that are armed are due, soonest first.
    var times: [UInt64] {
        armed.withLock { $0 }.filter(Self.isAlive).map(\.time).sorted()
    }

    /// A post that does nothing tells whether its connection is there.
    private static func isAlive(_ timer: Armed) -> Bool {
        guard let service = timer.host.pointee.service(timer.host, "connection/1") else { return false }
        let connections = service.assumingMemoryBound(to: catena_connection_api.self)
        return connections.pointee.post(timer.host, timer.connection, timer.leg, { _, _ in }, nil) == CATENA_OK
    }

    private func leave(_ number: UInt64) { armed.withLock { $0.removeAll { $0.number == number } } }

    /// The table for all elements under test. Made once, never changed, never freed.
    nonisolated(unsafe) static let table: UnsafePointer<catena_timer_api> = {
        var table = catena_timer_api()
        table.struct_size = UInt32(MemoryLayout<catena_timer_api>.size)
        table.at = { host, connection, leg, time, function, argument in
            guard let watched = WatchedHost.at(host), let function, let real = WatchedTimers.real(watched) else { return 0 }
            let timers = watched.type.takeUnretainedValue().timers
            let timer = Armed(timers, connection, leg, time, watched.real, function, argument)
            let number = real.pointee.at(watched.real, connection, leg, time, WatchedTimers.fire, Unmanaged.passUnretained(timer).toOpaque())
            guard number != 0 else { return 0 }
            timer.number = number
            timers.armed.withLock { $0.append(timer) }
            return number
        }
        table.cancel = { host, number in
            guard let watched = WatchedHost.at(host), let real = WatchedTimers.real(watched) else { return false }
            guard real.pointee.cancel(watched.real, number) else { return false }
            watched.type.takeUnretainedValue().timers.leave(number)
            return true
        }
        let memory = UnsafeMutablePointer<catena_timer_api>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }()

    private static func real(_ watched: WatchedHost) -> UnsafePointer<catena_timer_api>? {
        watched.real.pointee.service(watched.real, "timer/1").map { $0.assumingMemoryBound(to: catena_timer_api.self) }
    }

    private static let fire: Function = { argument, slot in
        guard let argument else { return }
        let timer = Unmanaged<Armed>.fromOpaque(argument).takeUnretainedValue()
        timer.timers.leave(timer.number)
        timer.function(timer.argument, slot)
    }
}
