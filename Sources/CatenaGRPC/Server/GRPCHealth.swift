// SPDX-License-Identifier: Apache-2.0
// The standard answer to "are you well?", which load balancers and orchestrators ask of every gRPC server, once in a while or to be
// told of each change. Changes and watches may meet on any two threads: the lock is what puts them in one order.
internal import NIOCore
internal import Synchronization

/// The service `grpc.health.v1.Health`: Check and Watch. Any thread.
public final class GRPCHealth: Sendable {
    /// The states of `HealthCheckResponse.ServingStatus`; the raw value is the number on the wire.
    public enum ServingStatus: Int, Sendable {
        case unknown = 0
        case serving = 1
        case notServing = 2
        /// What Watch says of a service that has no status.
        case serviceUnknown = 3
    }

    private struct State {
        var statuses: [String: ServingStatus]
        var watches: [ObjectIdentifier: HealthWatch] = [:]
        var isShutDown = false

        func status(of service: String) -> ServingStatus { statuses[service] ?? .serviceUnknown }
    }

    private let state: Mutex<State>

    /// - Parameter server: The status of the server as a whole, which clients ask for with an empty service name.
    public init(server: ServingStatus = .serving) {
        state = Mutex(State(statuses: ["": server]))
    }

    /// Sets the status of a service by its full name; "" is the server as a whole. Without effect after ``shutdown()``.
    public func set(_ status: ServingStatus, for service: String) {
        change(service, to: status)
    }

    /// Forgets a service: Check then answers NOT_FOUND, and Watch tells SERVICE_UNKNOWN and goes on.
    public func remove(_ service: String) {
        change(service, to: nil)
    }

    /// Sets every service to NOT_SERVING for good, and ends the calls of Watch with UNAVAILABLE once they have been told: they would
    /// hold up a server that waits for its calls.
    public func shutdown() {
        state.withLock { state in
            state.isShutDown = true
            for service in state.statuses.keys { state.statuses[service] = .notServing }
            for watch in state.watches.values {
                watch.changed(state.status(of: watch.service))
                watch.end()
            }
            state.watches.removeAll()
        }
    }

    private func change(_ service: String, to status: ServingStatus?) {
        state.withLock { state in
            guard !state.isShutDown else { return }
            state.statuses[service] = status
            for watch in state.watches.values where watch.service == service { watch.changed(state.status(of: service)) }
        }
    }

    /// Offers the service among `methods`.
    public func register(in methods: inout GRPCMethods) {
        methods.handleUnary("/grpc.health.v1.Health/Check") { [self] call, payload in
            guard let service = service(payload, call) else { return }
            guard let status = state.withLock({ $0.statuses[service] }) else {
                call.fail(GRPCStatus(.notFound, "unknown service \"\(service)\""))
                return
            }
            call.respond(HealthMessages.encodeResponse(status))
        }
        methods.handleServerStreaming("/grpc.health.v1.Health/Watch") { [self] call, payload in
            guard let service = service(payload, call) else { return }
            watch(service, call)
        }
    }

    private func watch(_ service: String, _ call: ServerCall) {
        let watch = HealthWatch(call, service: service)
        let id = ObjectIdentifier(watch)
        watch.start { [self] in state.withLock { $0.watches[id] = nil } }
        state.withLock { state in
            watch.changed(state.status(of: service))
            if state.isShutDown { watch.end() } else { state.watches[id] = watch }
        }
    }

    /// The service that is asked for; nil when the request was answered because it cannot be read.
    private func service(_ payload: ByteBuffer, _ call: ServerCall) -> String? {
        if let service = HealthMessages.decodeRequest(payload) { return service }
        call.fail(GRPCStatus(.internal, "the HealthCheckRequest cannot be read"))
        return nil
    }
}
