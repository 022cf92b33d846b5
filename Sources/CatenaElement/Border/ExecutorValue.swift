// SPDX-License-Identifier: Apache-2.0
// The executor as it travels with a call: a pointer to a table of the anchor's module, so that nothing but C is between the
// two. An element makes an Executor of it, which knows whose connection it is.
public import CatenaABI

/// What lies under the key ``ContextKey/executor``; ``Hop/executor(_:)`` makes an ``Executor`` of it.
///
/// Unchecked, because it holds a pointer: the header has the table live as long as the elements of the chain, and never change.
public struct ExecutorValue: ContextValue, @unchecked Sendable {
    let table: UnsafePointer<catena_executor>?

    /// No executor: what a context value holds where nobody wrote, and in a Close.
    public init() { table = nil }

    /// An executor as the header has it, for what this kit does not wrap; an anchor has its ``ProvidedExecutor``.
    public init(table: UnsafePointer<catena_executor>) { self.table = table }

    /// Whether somebody provided it.
    public var isPresent: Bool { table != nil }
}

extension ContextKey where Value == ExecutorValue {
    /// The serial executor of the connection, which the anchor provides.
    public static var executor: ContextKey<ExecutorValue> { ContextKey(CATENA_KEY_EXECUTOR) }
}

extension Hop {
    /// The executor of this call's connection; nil in a Close, where none is offered, above the anchor, and in a chain whose
    /// anchor provides none. It may be kept and sent anywhere.
    /// - Parameter value: from ``Host/linked(_:)`` with the key ``ContextKey/executor``.
    public func executor(_ value: LinkedValue<ExecutorValue>) -> Executor? {
        guard let table = self[value].table, let connection else { return nil }
        return Executor(table, connection, host)
    }
}
