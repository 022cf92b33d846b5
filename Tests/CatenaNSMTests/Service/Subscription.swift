// SPDX-License-Identifier: Apache-2.0
// A subscriber on a real socket, and the smallest chain that has something to tell: what a test awaits, it awaits here.

import CatenaABI
import CatenaGRPC
import CatenaNSM
import NIOCore
import SwiftProtobuf
import Synchronization

/// One call of MonitorConnections.
final class Subscription: Sendable {
    let call = Mutex<ClientStreamCall?>(nil)
    private let incoming: AsyncStream<Result<Connection_ConnectionEvent, GRPCStatus>>
    private let report: AsyncStream<Result<Connection_ConnectionEvent, GRPCStatus>>.Continuation

    init() { (incoming, report) = AsyncStream.makeStream() }

    var events: ClientStreamEvents {
        ClientStreamEvents(
            onMessage: { [report] payload in
                do {
                    report.yield(.success(try Connection_ConnectionEvent(serializedBytes: Array(payload.readableBytesView))))
                } catch {
                    report.yield(.failure(GRPCStatus(.internal, "\(error)")))
                }
            },
            onEnd: { [report] result in
                if case .failure(let error) = result { report.yield(.failure(error.status)) }
                report.finish()
            })
    }

    /// The next event, or how the stream ended; nil: with OK.
    func next() async -> Result<Connection_ConnectionEvent, GRPCStatus>? { await incoming.first { _ in true } }

    /// The next event in words: `update one`; its end as the code.
    func line() async -> String {
        switch await next() {
        case .success(let event): "\(event.type) \(event.connections.keys.sorted().joined(separator: " "))"
        case .failure(let status): "\(status.code)"
        case nil: "OK"
        }
    }

    func resumeReading() { call.withLock { $0?.resumeReading() } }
    func leave() { call.withLock { $0?.cancel() } }
}

extension catena_type {
    /// An anchor that lets everybody pass.
    static var anchor: catena_type {
        var type = make("anchor")
        type.flags = CATENA_TYPE_ANCHOR
        return type
    }

    /// Publishes what succeeded and what was closed. A subscriber may leave news of three connections unread.
    static var publisher: catena_type {
        var type = make("publisher")
        type.create = { _, host, _, _, _, me, _ in
            guard let host else { return CATENA_INTERNAL }
            me?.pointee = UnsafeMutableRawPointer(mutating: host)
            let table = host.pointee.service(host, "monitor/1")?.assumingMemoryBound(to: catena_monitor_api.self)
            return table?.pointee.serve(host, 3) ?? CATENA_INTERNAL
        }
        type.request_reply = { publish($0, $1, CATENA_MONITOR_UPDATE, isGood: $2 == nil) }
        type.close_reply = { me, hop, _ in publish(me, hop, CATENA_MONITOR_DELETE, isGood: true) }
        return type
    }
}

private func publish(_ me: UnsafeMutableRawPointer?, _ hop: UnsafePointer<catena_hop>?, _ event: UInt32, isGood: Bool) -> catena_verdict {
    guard isGood, let host = me.map({ UnsafePointer($0.assumingMemoryBound(to: catena_host.self)) }), let hop,
        let table = host.pointee.service(host, "monitor/1")?.assumingMemoryBound(to: catena_monitor_api.self)
    else { return CATENA_NEXT }
    _ = table.pointee.publish(host, hop.pointee.conn, event, hop.pointee.message)
    return CATENA_NEXT
}
