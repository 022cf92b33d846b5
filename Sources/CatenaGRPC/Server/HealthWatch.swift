// SPDX-License-Identifier: Apache-2.0
// One client that wants to be told. It reads as slowly as it likes: what waits for it is the latest status and nothing older, so a
// service that flaps costs no memory.
internal import NIOCore

/// One call of Watch.
///
/// Unchecked because `latest`, `sent` and `isEnding` are touched on the call's loop only; the rest never changes.
final class HealthWatch: @unchecked Sendable {
    let service: String
    private let call: ServerCall
    private var latest: GRPCHealth.ServingStatus?
    private var sent: GRPCHealth.ServingStatus?
    private var isEnding = false

    init(_ call: ServerCall, service: String) {
        self.call = call
        self.service = service
    }

    /// Begins to tell; `ended` runs when the client has gone. On the call's loop.
    func start(ended: @escaping () -> Void) {
        call.onReady { [weak self] in self?.tell() }
        call.onCancel { _ in ended() }
    }

    /// The service has a new status, perhaps. Any thread; in the order of the calls.
    func changed(_ status: GRPCHealth.ServingStatus) {
        call.eventLoop.execute {
            self.latest = status
            self.tell()
        }
    }

    /// No change will follow. Any thread.
    func end() {
        call.eventLoop.execute {
            self.isEnding = true
            self.tell()
        }
    }

    private func tell() {
        if let latest, latest != sent, call.isReady {
            sent = latest
            call.send(HealthMessages.encodeResponse(latest))
        }
        if isEnding { call.fail(GRPCStatus(.unavailable, "the server is about to end")) }
    }
}
