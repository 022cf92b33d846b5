// SPDX-License-Identifier: Apache-2.0
// What an author writes: one final class per element type. Everything else in this kit exists so that this class can
// stay free of pointers and of the C header.

/// One link of a chain, an instance with its own config.
///
/// An element conforms to this protocol and to one small protocol for each hook it wants (``RequestHook``,
/// ``RequestReplyHook``, ``CloseHook``, ``CloseReplyHook``, ``CancelHook``, ``ConnectionDropHook``, ``StartHook``,
/// ``StopHook``; ``AsyncRequestHook`` and ``AsyncCloseHook`` where it rather waits in Swift's own way). A hook it does not
/// conform to is absent for the host too, and costs nothing.
///
///     public final class Null: ChainElement, RequestHook {
///         public static let descriptor = ElementDescriptor("null", summary: "only forwards")
///         public init(config: NoConfig, host: Host) {}
///         public func request(_ hop: borrowing Hop<Null>) -> Verdict { .next }
///     }
///
/// One instance is shared by all loops of the host, so that it must be `Sendable`: what belongs to a call or to a
/// connection goes into the slots, which only one thread touches at a time.
public protocol ChainElement: AnyObject, Sendable {
    /// The element's own config, ``NoConfig`` if it has none.
    associatedtype Config: ElementConfig

    /// Memory of one call, made when the element first touches it and destroyed when the call ends.
    associatedtype CallSlot: Slot = NoSlot

    /// Memory of one connection (in a client chain: of one leg), destroyed when the connection has ended. An element that
    /// has one needs an anchor above it in its chain.
    associatedtype ConnectionSlot: Slot = NoSlot

    /// What the host has to know before it makes an instance.
    static var descriptor: ElementDescriptor { get }

    /// Makes an instance: memory only, no thread, no file, no socket. Called while the chain is loaded.
    /// - Parameter host: this instance's own; valid as long as the instance.
    /// - Throws: what only shows when the config meets this host, located in the element's config.
    init(config: Config, host: Host) throws(ConfigProblem)
}
