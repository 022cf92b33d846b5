// SPDX-License-Identifier: Apache-2.0
// The context values of a neighbour. An element that consumes a value needs somebody above who provides it, and one that
// provides a value needs somebody who looks.
public import CatenaElement

/// A context value that a ``Neighbour`` writes or reads.
public struct NeighbourValue: Sendable {
    let key: String
    /// As the header has them.
    let flags: UInt32
    let size: Int
    let alignment: Int
    /// nil: it only reads.
    let bytes: [UInt8]?

    /// Writes the value in each call, on the way in.
    /// - Parameter kept: it is stored with the connection.
    public static func provides<Value>(_ key: ContextKey<Value>, _ value: Value, kept: Bool = false) -> NeighbourValue {
        NeighbourValue(key, flags: 1 | (kept ? 16 : 0), bytes(of: value))
    }

    /// Writes the value in each call, on the way out: for those above.
    public static func providesUp<Value>(_ key: ContextKey<Value>, _ value: Value) -> NeighbourValue {
        NeighbourValue(key, flags: 1 | 8, bytes(of: value))
    }

    /// Reads the value in each hook: see ``Sight/value(_:)``.
    /// - Parameter up: it is written below, and read on the way out.
    public static func consumes<Value>(_ key: ContextKey<Value>, up: Bool = false) -> NeighbourValue {
        NeighbourValue(key, flags: 2 | 4 | (up ? 8 : 0), nil)
    }

    private init<Value>(_ key: ContextKey<Value>, flags: UInt32, _ bytes: [UInt8]?) {
        self.key = key.name
        self.flags = flags
        self.bytes = bytes
        size = MemoryLayout<Value>.size
        alignment = MemoryLayout<Value>.alignment
    }

    static func bytes<Value: ContextValue>(of value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    var goesUp: Bool { flags & 8 != 0 }
}
