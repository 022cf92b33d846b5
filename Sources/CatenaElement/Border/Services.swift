// SPDX-License-Identifier: Apache-2.0
// What one instance holds of its host: the service tables, found once, and where its context values lie. It is made in
// create, freed in destroy and never changed in between, so that every thread may read it.
internal import CatenaABI

@usableFromInline
struct Services {
    let host: UnsafePointer<catena_host>
    let instance: String
    let declarations: [ValueDeclaration]
    let offsets: [Int]
    let log: UnsafePointer<catena_log_api>
    let call: UnsafePointer<catena_call_api>
    let message: UnsafePointer<catena_message_api>
    let connection: UnsafePointer<catena_connection_api>
    let timer: UnsafePointer<catena_timer_api>
    let client: UnsafePointer<catena_client_api>
    let chain: UnsafePointer<catena_chain_api>
    let watch: UnsafePointer<catena_watch_api>
    /// Of an anchor; nil: of any other element.
    let anchor: UnsafePointer<catena_anchor_api>?
    /// Of a type that asks for it; nil: of any other.
    let monitor: UnsafePointer<catena_monitor_api>?

    /// The services this kit calls. Every host of minor 0 offers them; a module names them, so that another host says so
    /// before anything is made.
    static let ids = ["log/1", "call/1", "message/1", "connection/1", "timer/1", "client/1", "chain/1", "watch/1"]

    /// What an anchor calls beside these.
    static let anchorID = "anchor/1"

    /// What this type calls beside those of every type.
    static func further(of descriptor: ElementDescriptor) -> [String] {
        (descriptor.traits.contains(.anchor) ? [anchorID] : []) + descriptor.services.ids
    }

    init(
        host: UnsafePointer<catena_host>, instance: String, descriptor: ElementDescriptor, offsets: UnsafePointer<UInt32>?
    ) throws(ConfigProblem) {
        let declarations = descriptor.values
        self.host = host
        self.instance = instance
        self.declarations = declarations
        self.offsets = declarations.indices.map { index in offsets.map { Int($0[index]) } ?? 0 }
        log = try Self.find("log/1", at: host)
        call = try Self.find("call/1", at: host)
        message = try Self.find("message/1", at: host)
        connection = try Self.find("connection/1", at: host)
        timer = try Self.find("timer/1", at: host)
        client = try Self.find("client/1", at: host)
        chain = try Self.find("chain/1", at: host)
        watch = try Self.find("watch/1", at: host)
        anchor = descriptor.traits.contains(.anchor) ? try Self.find(Self.anchorID, at: host) : nil
        monitor = descriptor.services.contains(.monitor) ? try Self.find(HostServices.monitorID, at: host) : nil
    }

    /// Every service table begins with its size; one that is shorter than the kit knows would be read past its end.
    private static func find<Table>(_ id: String, at host: UnsafePointer<catena_host>) throws(ConfigProblem) -> UnsafePointer<Table> {
        guard let found = host.pointee.service(host, id) else {
            throw ConfigProblem("the host offers no \"\(id)\"")
        }
        let size = found.load(as: UInt32.self)
        guard size >= MemoryLayout<Table>.size else {
            throw ConfigProblem("the host's \"\(id)\" has \(size) bytes, this module was built for \(MemoryLayout<Table>.size)")
        }
        return found.assumingMemoryBound(to: Table.self)
    }
}
