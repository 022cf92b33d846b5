// SPDX-License-Identifier: Apache-2.0
// What the linker is given: chains as names and types, with no trace of the file they were written in. Whoever made a spec maps
// a problem back to its place by chain and element number.

/// A chain as declared.
public struct ChainSpec: Sendable {
    public var name: String
    /// Where the calls of a chain begin.
    public enum Role: Sendable {
        /// Callers come from outside.
        case served
        /// It begins its own connections, as a client does.
        case opened
        /// A client chain: an element of another chain uses it.
        case used
    }

    public var role: Role
    public var elements: [ElementSpec]

    public init(name: String, role: Role, elements: [ElementSpec]) {
        self.name = name
        self.role = role
        self.elements = elements
    }

    public init(name: String, isServed: Bool, elements: [ElementSpec]) {
        self.init(name: name, role: isServed ? .served : .used, elements: elements)
    }
}

/// One element of a chain as declared.
public struct ElementSpec: Sendable {
    /// The instance's name, unique in its chain.
    public var name: String
    public var type: ElementType
    /// JSON text of an object, handed to the module as it is.
    public var config: [UInt8]
    public var onFault: FaultPolicy

    public init(name: String, type: ElementType, config: [UInt8] = Array("{}".utf8), onFault: FaultPolicy = .fail) {
        self.name = name
        self.type = type
        self.config = config
        self.onFault = onFault
    }
}

/// Something wrong with a chain that was found while it was checked or linked.
public struct LinkProblem: Sendable, Equatable {
    /// A warning does not keep a chain from being linked.
    public enum Severity: Sendable { case error, warning }

    public var severity: Severity
    public var chain: String
    /// Number of the element in its chain, from 0; nil: the chain as a whole.
    public var element: Int?
    /// JSON pointer into the element's config; nil: the element as a whole.
    public var pointer: String?
    public var message: String
}

/// Why chains could not be linked: every problem, not the first.
public struct LinkError: Error, Sendable {
    public let problems: [LinkProblem]
}
