// SPDX-License-Identifier: Apache-2.0
// The times that the host's laws speak of, so that a test may have others than a host's defaults.
internal import CatenaChain

/// Times of a bench's engine; the defaults are the host's.
public struct BenchTimes: Sendable, Equatable {
    /// How long a Close may take. 30 s.
    public var close: Duration = .seconds(30)
    /// How long a Request may run on below the anchor after its caller's deadline. 15 s.
    public var grace: Duration = .seconds(15)
    /// How long a connection is kept that nobody waited for. 30 s.
    public var orphan: Duration = .seconds(30)
    /// How long a Request that an element began may take. 15 s.
    public var event: Duration = .seconds(15)

    /// The host's.
    public init() {}

    var options: EngineOptions {
        var options = EngineOptions()
        options.closeTimeout = close.wholeNanoseconds
        options.grace = grace.wholeNanoseconds
        options.orphanTimeout = orphan.wholeNanoseconds
        options.eventTimeout = event.wholeNanoseconds
        return options
    }
}
