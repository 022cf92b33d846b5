// SPDX-License-Identifier: Apache-2.0
// The monitor of a served chain for peers: each call is a subscriber of the chain's feed, and gone from it as soon as it ends.

package import CatenaChain
package import CatenaGRPC
internal import NIOCore
internal import Synchronization

/// `connection.MonitorConnection` of one served chain.
package final class MonitorConnectionServer: Sendable {
    private let feed: MonitorFeed
    private let state = Mutex(State())

    private struct State {
        var streams: [ObjectIdentifier: MonitorStream] = [:]
        var isShutDown = false
    }

    /// - Parameter feed: what an element of the chain publishes.
    package init(_ feed: MonitorFeed) { self.feed = feed }

    /// Offers MonitorConnections among `methods`.
    package func register(in methods: inout GRPCMethods) {
        methods.handleServerStreaming(MethodPath.monitorConnections) { [self] call, payload in begin(call, payload) }
    }

    /// Ends every stream with UNAVAILABLE, and those that come: they would hold up a server that waits for its calls.
    package func shutdown() {
        let streams = state.withLock { state in
            state.isShutDown = true
            return state.streams.values.map { $0 }
        }
        for stream in streams { stream.end(Self.ending) }
    }

    private static let ending = "the server is about to end"

    private func begin(_ call: ServerCall, _ payload: ByteBuffer) {
        let selector: MonitorSelector
        do throws(MessageError) {
            selector = try MonitorSelector(Array(payload.readableBytesView).span)
        } catch {
            return _ = call.fail(GRPCStatus(.invalidArgument, "the MonitorScopeSelector cannot be read: \(error.description)"))
        }
        let stream = MonitorStream(call, selector, bound: feed.queue) { [weak self] in self?.forget($0) }
        let isServing = state.withLock { state in
            if !state.isShutDown { state.streams[ObjectIdentifier(stream)] = stream }
            return !state.isShutDown
        }
        guard isServing else { return _ = call.fail(GRPCStatus(.unavailable, Self.ending)) }
        stream.start()
        feed.subscribe(stream)
    }

    private func forget(_ stream: MonitorStream) {
        state.withLock { _ = $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
        feed.unsubscribe(stream)
    }
}
