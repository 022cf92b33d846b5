// SPDX-License-Identifier: Apache-2.0
// An element whose hooks the test calls itself, one by one: for the orders of hooks that no engine would make, or not today.
// What an element promises in a chain is for ``ChainBench``.
public import CatenaABI
public import CatenaElement

/// An instance of an element without an engine.
///
///     let bench = try HookBench(ConnectElement.self, config: ["client": "out"])
///     let slot = HookSlot()
///     let first = bench.call(TestMessage(id: "id"), number: 1, connection: 9, slot: slot)
///     let second = bench.call(TestMessage(id: "id"), number: 2, connection: 9, slot: slot)
///     #expect(bench.request(first) == .pending)
///     #expect(bench.request(second) == .pending)    // the first one is still pending
///     bench.host.answerCall()
///     #expect(bench.host.answers == [.next])
///
/// The instance is destroyed with this object.
public final class HookBench {
    /// The table as the module made it.
    public let type: UnsafePointer<catena_type>
    /// What the element has asked of its host, and what the host will say.
    public let host: RecordingHost
    private let places: ValuePlaces
    private var instance: UnsafeMutableRawPointer?

    /// Makes an instance of a type of the kit.
    /// - Throws: ``BenchError`` of the module, or the first problem that create has told, as ``ConfigProblem``.
    public convenience init<Element: ChainElement>(
        _ element: Element.Type, _ form: ElementForm = .linked, config: ConfigText = .empty, host: RecordingHost = RecordingHost()
    ) throws {
        try self.init(ElementSource(element, form), config: config, host: host)
    }

    /// Makes an instance of any type.
    /// - Throws: the first problem that create has told, as ``ConfigProblem``.
    public init(_ source: ElementSource, config: ConfigText = .empty, host: RecordingHost = RecordingHost()) throws {
        type = source.type
        places = ValuePlaces(of: source.type)
        self.host = host
        let check = ConfigCheck(), type = type, places = places
        var made: UnsafeMutableRawPointer?
        let status = check.withSink { sink in
            catena_view.with(Array(config.json.utf8)) { config in
                type.pointee.create?(type.pointee.ctx, host.pointer, catena_str(), config, places.offsets, &made, sink) ?? CATENA_OK
            }
        }
        if let problem = check.problems.first { throw problem }
        guard status == CATENA_OK else { throw ConfigProblem("create answered \(status) and told no problem") }
        instance = made
    }

    deinit { type.pointee.destroy?(instance) }

    /// A call for this element.
    /// - Parameters:
    ///   - number: the ticket of its hooks. Calls that are pending at the same time have different ones.
    ///   - connection: 0: above the anchor.
    ///   - slot: the element's memory of the connection; nil: there is none.
    public func call(
        _ message: TestMessage = TestMessage(), number: UInt64 = 1, connection: UInt64 = 0, slot: HookSlot? = nil, flags: HopFlags = []
    ) -> HookCall {
        HookCall(
            message, number, connection, slot, flags, places, callSlotSize: Int(type.pointee.call_slot_size), host.ledger)
    }

    // MARK: Hooks. One that the element lacks answers as the host would: NEXT.

    /// The way in of a Request.
    public func request(_ call: HookCall) -> HookAnswer { said(call) { type.pointee.request?(instance, $0) } }

    /// The way out of a Request.
    /// - Parameter below: why the part below failed; nil: it has not.
    public func requestReply(_ call: HookCall, below: ElementError? = nil) -> HookAnswer {
        said(call) { hop in ElementError.lend(below) { type.pointee.request_reply?(instance, hop, $0) } }
    }

    /// The way in of a Close.
    public func close(_ call: HookCall) -> HookAnswer { said(call) { type.pointee.close?(instance, $0) } }

    /// The way out of a Close.
    public func closeReply(_ call: HookCall, below: ElementError? = nil) -> HookAnswer {
        said(call) { hop in ElementError.lend(below) { type.pointee.close_reply?(instance, hop, $0) } }
    }

    /// The verdict of a pending hook is not waited for any more.
    public func cancel(_ call: HookCall) { type.pointee.cancel?(instance, &call.hop) }

    /// The call ends.
    public func dropCall(_ call: HookCall) { type.pointee.call_dropped?(instance, call.callSlotMemory) }

    /// The connection ends.
    public func dropConnection(_ number: UInt64, _ slot: HookSlot, why: Reason) {
        type.pointee.conn_dropped?(instance, number, slot.memory, why.rawValue)
    }

    private func said(_ call: HookCall, _ hook: (UnsafePointer<catena_hop>) -> catena_verdict?) -> HookAnswer {
        // A hook may resume before it has said that it is pending.
        host.began(call)
        let verdict = hook(&call.hop) ?? CATENA_NEXT
        let answer = HookAnswer(verdict, host.takeError(call.number))
        if answer != .pending { host.end(call: call.number) }
        return answer
    }

    // MARK: Life

    /// Starts the instance, and waits for its one answer.
    /// - Returns: why it cannot work; nil: it can.
    public func start() async -> ElementError? { await answer(type.pointee.start) }

    /// Stops the instance, as ``start()``.
    public func stop() async -> ElementError? { await answer(type.pointee.stop) }

    private typealias Phase = @convention(c) (UnsafeMutableRawPointer?, catena_finished?, UnsafeMutableRawPointer?) -> Void

    private func answer(_ phase: Phase?) async -> ElementError? {
        guard let phase else { return nil }
        return await withCheckedContinuation { continuation in
            let waiting = Unmanaged.passRetained(Answering(continuation))
            phase(
                instance,
                { context, error in
                    guard let context else { return }
                    Unmanaged<Answering>.fromOpaque(context).takeRetainedValue().done(error.map { ElementError(copying: $0) })
                }, waiting.toOpaque())
        }
    }
}

/// Whoever waits for an instance to start.
private final class Answering {
    private let continuation: CheckedContinuation<ElementError?, Never>
    init(_ continuation: CheckedContinuation<ElementError?, Never>) { self.continuation = continuation }
    func done(_ error: ElementError?) { continuation.resume(returning: error) }
}
