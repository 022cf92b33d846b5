// SPDX-License-Identifier: Apache-2.0
//
// An element as its chain runs it: splices are resolved and the instance name is settled, but nothing is loaded.
// It remembers where it is written, so that what a module finds in its config is shown at the line and not at the process.

/// `"sha256"` of an element.
public struct Pin: Sendable {
    /// 64 lower-case hexadecimal digits.
    public let sha256: String
    /// The value.
    public let place: Place
}

/// One element instance of a chain.
public struct ElementDefinition: Sendable {
    /// The element type, which a module offers.
    public let type: String
    /// The instance name, unique in its chain: the explicit `"name"`, else the type, numbered when repeated.
    public let name: String
    /// The library named by `"module"`, or nil: then the type decides, `libTYPE.so` on the module path.
    public let module: String?
    /// The name of the chain it runs in. A spliced element's `place` is in another chain.
    public let chain: String
    /// The element as written in `elements`.
    public let place: Place
    /// The type's value.
    public let typePlace: Place
    /// The value of `"module"`, or the type's where there is none: where to say that no module was found.
    public let modulePlace: Place
    /// The one library that may stand for it, or nil: any will do.
    public let pin: Pin?
    /// What follows when it breaks a rule.
    public let onFault: OnFault

    let config: JSONNode?

    /// The config as canonical JSON in UTF-8: variables replaced, no white space, keys sorted by their bytes, numbers as written.
    /// `{}` when the element has none.
    public var configBytes: [UInt8] { config?.canonicalBytes() ?? Array("{}".utf8) }

    /// A problem that a module reports in this config.
    ///
    /// - Parameter pointer: a JSON pointer relative to the config, such as `/dialTimeout`; empty for the config as a whole. The
    ///   diagnostic shows it in full (`/chains/forwarder/elements/5/config/dialTimeout`). Where it names what is not there, the
    ///   caret is at the nearest parent that is, at last the element. A text that is no pointer counts as empty.
    /// - Parameter message: a sentence without a final stop.
    public func diagnostic(severity: Diagnostic.Severity = .error, pointer: String, message: String) -> Diagnostic {
        let relative = JSONPointer(pointer) ?? .root
        let offset = config?.nearest(to: relative).span.lowerBound ?? place.offset
        let path = place.path.appending("config").appending(relative)
        return Diagnostic(severity: severity, source: place.source, offset: offset, pointer: path, message: message)
    }
}
