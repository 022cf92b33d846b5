// SPDX-License-Identifier: Apache-2.0
// The URLs of next hops, each with the transport it stands for: tcp:// and unix:// for another process, inproc:// for a chain of
// this one.

package import CatenaChain
internal import CatenaGRPC
package import NIOCore

/// Makes transports for the engine.
package final class NSMTransports: TransportFactory {
    private let group: any EventLoopGroup
    private let engine: EngineReference

    /// - Parameters:
    ///   - group: whose loops carry the sockets.
    ///   - engine: whose chains `inproc://` reaches; filled in when there is one.
    package init(group: any EventLoopGroup, engine: EngineReference) {
        self.group = group
        self.engine = engine
    }

    package func makeTransport(url: String, options: TransportOptions) -> (any Transport)? {
        let prefix = "inproc://"
        if url.hasPrefix(prefix), url.count > prefix.count {
            return ChainTransport(chain: String(url.dropFirst(prefix.count)), engine: engine)
        }
        guard let target = GRPCAddress(url: url) else { return nil }
        return GRPCTransport(target, on: Array(group.makeIterator()), options: options)
    }
}
