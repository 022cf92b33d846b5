// SPDX-License-Identifier: Apache-2.0
// The border between gRPC and a chain, from a real client's side: what is not a message never reaches the chain, and what the
// chain says comes back as it was said.

import CatenaABI
import CatenaChain
import CatenaGRPC
import CatenaNSM
import SwiftProtobuf
import Testing

@Suite("the NSM service in front of a chain")
struct NetworkServiceServerTests {
    private static var request: Networkservice_NetworkServiceRequest {
        var request = Networkservice_NetworkServiceRequest()
        request.connection.id = "one"
        request.connection.networkService = "icmp"
        return request
    }

    @Test("an empty chain answers a Request with its own connection, and a Close with nothing")
    func echo() async throws {
        let served = try await ServedChain([])
        let answer = try await served.call(MethodPath.request, Self.request.serializedBytes()).get()
        #expect(try Connection_Connection(serializedBytes: answer) == Self.request.connection)
        #expect(try await served.call(MethodPath.close, Self.request.connection.serializedBytes()).get() == [])
        try await served.stop()
    }

    @Test("bytes that are no message are refused with INVALID_ARGUMENT", arguments: [MethodPath.request, MethodPath.close])
    func malformed(method: String) async throws {
        let served = try await ServedChain([])
        let answer = await served.call(method, [0x0a, 0xff, 0x01])
        #expect(throws: GRPCStatus.self) { try answer.get() }
        if case .failure(let status) = answer { #expect(status.code == .invalidArgument) }
        #expect(served.engine.status().chains.first?.requests.ok == 0)
        try await served.stop()
    }

    @Test("an element's error keeps its code, and the text names the element", arguments: [catena_status(3), 7, 14, 16])
    func errorCode(code: catena_status) async throws {
        var type = catena_type.make("fails")
        // The code to fail with comes in the network service's name, so that the hook captures nothing.
        type.create = { _, host, _, _, _, me, _ in
            me?.pointee = UnsafeMutableRawPointer(mutating: host)
            return CATENA_OK
        }
        type.request = { me, hop in
            let host = me?.assumingMemoryBound(to: catena_host.self)
            guard let hop, let host else { return CATENA_NEXT }
            let service = CatenaNSM.Message.borrowedText(hop.pointee.message, CATENA_F_NETWORK_SERVICE)
            "not today".withCString { text in
                var error = catena_error()
                error.struct_size = UInt32(MemoryLayout<catena_error>.size)
                error.code = catena_status(service) ?? 0
                error.text = catena_str(ptr: text, len: 9)
                host.pointee.set_error(host, hop.pointee.call, &error)
            }
            return CATENA_FAIL
        }
        let served = try await ServedChain([type])
        var request = Self.request
        request.connection.networkService = "\(code)"
        let answer = await served.call(MethodPath.request, try request.serializedBytes())
        #expect(answer == .failure(GRPCStatus(try #require(GRPCStatus.Code(rawValue: Int(code))), "served/e0: not today")))
        try await served.stop()
    }

    @Test("an element reads the caller's metadata and address")
    func metadata() async throws {
        var type = catena_type.make("asks")
        type.create = { _, host, _, _, _, me, _ in
            me?.pointee = UnsafeMutableRawPointer(mutating: host)
            return CATENA_OK
        }
        type.request = { me, hop in
            let host = me?.assumingMemoryBound(to: catena_host.self)
            guard let hop, let host else { return CATENA_NEXT }
            let service = host.pointee.service(host, "call/1")?.assumingMemoryBound(to: catena_call_api.self)
            guard let service else { return CATENA_NEXT }
            let key = Array("tracing-parent".utf8CString)
            let value = key.withUnsafeBufferPointer { key in
                service.pointee.metadata(host, hop.pointee.call, catena_str(ptr: key.baseAddress, len: key.count - 1), 1)
            }
            _ = MessageService.shared.pointee.set(hop.pointee.message, CATENA_F_PAYLOAD, value)
            let peer = service.pointee.peer(host, hop.pointee.call)
            let bytes = UnsafeRawPointer(peer.ptr)?.assumingMemoryBound(to: UInt8.self)
            _ = MessageService.shared.pointee.set(hop.pointee.message, CATENA_F_ENDPOINT, catena_view(ptr: bytes, len: peer.len))
            return CATENA_NEXT
        }
        let served = try await ServedChain([type])
        var metadata = GRPCMetadata()
        try metadata.add("tracing-parent", "first")
        try metadata.add("tracing-parent", "second")
        let answer = try await served.call(MethodPath.request, Self.request.serializedBytes(), metadata).get()
        let connection = try Connection_Connection(serializedBytes: answer)
        #expect(connection.payload == "second")
        #expect(connection.networkServiceEndpointName.contains("127.0.0.1:"))
        try await served.stop()
    }
}

extension CatenaNSM.Message {
    /// The text of a field, of a message as a hook sees it.
    static func borrowedText(_ message: OpaquePointer?, _ field: UInt32) -> String {
        let view = MessageService.shared.pointee.get(message, field)
        return String(decoding: UnsafeBufferPointer(start: view.ptr, count: view.len), as: UTF8.self)
    }
}
