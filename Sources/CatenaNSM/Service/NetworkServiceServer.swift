// SPDX-License-Identifier: Apache-2.0
// The NSM API in front of a served chain: bytes come in, become a message, and the chain's answer goes out as bytes. Neither
// Request nor Close is decoded further than its elements ask.

internal import CatenaABI
package import CatenaChain
package import CatenaGRPC
internal import NIOCore

/// `networkservice.NetworkService` of one served chain.
///
/// A class, so that what the server calls holds one reference, not one to each of the parts.
package final class NetworkServiceServer: Sendable {
    private let engine: Engine
    private let chain: LinkedChain
    /// As many as there are loops: looking along them costs less than a hash.
    private let homes: ContiguousArray<(loop: ObjectIdentifier, home: Home)>

    /// - Parameter loops: the loops the engine was made with; calls that arrive on any other are refused.
    package init(chain: LinkedChain, of engine: Engine, loops: [NIOLoop]) {
        self.engine = engine
        self.chain = chain
        homes = ContiguousArray(loops.compactMap { loop in engine.home(of: loop).map { (ObjectIdentifier(loop.eventLoop), $0) } })
    }

    /// Offers Request and Close among `methods`.
    package func register(in methods: inout GRPCMethods) {
        methods.handleUnaryInPlace(MethodPath.request) { [self] call, payload in begin(.request, call, payload) }
        methods.handleUnaryInPlace(MethodPath.close) { [self] call, payload in begin(.close, call, payload) }
    }

    private func begin(_ verb: Verb, _ call: ServerCall, _ payload: Span<UInt8>) {
        let loop = call.loop
        guard let place = homes.firstIndex(where: { $0.loop == loop }) else {
            return _ = call.fail(GRPCStatus(.internal, "the call arrived on a loop that runs no chain"))
        }
        let message: OwnedMessage
        do throws(MessageError) {
            message = try (verb.isRequest ? Message(request: payload) : Message(connection: payload)).owned()
        } catch {
            return _ = call.fail(GRPCStatus(.invalidArgument, error.description))
        }
        let caller = GRPCCaller(call, verb, self)
        let reference = engine.begin(
            verb, on: chain, message: message, deadline: call.deadline?.uptimeNanoseconds ?? 0, caller: caller, home: homes[place].home)
        guard let reference, !caller.isAnswered else { return }
        caller.begun = reference
        call.watch(caller)
    }
}

/// The gRPC peer that waits for a call. It is answered on the call's event loop; its metadata is asked for on the loop that runs
/// the chain, which may be another one, and touches nothing that the answer touches.
private final class GRPCCaller: Caller, ServerCallWatcher, @unchecked Sendable {  // the sentence above; the engine keeps it
    private let call: ServerCall
    private let verb: Verb
    @exclusivity(unchecked) private(set) var isAnswered = false
    /// What is told that the peer has left.
    @exclusivity(unchecked) var begun: CallReference?
    /// Keeps the engine, which must live for that.
    private let server: NetworkServiceServer
    @exclusivity(unchecked) private var lent: [UnsafeMutableBufferPointer<UInt8>] = []

    init(_ call: ServerCall, _ verb: Verb, _ server: NetworkServiceServer) {
        self.server = server
        self.call = call
        self.verb = verb
    }

    deinit {
        for bytes in lent { bytes.deallocate() }
    }

    var peer: String { call.peer }

    func callCancelled(_ why: ServerCancellation) { begun?.callerLeft(isLate: why == .deadlineExceeded) }

    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? {
        let values = key.hasSuffix("-bin") ? call.metadata.binaries(key) : call.metadata.texts(key).map { Array($0.utf8) }
        guard values.indices.contains(index) else { return nil }
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, values[index].count))
        _ = bytes.initialize(from: values[index])
        lent.append(bytes)
        return UnsafeBufferPointer(rebasing: bytes[..<values[index].count])
    }

    func answer(error: CallError?, message: OpaquePointer?) {
        isAnswered = true
        if let error {
            call.fail(GRPCStatus(error))
        } else if !verb.isRequest {
            call.respond(ByteBuffer())  // google.protobuf.Empty
        } else if let message {
            call.respond(Message.lent(message) { $0.sharedConnectionBytes }.payload)
        }
    }
}

extension GRPCStatus {
    /// The status that a peer is told. The text names the element that began the error.
    package init(_ error: CallError) {
        self.init(Code(rawValue: Int(error.code)) ?? .unknown, error.description)
    }
}

extension SharedBytes {
    /// These bytes for the wire, which takes them from where they lie.
    var payload: GRPCPayload { unsafe GRPCPayload(owner: owner, bytes: bytes) }
}
