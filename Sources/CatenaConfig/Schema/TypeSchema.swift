// SPDX-License-Identifier: Apache-2.0
//
// What the schema of chains.json has to know of an element type: how an element names it, and what its config may be.

/// An element type whose config is known.
public struct TypeSchema: Sendable {
    /// What an element calls it.
    public let type: String
    /// `"module"` as an element writes it beside the type; nil: the type is found on the module path.
    public let module: String?
    /// One line, for people.
    public let summary: String
    public let config: ConfigSchema

    public init(type: String, module: String? = nil, summary: String, config: ConfigSchema) {
        self.type = type
        self.module = module
        self.summary = summary
        self.config = config
    }
}
