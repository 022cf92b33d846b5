// SPDX-License-Identifier: Apache-2.0
// An element as a host sees it: the C table that the kit made, an instance, and hooks called through it. So a test of an
// element is a test of the kit's border too.
public import CatenaABI
public import CatenaElement

public struct TestProblem: Equatable, Error {
    public let pointer: String, message: String
    public init(_ pointer: String, _ message: String) { (self.pointer, self.message) = (pointer, message) }
}

/// An instance of a type, whoever made the type.
public class OpenedElement {
    public let type: UnsafePointer<catena_type>
    public let host: FakeHost
    private var instance: UnsafeMutableRawPointer?

    /// - Throws: the first problem that create told.
    public init(_ type: UnsafePointer<catena_type>, config: String = "{}", host: FakeHost = FakeHost()) throws {
        self.type = type
        self.host = host
        var made: UnsafeMutableRawPointer?
        let problems = Self.collect { sink in
            let offsets: [UInt32] = (0..<type.pointee.n_values).map { $0 * 256 }
            _ = Self.withView(config) { type.pointee.create(type.pointee.ctx, host.pointer, catena_str(), $0, offsets, &made, sink) }
        }.problems
        if let problem = problems.first { throw problem }
        instance = made
    }

    deinit { if let instance { type.pointee.destroy(instance) } }

    public static func schema(of type: UnsafePointer<catena_type>) -> String { type.pointee.config_schema.swift }

    public static func problems(of type: UnsafePointer<catena_type>, _ config: String) -> [TestProblem] {
        validate(type, config).problems
    }

    fileprivate static func validate(
        _ type: UnsafePointer<catena_type>, _ config: String
    ) -> (problems: [TestProblem], chains: [TestProblem]) {
        collect { sink in withView(config) { type.pointee.validate(type.pointee.ctx, $0, sink) } }
    }

    public func request(_ call: TestCall) -> FakeVerdict {
        // A hook may resume before it has said that it is pending.
        host.pending[call.hop.call] = call.message
        return said(type.pointee.request(instance, &call.hop), call)
    }

    public func close(_ call: TestCall) -> FakeVerdict {
        host.pending[call.hop.call] = call.message
        return said(type.pointee.close(instance, &call.hop), call)
    }

    /// Starts or stops the instance, and waits for its one answer.
    public func start() async -> FakeError? { await answer(type.pointee.start) }
    public func stop() async -> FakeError? { await answer(type.pointee.stop) }

    private func answer(
        _ hook: (@convention(c) (UnsafeMutableRawPointer?, catena_finished?, UnsafeMutableRawPointer?) -> Void)?
    ) async -> FakeError? {
        await withCheckedContinuation { continuation in
            let waiting = Unmanaged.passRetained(Answering(continuation))
            hook?(instance, { Unmanaged<Answering>.fromOpaque($0!).takeRetainedValue().done($1) }, waiting.toOpaque())
        }
    }

    public func cancel(_ call: TestCall) { type.pointee.cancel(instance, &call.hop) }
    public func dropCall(_ call: TestCall) { type.pointee.call_dropped?(instance, call.slot.bytes) }
    public func dropConnection(_ number: UInt64, _ slot: Memory, why: UInt32) {
        type.pointee.conn_dropped?(instance, number, slot.bytes, why)
    }

    public func requestReply(_ call: TestCall, below: FakeError? = nil) -> FakeVerdict {
        guard let below else { return said(type.pointee.request_reply(instance, &call.hop, nil), call) }
        return below.withC { said(type.pointee.request_reply(instance, &call.hop, $0), call) }
    }

    public func closeReply(_ call: TestCall, below: FakeError? = nil) -> FakeVerdict {
        guard let below else { return said(type.pointee.close_reply(instance, &call.hop, nil), call) }
        return below.withC { said(type.pointee.close_reply(instance, &call.hop, $0), call) }
    }

    private func said(_ verdict: catena_verdict, _ call: TestCall) -> FakeVerdict {
        if verdict != CATENA_PENDING { host.pending[call.hop.call] = nil }
        return FakeVerdict(verdict, host.errors[call.hop.call])
    }

    private static func withView<R>(_ text: String, _ body: (catena_view) -> R) -> R {
        Array(text.utf8).withUnsafeBufferPointer { body(catena_view(ptr: $0.baseAddress, len: $0.count)) }
    }

    private static func collect(_ body: (UnsafePointer<catena_sink>) -> Void) -> (problems: [TestProblem], chains: [TestProblem]) {
        let found = Found()
        var sink = catena_sink()
        sink.struct_size = UInt32(MemoryLayout<catena_sink>.size)
        sink.ctx = Unmanaged.passUnretained(found).toOpaque()
        sink.problem = { context, _, pointer, message in
            Found.at(context).problems.append(TestProblem(pointer.swift, message.swift))
        }
        sink.uses_chain = { context, pointer, chain, _ in
            Found.at(context).chains.append(TestProblem(pointer.swift, chain.swift))
        }
        body(&sink)
        return (found.problems, found.chains)
    }
}

/// An element of the kit, with the table that the kit makes of it.
public final class TestElement<E: ChainElement>: OpenedElement {
    /// - Throws: the first problem that create told.
    public init(_ element: E.Type, config: String = "{}", host: FakeHost = FakeHost()) throws {
        try super.init(Self.table(), config: config, host: host)
    }

    public static func validate(_ config: String) -> (problems: [TestProblem], chains: [TestProblem]) { validate(table(), config) }

    /// What the type's table says of its config.
    public static var schema: String { schema(of: table()) }

    private static func table() -> UnsafePointer<catena_type> {
        var offer = catena_offer(struct_size: UInt32(MemoryLayout<catena_offer>.size), minor_min: 0, minor_max: 0, reserved: 0)
        return Module("test", version: "0", types: [E.self]).answer(&offer, nil, 0)!.pointee.types[0]!
    }
}

/// Whoever waits for an instance to start.
private final class Answering {
    private let continuation: CheckedContinuation<FakeError?, Never>
    init(_ continuation: CheckedContinuation<FakeError?, Never>) { self.continuation = continuation }
    func done(_ error: UnsafePointer<catena_error>?) { continuation.resume(returning: error.map { FakeError($0) }) }
}

/// What a sink was told.
private final class Found {
    var problems: [TestProblem] = []
    var chains: [TestProblem] = []

    static func at(_ context: UnsafeMutableRawPointer?) -> Found {
        Unmanaged<Found>.fromOpaque(context!).takeUnretainedValue()
    }
}
