// SPDX-License-Identifier: Apache-2.0
// One element of one chain, made and alive. The C host table that the element holds lives inside it, so a service called with
// that table knows at once who is asking.

internal import CatenaABI
internal import Synchronization

/// An element instance.
///
/// Written while chains are linked, on one thread; after that only its atomics change.
final class Instance: @unchecked Sendable {  // see the sentence above; `me` is the element's own, used by its own rules
    let type: ElementType
    /// `forwarder/connect`: the chain, and where in it.
    let path: String
    /// Number of the instance in the engine, for counters.
    let number: Int
    /// Owns this object through its chains, and outlives its use.
    unowned(unsafe) let engine: Engine
    /// Its chain and position, set when the chain is linked.
    private(set) unowned(unsafe) var chain: LinkedChain
    let position: Int
    /// The client chains it uses, in the order of its `uses_chain`.
    var uses: [LinkedChain] = []
    private(set) var me: UnsafeMutableRawPointer?
    /// The most detailed level it writes: CATENA_LOG_...
    let level = Atomic<UInt32>(CATENA_LOG_INFO)
    /// What is said when its code crashes.
    let sites: ElementSites
    let onFault: FaultPolicy
    /// How often it broke a rule.
    let faults = Atomic<UInt64>(0)
    /// Answers that it still owes after it was written off.
    let owes = Atomic<Int>(0)
    private let disabledFor = Mutex<String?>(nil)
    private let disabled = Atomic<Bool>(false)
    /// It was taken out, and is not called any more.
    var isDisabled: Bool { disabled.load(ordering: .relaxed) }
    /// What it did to be taken out.
    var brokenRule: String { disabledFor.withLock { $0 } ?? "" }

    /// The table that the element was created with. Lives as long as this object.
    let host: UnsafeMutablePointer<catena_host>
    private let pathBytes: UnsafeMutableBufferPointer<CChar>
    private(set) var isCreated = false

    init(
        type: ElementType, path: String, onFault: FaultPolicy, number: Int, position: Int, chain: LinkedChain, engine: Engine
    ) {
        self.type = type
        self.path = path
        self.onFault = onFault
        sites = ElementSites(path: path, module: type.module)
        self.number = number
        self.position = position
        self.chain = chain
        self.engine = engine
        pathBytes = .allocate(capacity: path.utf8.count)
        _ = pathBytes.initialize(from: path.utf8.map { CChar(bitPattern: $0) })
        host = .allocate(capacity: 1)
        host.initialize(to: HostTable.empty)
        host.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        sites.deallocate()
        host.deallocate()
        pathBytes.deallocate()
    }

    /// Who holds this table.
    static func of(_ host: UnsafePointer<catena_host>?) -> Instance? {
        guard let context = host?.pointee.ctx else { return nil }
        return Unmanaged<Instance>.fromOpaque(context).takeUnretainedValue()
    }

    /// Runs `body` with who holds this table; nil: nobody does. The element calls with it, so the engine keeps the instance meanwhile.
    @inline(__always)
    static func with<Result>(_ host: UnsafePointer<catena_host>?, _ body: (Instance) -> Result?) -> Result? {
        guard let context = host?.pointee.ctx else { return nil }
        return Unmanaged<Instance>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
    }

    /// Runs `body` with the engine, which keeps its instances; no reference is counted.
    @inline(__always)
    func withEngine<Result>(_ body: (Engine) -> Result) -> Result { Unmanaged.passUnretained(engine)._withUnsafeGuaranteedRef(body) }

    /// Makes the element.
    func create(_ spec: ElementSpec, offsets: [UInt32], check: ElementCheck) -> Bool {
        guard let create = type.table.create else {
            isCreated = true
            return true
        }
        let status = check.withSink { sink in
            spec.config.withUnsafeBufferPointer { config in
                offsets.withUnsafeBufferPointer { offsets in
                    sites.run(.create) {
                        create(
                            type.table.ctx, host, catena_str(ptr: pathBytes.baseAddress, len: pathBytes.count),
                            catena_view(ptr: config.baseAddress, len: config.count), offsets.baseAddress, &me, sink)
                    }
                }
            }
        }
        isCreated = status == CATENA_OK
        return isCreated
    }

    func destroy() {
        guard isCreated else { return }
        isCreated = false
        // It may still be at work on another thread.
        guard owes.load(ordering: .acquiring) == 0 else { return }
        sites.run(.destroy) { type.table.destroy?(me) }
    }

    /// Takes it out of use.
    ///
    /// - Returns: false if that was done before.
    func disable(_ rule: String) -> Bool {
        disabledFor.withLock { $0 = $0 ?? rule }
        return !disabled.exchange(true, ordering: .releasing)
    }

    /// Starts the element and calls `done` once, from any thread.
    func start(_ done: @escaping @Sendable (CallError?) -> Void) {
        guard let start = type.table.start else { return done(nil) }
        run(start, .start, done)
    }

    /// Stops the element and calls `done` once, from any thread.
    func stop(_ done: @escaping @Sendable (CallError?) -> Void) {
        guard let stop = type.table.stop else { return done(nil) }
        run(stop, .stop, done)
    }

    private typealias Phase = @convention(c) (UnsafeMutableRawPointer?, catena_finished?, UnsafeMutableRawPointer?) -> Void

    private func run(_ phase: Phase, _ function: ElementSites.Function, _ done: @escaping @Sendable (CallError?) -> Void) {
        let completion = Completion(path: path, done)
        sites.run(function) {
            phase(
                me,
                { context, error in
                    guard let context else { return }
                    Unmanaged<Completion>.fromOpaque(context).takeRetainedValue().finish(error)
                }, Unmanaged.passRetained(completion).toOpaque())
        }
    }

    private final class Completion: Sendable {
        private let path: String
        private let done: @Sendable (CallError?) -> Void

        init(path: String, _ done: @escaping @Sendable (CallError?) -> Void) {
            self.path = path
            self.done = done
        }

        func finish(_ error: UnsafePointer<catena_error>?) {
            done(error.map { CallError(copying: $0, defaultOrigin: path) })
        }
    }
}
