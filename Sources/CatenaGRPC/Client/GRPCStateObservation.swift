// SPDX-License-Identifier: Apache-2.0
// A client outlives many of those who watch it, so watching can be ended without ending the client.

internal import NIOCore

/// One observer of a ``GRPCClient``'s state; it stays until it is cancelled, also when this value is dropped.
///
/// Unchecked because `id` is touched on the client's loop only.
public final class GRPCStateObservation: @unchecked Sendable {
    private let client: GRPCClient
    var id = 0

    init(client: GRPCClient) { self.client = client }

    /// Ends the observation. Any thread; on the client's loop nothing is reported after this returns.
    public func cancel() {
        if client.eventLoop.inEventLoop, id > 0 { client.removeObserver(id) } else {
            client.eventLoop.execute { self.client.removeObserver(self.id) }
        }
    }
}
