// SPDX-License-Identifier: Apache-2.0
// What a module says of itself, as plain values: it can be printed, cached and sent between processes, so a module can be known
// before any of its code runs in this one.

internal import CatenaABI

/// A module and all that it offers.
public struct ModuleDescription: Sendable, Equatable, Codable {
    public var name: String
    public var version: String
    /// The compiler that made it, as it says itself: "swift 6.3.1".
    public var builtWith: String
    /// Minor of the ABI that it was built for.
    public var abiMinor: UInt32
    /// Host services that it cannot do without: "timer/1".
    public var services: [String]
    /// At least one.
    public var types: [TypeDescription]
}

/// One element type.
public struct TypeDescription: Sendable, Equatable, Codable {
    /// What a type says of itself in its flags.
    public enum Trait: String, Sendable, Codable, CaseIterable {
        case anchor, guard_ = "guard", again, needsAnchor = "needs-anchor"
    }

    /// A function of the type that the host calls for a call or a connection. One that is absent costs nothing.
    public enum Hook: String, Sendable, Codable, CaseIterable {
        case request, requestReply = "request-reply", close, closeReply = "close-reply", cancel
        case callDropped = "call-dropped", connectionDropped = "connection-dropped"
    }

    /// What chains.json calls it.
    public var id: String
    public var version: String
    /// One line.
    public var summary: String
    /// JSON Schema 2020-12 of its config; empty: none given.
    public var configSchema: String
    public var traits: [Trait]
    public var hooks: [Hook]
    /// Bytes that each call carries for it.
    public var callSlotSize: UInt32
    /// Bytes that each connection, or leg, carries for it.
    public var connectionSlotSize: UInt32
    public var values: [ValueDescription]
    /// Version of its slots outside of the process, and the oldest it reads; 0: not durable.
    public var stateSchema: UInt32
    public var oldestState: UInt32
}

/// A context value that a type provides, consumes, or both.
public struct ValueDescription: Sendable, Equatable, Codable {
    /// The flags of `catena_value_decl`.
    public enum Role: String, Sendable, Codable, CaseIterable {
        case provides, consumes, optional, up, kept
    }

    public var key: String
    /// In bytes.
    public var size: UInt32
    public var align: UInt32
    public var roles: [Role]
}

extension Module {
    /// All that the module said when it was loaded.
    public var description: ModuleDescription {
        ModuleDescription(
            name: name, version: version, builtWith: builtWith, abiMinor: abiMinor, services: services, types: types.map(\.description))
    }
}

extension ElementType {
    var description: TypeDescription {
        let traits: [(Bool, TypeDescription.Trait)] = [
            (isAnchor, .anchor), (isGuard, .guard_), (saysAgain, .again), (needsAnchor, .needsAnchor),
        ]
        let hooks: [(Bool, TypeDescription.Hook)] = [
            (table.request != nil, .request), (table.request_reply != nil, .requestReply), (table.close != nil, .close),
            (table.close_reply != nil, .closeReply), (table.cancel != nil, .cancel), (table.call_dropped != nil, .callDropped),
            (table.conn_dropped != nil, .connectionDropped),
        ]
        return TypeDescription(
            id: id, version: version, summary: summary, configSchema: configSchema,
            traits: traits.filter(\.0).map(\.1), hooks: hooks.filter(\.0).map(\.1),
            callSlotSize: table.call_slot_size, connectionSlotSize: table.conn_slot_size, values: values.map(\.description),
            stateSchema: table.state_schema, oldestState: table.state_oldest)
    }
}

extension ValueDeclaration {
    var description: ValueDescription {
        let roles: [(UInt32, ValueDescription.Role)] = [
            (CATENA_VALUE_PROVIDES, .provides), (CATENA_VALUE_CONSUMES, .consumes), (CATENA_VALUE_OPTIONAL, .optional),
            (CATENA_VALUE_UP, .up), (CATENA_VALUE_KEPT, .kept),
        ]
        return ValueDescription(key: key, size: size, align: align, roles: roles.filter { flags & $0.0 != 0 }.map(\.1))
    }
}
