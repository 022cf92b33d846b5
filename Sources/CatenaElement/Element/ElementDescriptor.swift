// SPDX-License-Identifier: Apache-2.0
// The part of an element type that the host reads before anything runs. It is a value, so that two types differ in data
// and not in code.

/// What the host knows of an element type.
public struct ElementDescriptor: Sendable {
    /// What chains.json calls it: `[a-z0-9][a-z0-9._-]{0,63}`.
    public let id: String
    /// One line for people.
    public let summary: String
    /// What sets it apart from a plain element.
    public let traits: ElementTraits
    /// The context values it writes and reads.
    public let values: [ValueDeclaration]
    /// The services it calls beside those that every element has.
    public let services: HostServices

    /// Describes an element type.
    /// - Parameters:
    ///   - id: what chains.json calls it: `[a-z0-9][a-z0-9._-]{0,63}`.
    ///   - summary: one line for people, without a full stop.
    ///   - traits: what sets it apart from a plain element.
    ///   - values: the context values it writes and reads.
    ///   - services: what it calls beside the services that every element has; a host that lacks one refuses the module.
    public init(
        _ id: String, summary: String, traits: ElementTraits = [], values: [ValueDeclaration] = [], services: HostServices = []
    ) {
        self.id = id
        self.summary = summary
        self.traits = traits
        self.values = values
        self.services = services
    }
}

/// Services of the host that only some elements call.
public struct HostServices: OptionSet, Sendable {
    /// Any of them.
    public let rawValue: UInt32
    /// Any of them; bits without a name mean nothing.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// ``Host/monitor``.
    public static let monitor = HostServices(rawValue: 1)

    static let monitorID = "monitor/1"

    /// As the header spells them.
    var ids: [String] { contains(.monitor) ? [Self.monitorID] : [] }
}

/// What sets an element type apart from a plain one.
public struct ElementTraits: OptionSet, Sendable {
    /// The flags as the header has them.
    public let rawValue: UInt32
    /// Any flags; the host refuses those it does not know.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Binds calls to their connection; below it are connection slots, first and refresh. At most one in a chain.
    public static let anchor = ElementTraits(rawValue: 1)
    /// A failure of its close hook stops the Close here.
    public static let `guard` = ElementTraits(rawValue: 2)
    /// Its request-reply hook may answer ``Verdict/again``.
    public static let again = ElementTraits(rawValue: 4)
    /// Makes no sense without an anchor above it; implied by a connection slot.
    public static let needsAnchor = ElementTraits(rawValue: 8)
}
