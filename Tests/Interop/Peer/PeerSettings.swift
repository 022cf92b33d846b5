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

    init(_ text: String) throws {
        self = try JSONDecoder().decode(PeerSettings.self, from: Data(text.utf8))
    }

    var server: GRPCServerConfiguration {
        var configuration = GRPCServerConfiguration()
        if let maxConcurrentStreams { configuration.maxConcurrentStreams = maxConcurrentStreams }
        return configuration
    }

    var client: GRPCClientConfiguration {
        GRPCClientConfiguration()
    }
}
