// SPDX-License-Identifier: Apache-2.0
// The host's functions that lead back to a RecordingHost: its own table, and those of the services, which are the same for
// every host and made once.
internal import CatenaABI
internal import CatenaElement

enum HostTables {
    static func makeHost() -> UnsafePointer<catena_host> {
        let host = UnsafeMutablePointer<catena_host>.allocate(capacity: 1)
        host.initialize(to: catena_host())
        host.pointee.struct_size = UInt32(MemoryLayout<catena_host>.size)
        host.pointee.abi_minor = UInt32(CATENA_ABI_MINOR)
        host.pointee.service = { host, id in
            guard let own = HostTables.at(host), let id else { return nil }
            let name = String(cString: id)
            return own.missing.contains(name) ? nil : HostTables.service(name)
        }
        host.pointee.resume = { host, call, verdict, error in
            HostTables.at(host)?.resume(call, HookAnswer(verdict, error.map { ElementError(copying: $0) })) ?? CATENA_MISUSE
        }
        host.pointee.set_error = { host, call, error in
            if let error { HostTables.at(host)?.setError(call, ElementError(copying: error)) }
        }
        host.pointee.alloc = { _, _, _ in nil }
        return UnsafePointer(host)
    }

    static func bind(_ host: UnsafePointer<catena_host>, to own: RecordingHost) {
        UnsafeMutablePointer(mutating: host).pointee.ctx = Unmanaged.passUnretained(own).toOpaque()
    }

    static func free(_ host: UnsafePointer<catena_host>) { UnsafeMutablePointer(mutating: host).deallocate() }

