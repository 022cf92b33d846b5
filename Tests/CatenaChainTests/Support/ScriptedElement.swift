// SPDX-License-Identifier: Apache-2.0
// An element type made of a script. The C table has only non-capturing closures; they find the script through `ctx` and `self`,
// as a module written in C would.

import CatenaABI
import Foundation
import Synchronization

@testable import CatenaChain

/// An element type with its script. Stands in a chain under its own name.
final class ScriptedElement: @unchecked Sendable {  // written before the bench is made; `scripts` and `made` under their locks
    struct Value {
        var key: String
        var flags: UInt32
        var size: UInt32 = 8
        var align: UInt32 = 8
    }

    let name: String
    var flags: UInt32 = 0
    var callSlot: UInt32 = 0
    var connSlot: UInt32 = 0
    var values: [Value] = []
    /// Chains it says it uses.
    var uses: [String] = []
    var onFault = FaultPolicy.fail
    /// It serves the chain's monitor, with this queue.
    var serves: UInt32?
    /// What validate reports.
    var problems: [(severity: UInt32, pointer: String, message: String)] = []
    /// What create answers; something else than OK comes with a problem of this text.
    var createFailure: (status: catena_status, text: String)?
    var hooks: Set<Hook>
    /// The queue of an anchor.
    let queue: ScriptedAnchor?
    /// Decides instead of a script, with no lock and no journal: for tests in which threads race.
    var rule: (@Sendable (Hook, ScriptedInstance, catena_hop, _ failed: Bool) -> Act)?
    var slotDropped: (@Sendable (UnsafeMutableRawPointer) -> Void)?
    /// Decides instead of a script, and is told of every last touch too: for tests that judge each of them.
    var judge: (any Judge)?
    private let scripts: Mutex<[Hook: [Act]]>
    private let made = Mutex<[ScriptedInstance]>([])
    /// Set by the bench.
    var journal = Journal()
    var deferred = Deferred()

    init(_ name: String, hooks: Set<Hook> = [.request, .requestReply, .close, .closeReply], queue: ScriptedAnchor? = nil, _ scripts: [Hook: [Act]] = [:]) {
        self.name = name
        self.hooks = hooks.union(scripts.keys)
        self.queue = queue
        self.scripts = Mutex(scripts)
    }

    /// An anchor that behaves like serialize.
    static func anchor(_ name: String = "s", _ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        let element = ScriptedElement(name, hooks: [.request, .requestReply, .close, .closeReply, .cancel, .connDropped], queue: ScriptedAnchor(), scripts)
        element.flags = CATENA_TYPE_ANCHOR
        element.connSlot = 16
        return element
    }

    /// The same, which provides the executor.
    static func anchorWithExecutor(_ name: String = "s", _ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        let element = anchor(name, scripts)
        element.values = [Value(key: CATENA_KEY_EXECUTOR, flags: CATENA_VALUE_PROVIDES | CATENA_VALUE_KEPT)]
        return element
    }

    /// An element that uses it.
    static func firing(_ name: String, hooks: Set<Hook> = [.request, .requestReply, .close, .closeReply], _ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        let element = ScriptedElement(name, hooks: hooks, scripts)
        element.values = [Value(key: CATENA_KEY_EXECUTOR, flags: CATENA_VALUE_CONSUMES)]
        return element
    }

    /// Changes what comes next.
    func set(_ hook: Hook, _ acts: Act...) { scripts.withLock { $0[hook] = acts } }

    /// The one instance of it.
    var instance: ScriptedInstance { made.withLock { $0[0] } }
    var instances: [ScriptedInstance] { made.withLock { $0 } }

    /// The engine is gone.
    func forget() {
        made.withLock { $0 = [] }
        queue?.executor.forget()
        judge = nil
    }

    fileprivate func add(_ instance: ScriptedInstance) { made.withLock { $0.append(instance) } }

    /// What the script says for this time.
    func act(_ hook: Hook) -> Act {
        scripts.withLock { scripts in
            guard let acts = scripts[hook], let first = acts.first else { return .next }
            if acts.count > 1 { scripts[hook]?.removeFirst() }
            return first
        }
    }

    // MARK: The C table

    private var texts: [UnsafeMutablePointer<CChar>] = []
    private var table: UnsafeMutablePointer<catena_type>?
    private var declarations: UnsafeMutablePointer<catena_value_decl>?

    deinit {
        for text in texts { free(text) }
        table?.deallocate()
        declarations?.deallocate()
    }

    private func keep(_ text: String) -> catena_str {
        guard let copy = strdup(text) else { return catena_str() }
        texts.append(copy)
        return catena_str(ptr: copy, len: strlen(copy))
    }

    /// The table that a module would offer.
    func makeTable() -> UnsafePointer<catena_type> {
        if let table { return UnsafePointer(table) }
        var type = catena_type()
        type.struct_size = UInt32(MemoryLayout<catena_type>.size)
        type.flags = flags
        type.id = keep(name)
        type.version = keep("1.0")
        type.ctx = Unmanaged.passUnretained(self).toOpaque()
        type.call_slot_size = callSlot
        type.conn_slot_size = connSlot
        let declarations = UnsafeMutablePointer<catena_value_decl>.allocate(capacity: max(1, values.count))
        for (index, value) in values.enumerated() {
            (declarations + index).initialize(
                to: catena_value_decl(
                    struct_size: UInt32(MemoryLayout<catena_value_decl>.size), flags: value.flags, key: keep(value.key), size: value.size,
                    align: value.align))
        }
        self.declarations = declarations
        type.values = UnsafePointer(declarations)
        type.n_values = UInt32(values.count)
        setLife(&type)
        setHooks(&type)
        let table = UnsafeMutablePointer<catena_type>.allocate(capacity: 1)
        table.initialize(to: type)
        self.table = table
        return UnsafePointer(table)
    }

