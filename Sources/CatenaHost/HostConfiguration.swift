// SPDX-License-Identifier: Apache-2.0
// What the command line decides about a host. Everything else stands in chains.json.

/// How to run a host.
public struct HostConfiguration: Sendable {
    /// The chains file.
    public var configPath: String
    /// The control socket; nil: see ``ControlPath``.
    public var controlPath: String?
    /// What `${VAR}` is replaced from.
    public var environment: [String: String]
    /// Event loops, 1 or more; nil: one for each core.
    public var threads: Int?

    /// Modules that others may change are loaded all the same, with a warning.
    public var allowWritable: Bool
    /// Says what a module offers before it is loaded.
    public var describer: any ModuleDescriber

    public init(
        configPath: String, controlPath: String? = nil, environment: [String: String], threads: Int? = nil, allowWritable: Bool = false,
        describer: any ModuleDescriber = InProcessDescriber()
    ) {
        self.configPath = configPath
        self.controlPath = controlPath
        self.environment = environment
        self.threads = threads
        self.allowWritable = allowWritable
        self.describer = describer
    }
}
