// SPDX-License-Identifier: Apache-2.0
// The standard answer to "are you well?", which load balancers and orchestrators ask of every gRPC server. Its two messages have one
// field each, so they are read and written here by hand rather than with a library.
internal import NIOCore
internal import Synchronization

/// The service `grpc.health.v1.Health`: unary Check. Watch is answered UNIMPLEMENTED. Any thread.
public final class GRPCHealth: Sendable {
    /// The states of `HealthCheckResponse.ServingStatus`; the raw value is the number on the wire.
    public enum ServingStatus: Int, Sendable {
        case unknown = 0
        case serving = 1
        case notServing = 2
    }

    private let statuses: Mutex<[String: ServingStatus]>

    /// - Parameter server: The status of the server as a whole, which clients ask for with an empty service name.
    public init(server: ServingStatus = .serving) {
        statuses = Mutex(["": server])
    }

    /// Sets the status of a service by its full name; "" is the server as a whole.
    public func set(_ status: ServingStatus, for service: String) {
        statuses.withLock { $0[service] = status }
    }

    /// Forgets a service: Check then answers NOT_FOUND.
    public func remove(_ service: String) {
        statuses.withLock { $0[service] = nil }
    }

    /// Offers the service among `methods`.
    public func register(in methods: inout GRPCMethods) {
        methods.handleUnary("/grpc.health.v1.Health/Check") { [self] call, payload in
            guard let service = Self.decodeRequest(payload) else {
                call.fail(GRPCStatus(.internal, "the HealthCheckRequest cannot be read"))
                return
            }
            guard let status = statuses.withLock({ $0[service] }) else {
                call.fail(GRPCStatus(.notFound, "unknown service \"\(service)\""))
                return
            }
            call.respond(Self.encodeResponse(status))
        }
    }

    /// HealthCheckRequest: field 1 `service`, a string (tag 0x0a). Other fields are passed over.
    private static func decodeRequest(_ payload: ByteBuffer) -> String? {
        var payload = payload
        var service = ""
        while payload.readableBytes > 0 {
            guard let tag = readVarint(&payload) else { return nil }
            switch tag & 7 {
            case 0: guard readVarint(&payload) != nil else { return nil }
            case 1: guard payload.readSlice(length: 8) != nil else { return nil }
            case 2:
                guard let length = readVarint(&payload), length <= UInt64(payload.readableBytes),
                    let text = payload.readString(length: Int(length))
                else { return nil }
                if tag >> 3 == 1 { service = text }
            case 5: guard payload.readSlice(length: 4) != nil else { return nil }
            default: return nil
            }
        }
        return service
    }

    /// HealthCheckResponse: field 1 `status`, an enum (tag 0x08); left out when 0, as proto3 does.
    private static func encodeResponse(_ status: ServingStatus) -> ByteBuffer {
        status == .unknown ? ByteBuffer() : ByteBuffer(bytes: [0x08, UInt8(status.rawValue)])
    }

    private static func readVarint(_ buffer: inout ByteBuffer) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
