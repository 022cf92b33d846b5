// SPDX-License-Identifier: Apache-2.0
// What a scenario sets on a peer. Durations are milliseconds; what is absent keeps CatenaGRPC's default, which is what the
// scenarios are about wherever they do not say otherwise.

import CatenaGRPC
import Foundation
import NIOCore

struct PeerSettings: Decodable, Sendable {
    /// Where a server listens, on the loopback; 0 or absent lets the system choose.
    var port: Int?
    /// The server of a client, `host:port`.
    var target: String?
    var maxConcurrentStreams: UInt32?
    var maxConnectionAge: Int64?
    /// Silence after which a PING is sent, and how long its answer may take.
    var keepalive: Int64?
    var keepaliveTimeout: Int64?
    /// How long a client may take for its preface or for a header block.
    var slowBegin: Int64?

    init(_ text: String) throws {
        self = try JSONDecoder().decode(PeerSettings.self, from: Data(text.utf8))
    }

    var server: GRPCServerConfiguration {
        var configuration = GRPCServerConfiguration()
        if let maxConcurrentStreams { configuration.maxConcurrentStreams = maxConcurrentStreams }
        if let maxConnectionAge { configuration.maxConnectionAge = .milliseconds(maxConnectionAge) }
        if let slowBegin { configuration.slowBeginTimeout = .milliseconds(slowBegin) }
        if let ping { configuration.keepalive = ping }
        return configuration
    }

    private var ping: GRPCKeepalive? {
        guard let keepalive, let keepaliveTimeout else { return nil }
        return GRPCKeepalive(time: .milliseconds(keepalive), timeout: .milliseconds(keepaliveTimeout), withoutCalls: true)
    }

    var client: GRPCClientConfiguration {
        var configuration = GRPCClientConfiguration()
        if let ping { configuration.keepalive = ping }
        return configuration
    }
}
