// SPDX-License-Identifier: Apache-2.0
// The chains as they will run, as a picture's data: what is spliced is in its place, and each use of a client chain stands under
// the element that uses it. Text, mermaid and dot are three ways to print it.

/// What "catena graph" draws.
public struct ChainGraph: Sendable, Equatable {
    /// A chain that is served or opens connections, or one use of a client chain.
    public struct Chain: Sendable, Equatable {
        public var name: String
        /// URLs; empty for a chain that is not served.
        public var listen: [String]
        /// The network services that it asks for in the client role, each once; empty for a chain of another role.
        public var opens: [String] = []
        public var elements: [Element]
    }

    public struct Element: Sendable, Equatable {
        /// The instance: `forwarder/connect/logging`.
        public var path: String
        public var name: String
        public var type: String
        public var isAnchor: Bool
        /// The client chains it uses.
        public var uses: [Chain]
        /// Where URLs in its config lead, if that is in this file.
        public var targets: [Target]
    }

    /// A served chain of the same file that a URL means.
    public struct Target: Sendable, Equatable {
        /// As the config has it, in normal form.
        public var url: String
        public var chain: String
        /// Number of the listener in that chain's `listen`; nil: `inproc://`, which needs none.
        public var listener: Int?
    }

    /// The chains that are served or open connections, in the order of the file.
    public var chains: [Chain]
    /// Names of client chains that none of those uses, directly or through others.
    public var unused: [String]
}