    func spec() throws -> ElementSpec { ElementSpec(name: name, type: try ElementType(checking: makeTable()), onFault: onFault) }

    private func setLife(_ type: inout catena_type) {
        type.validate = { context, _, sink in
            guard let element = ScriptedElement.of(context), let sink = sink?.pointee else { return }
            for problem in element.problems {
                catena_str.with(problem.pointer) { pointer in
                    catena_str.with(problem.message) { sink.problem(sink.ctx, problem.severity, pointer, $0) }
                }
            }
            for (index, chain) in element.uses.enumerated() {
                catena_str.with("/uses/\(index)") { pointer in
                    catena_str.with(chain) { sink.uses_chain(sink.ctx, pointer, $0, CATENA_USE_CLIENT) }
                }
            }
        }
        type.create = { context, host, path, _, offsets, me, sink in
            guard let element = ScriptedElement.of(context), let host, let sink = sink?.pointee else { return CATENA_INTERNAL }
            if let failure = element.createFailure {
                catena_str.with(failure.text) { sink.problem(sink.ctx, CATENA_SEVERITY_ERROR, catena_str(), $0) }
                return failure.status
            }
            let offsets = element.values.indices.map { Int(offsets?[$0] ?? 0) }
            let instance = ScriptedInstance(element: element, path: String(path), host: host, offsets: offsets)
            if let queue = element.serves { instance.serve(queue) }
            element.add(instance)
            me?.pointee = Unmanaged.passUnretained(instance).toOpaque()
            return CATENA_OK
        }
        type.start = hooks.contains(.start) ? { ScriptedInstance.of($0)?.live(.start, $1, $2) } : nil
        type.stop = hooks.contains(.stop) ? { ScriptedInstance.of($0)?.live(.stop, $1, $2) } : nil
        type.destroy = hooks.contains(.destroy) ? { ScriptedInstance.of($0)?.note(.destroy) } : nil
    }

    private func setHooks(_ type: inout catena_type) {
        if hooks.contains(.request) { type.request = { ScriptedInstance.of($0)?.run(.request, $1, nil) ?? CATENA_NEXT } }
        if hooks.contains(.requestReply) { type.request_reply = { ScriptedInstance.of($0)?.run(.requestReply, $1, $2) ?? CATENA_NEXT } }
        if hooks.contains(.close) { type.close = { ScriptedInstance.of($0)?.run(.close, $1, nil) ?? CATENA_NEXT } }
        if hooks.contains(.closeReply) { type.close_reply = { ScriptedInstance.of($0)?.run(.closeReply, $1, $2) ?? CATENA_NEXT } }
        if hooks.contains(.cancel) { type.cancel = { _ = ScriptedInstance.of($0)?.run(.cancel, $1, nil) } }
        if hooks.contains(.callDropped) {
            type.call_dropped = { me, slot in
                guard let instance = ScriptedInstance.of(me) else { return }
                guard let judge = instance.element.judge else { return instance.note(.callDropped) }
                judge.callDropped(instance, slot)
            }
        }
        if hooks.contains(.connDropped) {
            type.conn_dropped = { me, number, slot, reason in
                guard let instance = ScriptedInstance.of(me) else { return }
                if let judge = instance.element.judge { return judge.connDropped(instance, number, slot, reason) }
                instance.element.queue?.dropped(slot)
                if let slot { instance.element.slotDropped?(slot) }
                if instance.element.queue == nil, instance.element.rule == nil { instance.note(.connDropped, Name.of(reason: reason)) }
            }
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> ScriptedElement? {
        context.map { Unmanaged<ScriptedElement>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// Sees every touch of an element, and says what its hooks answer.
protocol Judge: AnyObject {
    func hook(
        _ hook: Hook, _ instance: ScriptedInstance, _ hop: UnsafePointer<catena_hop>, _ below: UnsafePointer<catena_error>?
    ) -> catena_verdict
    func callDropped(_ instance: ScriptedInstance, _ slot: UnsafeMutableRawPointer?)
    func connDropped(
        _ instance: ScriptedInstance, _ number: catena_conn, _ slot: UnsafeMutableRawPointer?, _ reason: catena_reason)
}

/// Work that the bench does when all loops are idle, and threads it waits for.
final class Deferred: Sendable {
    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let threads = DispatchGroup()

    func add(_ job: @escaping @Sendable () -> Void) { jobs.withLock { $0.append(job) } }

    func onThread(_ job: @escaping @Sendable () -> Void) {
        threads.enter()
        Thread { [threads] in
            job()
            threads.leave()
        }.start()
    }

    /// Waits for the threads, and takes the next job.
    func next() -> (@Sendable () -> Void)? {
        threads.wait()
        return jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
