// SPDX-License-Identifier: Apache-2.0
// How a connection stands at the next hop, as the host has heard it there. An element hears it from the host alone, so that all
// elements of a chain know the same.

/// What the next hop says by itself, or what became of the way there.
public struct NextHopSight: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as the header has it.
    public let rawValue: UInt32
    /// Any number, also one that this kit has no name for.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The connection is there. Of a health: SERVING.
    public static let up = NextHopSight(rawValue: 0)
    /// The next hop has lost something beyond itself. Of a health: anything but SERVING.
    public static let down = NextHopSight(rawValue: 1)
    /// The connection was closed there.
    public static let deleted = NextHopSight(rawValue: 2)
    /// The way to the next hop was lost. The host looks for it, at most every 250 ms.
    public static let lost = NextHopSight(rawValue: 3)
    /// The way is there, and the next hop does not have the connection, or has no way to say so. Of a health: it has no such service.
    public static let missing = NextHopSight(rawValue: 4)

    /// Its name, such as `lost`; the number, where there is none.
    public var description: String {
        let names = ["up", "down", "deleted", "lost", "missing"]
        return Int(rawValue) < names.count ? names[Int(rawValue)] : "\(rawValue)"
    }
}
