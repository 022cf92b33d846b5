// SPDX-License-Identifier: Apache-2.0
// What an element publishes to a host that runs nothing, as values.
internal import CatenaABI
public import CatenaElement

extension RecordingHost {
    /// Something that was published.
    public struct Publication: Equatable, Sendable {
        /// What has happened.
        public let event: MonitorService.Event
        /// To which connection.
        public let connection: UInt64
        /// As it was published.
        public let message: TestMessage

        /// What a test expects.
        public init(_ event: MonitorService.Event, _ message: TestMessage, of connection: UInt64) {
            self.event = event
            self.connection = connection
            self.message = message
        }
    }

    static func makeMonitor() -> catena_monitor_api {
        var table = catena_monitor_api()
        table.struct_size = UInt32(MemoryLayout<catena_monitor_api>.size)
        table.serve = { host, queue in
            guard let own = HostTables.at(host) else { return CATENA_MISUSE }
            guard !own.refusesMonitor, own.monitorQueue == nil else { return CATENA_FAILED_PRECONDITION }
            own.monitorQueue = Int(queue)
            return CATENA_OK
        }
        table.publish = { host, connection, event, message in
            guard let own = HostTables.at(host), let message, let event = MonitorService.Event(rawValue: event) else { return CATENA_MISUSE }
            guard !own.ended.contains(connection) else { return CATENA_GONE }
            own.published.append(Publication(event, TestMessage(at: message), of: connection))
            return CATENA_OK
        }
        return table
    }
}
