// SPDX-License-Identifier: Apache-2.0
// One engine with all that it needs around it: loops, transports, messages, log. `serve` runs it; `validate` makes it and throws
// it away, which is how it can find everything that serve would refuse.

internal import CatenaChain
internal import CatenaConfig
internal import CatenaNSM
internal import Logging
internal import NIOCore

/// A linked engine on event loops of swift-nio.
struct ChainEngine: Sendable {
    let engine: Engine
    let loops: [NIOLoop]
    private let reference: EngineReference

    /// - Throws: every problem that linking finds, at its place in the file.
    init(_ loaded: LoadedChains, group: any EventLoopGroup, logger: Logger) throws(ConfigError) {
        CrashReport.install(on: group)
        loops = group.makeIterator().map { NIOLoop($0) }
        reference = EngineReference()
        var options = EngineOptions()
        options.closeTimeout = loaded.file.closeTimeout.nanoseconds
        do throws(LinkError) {
            engine = try Engine(
                loaded.specs, loops: loops, messages: MessageService.shared,
                transports: NSMTransports(group: group, engine: reference), log: HostLog(logger), options: options)
        } catch {
            throw ConfigError(loaded.diagnostics(error.problems))
        }
        reference.engine = engine
    }
}

extension Duration {
    /// Whole nanoseconds; a duration below zero is 0.
    var nanoseconds: UInt64 {
        let parts = components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        let (seconds, overflow) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : seconds &+ UInt64(parts.attoseconds / 1_000_000_000)
    }
}
