// SPDX-License-Identifier: Apache-2.0
// From where the firing elements ask for the turn: a thread of their own shows that any will do, the hook's own makes a test's order
// certain.
public import CatenaElement

/// The config of `fire-request` and `fire-close`.
public struct FiringConfig: ElementConfig {
    /// Ask from another thread.
    public var thread = true

    /// The default.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<FiringConfig>] = [
        .optional("thread", \.thread, .bool, "ask for the turn from another thread")
    ]

    func fire(_ body: @escaping @Sendable () -> Void) {
        if thread {
            Task.detached { body() }
        } else {
            body()
        }
    }
}
