// SPDX-License-Identifier: Apache-2.0
// An event loop of swift-nio, as the chain engine sees a loop: a call runs on the loop of the socket it came from, and goes
// nowhere else unless its connection is at home on another one.

public import CatenaChain
public import NIOCore

/// A swift-nio event loop for the engine.
public final class NIOLoop: ChainLoop {
    public let eventLoop: any EventLoop

    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    public var isCurrent: Bool { eventLoop.inEventLoop }

    public func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    public func execute(_ work: @escaping @Sendable () -> Void) {
        eventLoop.execute(work)
    }

    public func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {
        eventLoop.scheduleTask(deadline: .uptimeNanoseconds(deadline), work)
    }
}
