// SPDX-License-Identifier: Apache-2.0
// "watch/1" of a host that runs nothing: the test says what the next hop says.
internal import CatenaABI
public import CatenaElement

extension RecordingHost {
    /// A watch of the next hop.
    public struct Watch {
        /// What it is about.
        public enum Subject: Equatable {
            /// A connection, by this host's name and the id in its path.
            case connection(name: String, id: String)
            /// The health of a service.
            case health(service: String)
        }

        /// Whose.
        public let connection: UInt64
        /// In a client chain, over which leg; else 0.
        public let leg: UInt64
        /// What it is about.
        public let subject: Subject
        fileprivate let function: catena_watch_fn
        fileprivate let argument: UnsafeMutableRawPointer?
    }

    /// The next hop says something, or the way to it was lost: the watch that was begun first hears it.
    /// - Parameters:
    ///   - slot: of the connection.
    ///   - message: the connection as the next hop reports it.
    ///   - error: how the way was lost.
    public func see(_ sight: NextHopSight, _ slot: HookSlot?, message: TestMessage? = nil, error: ElementError? = nil) {
        guard let first = watches.keys.min(), let watch = watches[first] else { return }
        let pointer = message.map { ledger.make($0) }
        let tell = { watch.function(watch.argument, slot?.memory, sight.rawValue, pointer, $0) }
        if let error { error.lend { tell($0) } } else { tell(nil) }
        if let pointer { MessageLedger.table.pointee.release(pointer) }
    }

    static func makeWatch() -> catena_watch_api {
        var table = catena_watch_api()
        table.struct_size = UInt32(MemoryLayout<catena_watch_api>.size)
        table.connection = { host, connection, leg, mine, function, argument in
            guard let mine = mine?.pointee, let function else { return 0 }
            let subject = Watch.Subject.connection(name: mine.name.text, id: mine.id.text)
            return RecordingHost.begin(host, Watch(connection: connection, leg: leg, subject: subject, function: function, argument: argument))
        }
        table.health = { host, connection, leg, service, function, argument in
            guard let function else { return 0 }
            let subject = Watch.Subject.health(service: service.text)
            return RecordingHost.begin(host, Watch(connection: connection, leg: leg, subject: subject, function: function, argument: argument))
        }
        table.stop = { host, number in HostTables.at(host)?.watches.removeValue(forKey: number) != nil }
        return table
    }

    private static func begin(_ host: UnsafePointer<catena_host>?, _ watch: Watch) -> UInt64 {
        guard let own = HostTables.at(host), !own.ended.contains(watch.connection) else { return 0 }
        let number = own.next()
        own.watches[number] = watch
        return number
    }
}