    /// Whoever is behind a table; an element has it only while its host is there.
    static func at(_ host: UnsafePointer<catena_host>?) -> RecordingHost? {
        (host?.pointee.ctx).map { Unmanaged<RecordingHost>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func service(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case "log/1": UnsafeRawPointer(log)
        case "call/1": UnsafeRawPointer(call)
        case "message/1": UnsafeRawPointer(MessageLedger.elementTable)
        case "connection/1": UnsafeRawPointer(connection)
        case "timer/1": UnsafeRawPointer(timer)
        case "client/1": UnsafeRawPointer(client)
        case "chain/1": UnsafeRawPointer(chain)
        case "anchor/1": UnsafeRawPointer(anchor)
        case "watch/1": UnsafeRawPointer(watch)
        case "monitor/1": UnsafeRawPointer(monitor)
        default: nil
        }
    }

    // Immutable from their making on, and never freed: elements keep pointers to them.
    nonisolated(unsafe) private static let log = forever(makeLog())
    nonisolated(unsafe) private static let call = forever(makeCall())
    nonisolated(unsafe) private static let connection = forever(makeConnection())
    nonisolated(unsafe) private static let timer = forever(makeTimer())
    nonisolated(unsafe) private static let client = forever(makeClient())
    nonisolated(unsafe) private static let chain = forever(makeChain())
    nonisolated(unsafe) private static let anchor = forever(RecordingHost.makeAnchor())
    nonisolated(unsafe) private static let watch = forever(RecordingHost.makeWatch())
    nonisolated(unsafe) private static let monitor = forever(RecordingHost.makeMonitor())

    private static func forever<Table>(_ table: Table) -> UnsafePointer<Table> {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }

    private static func makeLog() -> catena_log_api {
        var table = catena_log_api()
        table.struct_size = UInt32(MemoryLayout<catena_log_api>.size)
        table.enabled = { host, level in level <= HostTables.at(host)?.level.rawValue ?? 0 }
        table.set_level = { host, level in if let level = LogLevel(rawValue: level) { HostTables.at(host)?.level = level } }
        table.write = { host, level, _, text, fields, count in
            let pairs = UnsafeBufferPointer(start: fields, count: Int(count)).map { ($0.key.text, $0.value.text) }
            HostTables.at(host)?.lines.append(
                LogLine(level: LogLevel(rawValue: level) ?? .trace, origin: "", text: text.text, fields: Dictionary(pairs) { $1 }))
        }
        return table
    }

    private static func makeCall() -> catena_call_api {
        var table = catena_call_api()
        table.struct_size = UInt32(MemoryLayout<catena_call_api>.size)
        table.now = { HostTables.at($0)?.now ?? 0 }
        table.from_unix = { host, time in (HostTables.at(host)?.now ?? 0) &+ UInt64(max(0, time)) }
        table.message = { host, call in HostTables.at(host)?.message(of: call) }
        table.deadline_below = { host, call, span in
            if span == 0 { return CATENA_MISUSE }
            HostTables.at(host)?.limits[call] = .nanoseconds(Int64(clamping: span))
            return CATENA_OK
        }
        table.peer = { host, _ in HostTables.at(host).map { $0.texts.keep($0.peer) } ?? catena_str() }
        table.metadata = { host, _, key, index in
            guard let own = HostTables.at(host), let values = own.metadata[key.text], Int(index) < values.count else { return .absent }
            let text = own.texts.keep(values[Int(index)])
            return catena_view(ptr: UnsafeRawPointer(text.ptr).assumingMemoryBound(to: UInt8.self), len: text.len)
        }
        return table
    }

    private static func makeConnection() -> catena_connection_api {
        var table = catena_connection_api()
        table.struct_size = UInt32(MemoryLayout<catena_connection_api>.size)
        table.established = { host, connection in HostTables.at(host)?.established.contains(connection) ?? false }
        table.last = { host, connection in
            guard let own = HostTables.at(host) else { return nil }
            return own.last[connection].map(own.lend)
        }
        table.cancel = { host, operation in
            HostTables.at(host)?.cancelled.append(operation)
            return CATENA_OK
        }
        table.start = { host, connection, what, done, argument in
            guard let own = HostTables.at(host), let what = what?.pointee, let done else { return 0 }
            let message = what.message.map { HostTables.take($0) }
            if own.ended.contains(connection) { return 0 }
            let operation = own.next()
            own.events.append(
                RecordingHost.Event(
                    connection: connection, verb: what.verb == CATENA_VERB_REQUEST ? .request : .close,
                    isFromNext: what.from == CATENA_FROM_MY_NEXT, reason: Reason(rawValue: what.reason), deadline: what.deadline_ns,
                    message: message, operation: operation, done: CallEnd(function: done, argument: argument)))
            return operation
        }
        table.id = { host, connection, writer in
            guard let own = HostTables.at(host), let writer, let id = own.last[connection]?.id else { return CATENA_GONE }
            catena_view.with(Array(id.utf8)) { writer.pointee.put(writer.pointee.ctx, $0) }
            return CATENA_OK
        }
        table.post = { host, connection, _, function, argument in
            guard let own = HostTables.at(host), let function, !own.ended.contains(connection) else { return CATENA_GONE }
            own.posts.append(.init(connection: connection, work: SlotCallback(function: function, argument: argument)))
            return CATENA_OK
        }
        return table
    }

    private static func makeTimer() -> catena_timer_api {
        var table = catena_timer_api()
        table.struct_size = UInt32(MemoryLayout<catena_timer_api>.size)
        table.at = { host, connection, leg, time, function, argument in
            guard let own = HostTables.at(host), let function, !own.ended.contains(connection) else { return 0 }
            let number = own.next()
            own.timers[number] = .init(
                connection: connection, leg: leg, time: time, work: SlotCallback(function: function, argument: argument))
            return number
        }
        table.cancel = { host, number in HostTables.at(host)?.timers.removeValue(forKey: number) != nil }
        return table
    }

    private static func makeClient() -> catena_client_api {
        var table = catena_client_api()
        table.struct_size = UInt32(MemoryLayout<catena_client_api>.size)
        table.acquire = { host, url, options, out in
            guard let own = HostTables.at(host), let out else { return CATENA_MISUSE }
            guard (try? ClientURL(url.text)) != nil else { return CATENA_INVALID_ARGUMENT }
            out.pointee = own.next()
            own.transports[out.pointee] = url.text
            own.dialed.append(DialOptions(reading: options))
            return CATENA_OK
        }
        table.release = { host, transport in
            HostTables.at(host)?.transports.removeValue(forKey: transport) == nil ? CATENA_GONE : CATENA_OK
        }
        table.state = { host, transport in
            HostTables.at(host)?.retired.contains(transport) ?? false ? CATENA_TRANSPORT_RETIRED : CATENA_TRANSPORT_READY
        }
        table.retire = { host, transport in
            HostTables.at(host)?.retired.insert(transport)
            return CATENA_OK
        }
        return table
    }

    private static func makeChain() -> catena_chain_api {
        var table = catena_chain_api()
        table.struct_size = UInt32(MemoryLayout<catena_chain_api>.size)
        table.open = { host, _, _, transport in
            guard let own = HostTables.at(host) else { return 0 }
            let leg = own.next()
            own.legs[leg] = .init(url: own.transports[transport] ?? "", transport: transport)
            return leg
        }
        table.call = { host, leg, what, done, argument in
            guard let own = HostTables.at(host), let what = what?.pointee, let done, let pointer = what.message else { return 0 }
            let message = HostTables.take(pointer)
            if own.refusesCalls { return 0 }
            let operation = own.next()
            own.calls.append(
                RecordingHost.ClientCall(
                    leg: leg, verb: what.verb == CATENA_VERB_REQUEST ? .request : .close, reason: Reason(rawValue: what.reason),
                    parent: what.parent, message: message, operation: operation, done: CallEnd(function: done, argument: argument)))
            return operation
        }
        table.drop = { host, leg, why in
            guard let own = HostTables.at(host), let transport = own.legs[leg]?.transport, own.legs[leg]?.dropped == nil else {
                return CATENA_GONE
            }
            own.transports[transport] = nil
            own.legs[leg]?.dropped = Reason(rawValue: why)
            return CATENA_OK
        }
        table.transport = { host, leg in HostTables.at(host)?.legs[leg]?.transport ?? 0 }
        table.rebind = { host, leg, transport in
            guard let own = HostTables.at(host), let old = own.legs[leg]?.transport else { return CATENA_GONE }
            own.transports[old] = nil
            own.legs[leg]?.transport = transport
            return CATENA_OK
        }
        return table
    }

    /// A message that is taken over: looked at, and given back at once.
    private static func take(_ pointer: OpaquePointer) -> TestMessage {
        let message = TestMessage(at: pointer)
        MessageLedger.table.pointee.release(pointer)
        return message
    }
}
