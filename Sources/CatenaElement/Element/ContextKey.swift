// SPDX-License-Identifier: Apache-2.0
// Context values are linked when a chain is loaded, never looked up while it runs: a type declares keys, the host answers
// with offsets. A consumer without a provider is then an error in chains.json and not a surprise in a call.

/// A type whose values can be context values: plain bytes, of which all zero is a valid value ("nobody wrote").
public protocol ContextValue: BitwiseCopyable, Sendable {}

/// The name of a context value and the type that lies there.
public struct ContextKey<Value: ContextValue>: Sendable {
    /// As elements of all languages know it: `catena.clienturl`.
    public let name: String
    /// A key; those of one name must have types of one size in a chain.
    public init(_ name: String) { self.name = name }
}

extension ContextKey where Value == ClientURL {
    /// Where the client side of the chain goes; of length 0 where nobody said.
    public static var clientURL: ContextKey<ClientURL> { ContextKey("catena.clienturl") }
}

/// One line of ``ElementDescriptor/values``.
public struct ValueDeclaration: Sendable {
    let key: String
    let flags: UInt32
    let size: Int
    let alignment: Int

    /// The element writes it.
    /// - Parameters:
    ///   - kept: it is stored with the connection, so that an event begins with it.
    ///   - up: it is written below and read above, on the way out.
    public static func provides<Value>(_ key: ContextKey<Value>, kept: Bool = false, up: Bool = false) -> ValueDeclaration {
        ValueDeclaration(key, flags: 1 | (up ? 8 : 0) | (kept ? 16 : 0))
    }

    /// The element reads it.
    /// - Parameters:
    ///   - optional: it does without a provider and then reads zero bytes.
    ///   - up: it is written below and read above, on the way out.
    public static func consumes<Value>(_ key: ContextKey<Value>, optional: Bool = false, up: Bool = false) -> ValueDeclaration {
        ValueDeclaration(key, flags: 2 | (optional ? 4 : 0) | (up ? 8 : 0))
    }

    private init<Value>(_ key: ContextKey<Value>, flags: UInt32) {
        self.key = key.name
        self.flags = flags
        size = MemoryLayout<Value>.size
        alignment = MemoryLayout<Value>.alignment
    }
}

/// The place of a context value in the calls of one instance; from ``Host/linked(_:)``.
public struct LinkedValue<Value: ContextValue>: Sendable {
    @usableFromInline let offset: Int
    init(offset: Int) { self.offset = offset }
}
