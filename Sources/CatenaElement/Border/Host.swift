// SPDX-License-Identifier: Apache-2.0
// The host as one instance sees it. A plain pair of words that may be kept and copied: the tables behind it are made
// before the element and freed after it.
public import CatenaABI

/// The services of the host, for one element instance; valid as long as the element.
///
/// Unchecked, because it holds a pointer: what that points to is never changed after create and freed after destroy, when
/// no hook and no callback of the instance runs any more.
public struct Host: @unchecked Sendable {
    @usableFromInline let services: UnsafePointer<Services>

    init(_ services: UnsafePointer<Services>) { self.services = services }

    /// The host as the header has it, for what this kit does not wrap.
    public var pointer: UnsafePointer<catena_host> { services.pointee.host }

    /// The path of this instance, `forwarder/connect`.
    public var instance: String { services.pointee.instance }

    /// The monotonic clock of all deadlines, in nanoseconds. Any thread.
    public var now: UInt64 { services.pointee.call.pointee.now(services.pointee.host) }

    /// A wall-clock time, nanoseconds since 1970 (UTC), on the clock of ``now``; 0 for one long past. Any thread.
    public func now(atUnix nanoseconds: Int64) -> UInt64 {
        services.pointee.call.pointee.from_unix(services.pointee.host, nanoseconds)
    }

    /// The host's log, under this instance's name.
    public var log: Log { Log(self) }
    /// What the host knows of connections.
    public var connections: ConnectionService { ConnectionService(self) }
    /// Requests and Closes that this element begins.
    public var events: EventService { EventService(self) }
    /// The host's transports.
    public var clients: ClientService { ClientService(self) }
    /// The client side of connections.
    public var chains: ChainService { ChainService(self) }
    /// What only an anchor may ask.
    public var anchor: AnchorService { AnchorService(self) }

    /// What others may see of the chain's connections.
    public var monitor: MonitorService { MonitorService(self) }

    /// Where a context value lies in this instance's calls. Ask once, in the initializer.
    /// - Throws: if ``ElementDescriptor/values`` does not declare the key with this type.
    public func linked<Value>(_ key: ContextKey<Value>) throws(ConfigProblem) -> LinkedValue<Value> {
        let declarations = services.pointee.declarations
        guard let index = declarations.firstIndex(where: { $0.key == key.name && $0.size == MemoryLayout<Value>.size }) else {
            throw ConfigProblem("the element's descriptor does not declare the context value \"\(key.name)\"")
        }
        return LinkedValue(offset: services.pointee.offsets[index])
    }
}
