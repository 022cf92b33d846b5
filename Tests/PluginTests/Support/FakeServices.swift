// SPDX-License-Identifier: Apache-2.0
// The service tables that lead back to a FakeHost. They are the same for every host, and made once.
internal import CatenaABI

enum FakeServices {
    static func table(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case "log/1": UnsafeRawPointer(log)
        case "call/1": UnsafeRawPointer(call)
        case "message/1": UnsafeRawPointer(FakeMessageTable.pointer)
        case "connection/1": UnsafeRawPointer(connection)
        case "timer/1": UnsafeRawPointer(timer)
        case "client/1": UnsafeRawPointer(client)
        case "chain/1": UnsafeRawPointer(chain)
        default: nil
        }
    }

    private static func forever<T>(_ value: T) -> UnsafePointer<T> {
        let place = UnsafeMutablePointer<T>.allocate(capacity: 1)
        place.initialize(to: value)
        return UnsafePointer(place)
    }

    private nonisolated(unsafe) static let log: UnsafePointer<catena_log_api> = {
        var table = catena_log_api()
        table.struct_size = UInt32(MemoryLayout<catena_log_api>.size)
        table.enabled = { host, level in level <= FakeHost.at(host).level }
        table.set_level = { host, level in FakeHost.at(host).level = level }
        table.write = { host, level, _, text, fields, count in
            let pairs = UnsafeBufferPointer(start: fields, count: Int(count)).map { ($0.key.swift, $0.value.swift) }
            FakeHost.at(host).write(.init(level: level, text: text.swift, fields: Dictionary(pairs) { $1 }))
        }
        return forever(table)
    }()

    private nonisolated(unsafe) static let call: UnsafePointer<catena_call_api> = {
        var table = catena_call_api()
        table.struct_size = UInt32(MemoryLayout<catena_call_api>.size)
        table.now = { FakeHost.at($0).time }
        table.message = { host, call in FakeHost.at(host).pending[call]?.pointer }
        table.deadline_below = { host, call, span in FakeHost.at(host).limit(call, span) }
        table.from_unix = { host, time in FakeHost.at(host).time + UInt64(max(0, time)) }
        table.peer = { host, _ in FakeHost.at(host).lend(FakeHost.at(host).peer) }
        table.metadata = { host, _, key, index in
            let values = FakeHost.at(host).metadata[key.swift] ?? []
            guard Int(index) < values.count else { return catena_view(ptr: nil, len: 0) }
            let text = FakeHost.at(host).lend(values[Int(index)])
            return catena_view(ptr: UnsafeRawPointer(text.ptr!).assumingMemoryBound(to: UInt8.self), len: text.len)
        }
        return forever(table)
    }()

    private nonisolated(unsafe) static let connection: UnsafePointer<catena_connection_api> = {
        var table = catena_connection_api()
        table.struct_size = UInt32(MemoryLayout<catena_connection_api>.size)
        table.established = { host, connection in FakeHost.at(host).established.contains(connection) }
        table.last = { host, connection in FakeHost.at(host).last[connection]?.pointer }
        table.cancel = { host, operation in
            FakeHost.at(host).cancel(operation)
            return CATENA_OK
        }
        table.start = { host, connection, what, done, argument in FakeHost.at(host).start(connection, what!, done!, argument) }
        table.post = { host, connection, _, function, argument in
            FakeHost.at(host).post(.init(connection: connection, function: function!, argument: argument))
        }
        return forever(table)
    }()

    private nonisolated(unsafe) static let timer: UnsafePointer<catena_timer_api> = {
        var table = catena_timer_api()
        table.struct_size = UInt32(MemoryLayout<catena_timer_api>.size)
        table.at = { host, connection, leg, time, function, argument in
            FakeHost.at(host).setTimer(.init(connection: connection, leg: leg, time: time, function: function!, argument: argument))
        }
        table.cancel = { host, number in FakeHost.at(host).cancelTimer(number) }
        return forever(table)
    }()

    private nonisolated(unsafe) static let client: UnsafePointer<catena_client_api> = {
        var table = catena_client_api()
        table.struct_size = UInt32(MemoryLayout<catena_client_api>.size)
        table.acquire = { host, url, options, out in
            out!.pointee = FakeHost.at(host).acquire(url.swift, dialTimeout: options!.pointee.dial_timeout_ns)
            return CATENA_OK
        }
        table.release = { host, transport in
            FakeHost.at(host).release(transport)
            return CATENA_OK
        }
        table.state = { host, transport in
            FakeHost.at(host).retired.contains(transport) ? CATENA_TRANSPORT_RETIRED : CATENA_TRANSPORT_READY
        }
        return forever(table)
    }()

    private nonisolated(unsafe) static let chain: UnsafePointer<catena_chain_api> = {
        var table = catena_chain_api()
        table.struct_size = UInt32(MemoryLayout<catena_chain_api>.size)
        table.open = { host, _, _, transport in FakeHost.at(host).openLeg(transport) }
        table.call = { host, leg, what, done, argument in FakeHost.at(host).call(leg, what!, done!, argument) }
        table.drop = { host, leg, why in
            FakeHost.at(host).dropLeg(leg, why)
            return CATENA_OK
        }
        table.transport = { host, leg in FakeHost.at(host).legs[leg]?.transport ?? 0 }
        table.rebind = { host, leg, transport in
            FakeHost.at(host).rebind(leg, transport)
            return CATENA_OK
        }
        return forever(table)
    }()
}
