// SPDX-License-Identifier: Apache-2.0
// The graph is taken from a linked engine, as validate makes one: only linking tells which chains are used by whom, and what
// could not be linked is no picture of anything.

internal import CatenaChain
public import CatenaConfig
public import Logging
internal import NIOCore
internal import NIOPosix

extension ChainGraph {
    /// Reads, loads and links the chains of a config, opening no socket.
    ///
    /// - Returns: the graph, and what the modules said that does not keep the chains from running.
    /// - Throws: everything that validate would refuse.
    public static func read(
        _ configuration: HostConfiguration, logger: Logger
    ) async throws(HostError) -> (graph: ChainGraph, warnings: [Diagnostic]) {
        do throws(ConfigError) {
            let loaded = try LoadedChains(configuration)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            do throws(ConfigError) {
                let made = try ChainEngine(loaded, group: group, logger: logger)
                let graph = ChainGraph(loaded, made.engine.status())
                let warnings = loaded.warnings(of: made.engine)
                made.engine.discard()
                await end(group)
                return (graph, warnings)
            } catch {
                await end(group)
                throw error
            }
        } catch {
            throw HostError(error)
        }
    }

    private static func end(_ group: MultiThreadedEventLoopGroup) async {
        await withCheckedContinuation { continuation in
            group.shutdownGracefully { _ in continuation.resume() }
        }
    }

    private init(_ loaded: LoadedChains, _ status: EngineStatus) {
        var builder = ChainGraphBuilder(loaded, status)
        chains = builder.runningChains()
        unused = builder.unusedChains()
    }
}
