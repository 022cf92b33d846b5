// SPDX-License-Identifier: Apache-2.0
// One instance of a scripted element: what its hooks have to do, and the host services in reach of a test.

import CatenaABI
import Synchronization

@testable import CatenaChain

final class ScriptedInstance: @unchecked Sendable {  // immutable but for what is in a Mutex
    let element: ScriptedElement
    let path: String
    let host: UnsafePointer<catena_host>
    /// Where its values stand, in the order of the declarations.
    let offsets: [Int]
    let connections: catena_connection_api
    let calls: catena_call_api
    let timers: catena_timer_api
    let chains: catena_chain_api
    let clients: catena_client_api
    let messages: catena_message_api
    let anchors: catena_anchor_api
    let monitors: catena_monitor_api
    private let heldTickets = Mutex<[catena_call]>([])
    private let seen = Mutex<[catena_call]>([])

    init(element: ScriptedElement, path: String, host: UnsafePointer<catena_host>, offsets: [Int]) {
        self.element = element
        self.path = path
        self.host = host
        self.offsets = offsets
        connections = ScriptedInstance.service("connection/1", host)
        calls = ScriptedInstance.service("call/1", host)
        timers = ScriptedInstance.service("timer/1", host)
        chains = ScriptedInstance.service("chain/1", host)
        clients = ScriptedInstance.service("client/1", host)
        messages = ScriptedInstance.service("message/1", host)
        anchors = ScriptedInstance.service("anchor/1", host)
        monitors = ScriptedInstance.service("monitor/1", host)
    }

    private static func service<Table>(_ id: String, _ host: UnsafePointer<catena_host>) -> Table {
        guard let table = host.pointee.service(host, id) else { fatalError("no service \(id)") }
        return table.assumingMemoryBound(to: Table.self).pointee
    }

    static func of(_ me: UnsafeMutableRawPointer?) -> ScriptedInstance? {
        me.map { Unmanaged<ScriptedInstance>.fromOpaque($0).takeUnretainedValue() }
    }

    var name: String { element.name }
    func note(_ hook: Hook, _ more: String = "") { record("\(name).\(hook.rawValue)\(more.isEmpty ? "" : " \(more)")") }
    func record(_ line: String) { element.journal.record(line) }

    // MARK: Hooks

    func run(_ hook: Hook, _ pointer: UnsafePointer<catena_hop>?, _ below: UnsafePointer<catena_error>?) -> catena_verdict {
        if let judge = element.judge, let pointer { return judge.hook(hook, self, pointer, below) }
        guard let hop = pointer?.pointee else { return CATENA_NEXT }
        if let rule = element.rule { return perform(rule(hook, self, hop, below != nil), hop) }
        return element.journal.inHook("\(name).\(hook.rawValue)") {
            seen.withLock { $0.append(hop.call) }
            var act = element.act(hook)
            if case .run(let body) = act { act = body(self, hop) }
            if case .next = act, let queue = element.queue { act = queue.run(hook, self, hop, failed: below != nil) }
            var line = "\(name).\(hook.rawValue)"
            if let below { line += " \(Name.of(status: below.pointee.code))" }
            if hook == .close || hook == .closeReply, hop.reason != CATENA_CALLER { line += " \(Name.of(reason: hop.reason))" }
            record(line + act.mark)
            return perform(act, hop)
        }
    }

    private func perform(_ act: Act, _ hop: catena_hop) -> catena_verdict {
        let ticket = hop.call
        switch act {
        case .next, .run: return CATENA_NEXT
        case .done: return CATENA_DONE
        case .again: return CATENA_AGAIN
        case .verdict(let number): return number
        case .failSilently: return CATENA_FAIL
        case .fail(let code, let text):
            ScriptedInstance.withError(code, text) { host.pointee.set_error(host, ticket, $0) }
            return CATENA_FAIL
        case .before(let answer): resume(ticket, answer)
        case .later(let answer): element.deferred.add { self.resume(ticket, answer) }
        case .thread(let answer): element.deferred.onThread { self.resume(ticket, answer) }
        case .held: heldTickets.withLock { $0.append(ticket) }
        case .queued: break
        }
        return CATENA_PENDING
    }

    /// A start or a stop: done at once, with an error for `fail`.
    func live(_ hook: Hook, _ done: catena_finished?, _ context: UnsafeMutableRawPointer?) {
        let act = element.act(hook)
        record("\(name).\(hook.rawValue)\(act.mark)")
        guard case .fail(let code, let text) = act else {
            done?(context, nil)
            return
        }
        ScriptedInstance.withError(code, text) { done?(context, $0) }
    }

    // MARK: The host

    /// Tickets of hooks that are held, oldest first.
    var held: [catena_call] { heldTickets.withLock { $0 } }
    /// Tickets of all hooks so far.
    var tickets: [catena_call] { seen.withLock { $0 } }

    /// Answers the hook that has been held longest.
    @discardableResult
    func release(_ answer: Act = .next) -> catena_status {
        let ticket = heldTickets.withLock { $0.isEmpty ? 0 : $0.removeFirst() }
        return resume(ticket, answer)
    }

    @discardableResult
    func resume(_ ticket: catena_call, _ answer: Act) -> catena_status {
        switch answer {
        case .done: host.pointee.resume(host, ticket, CATENA_DONE, nil)
        case .again: host.pointee.resume(host, ticket, CATENA_AGAIN, nil)
        case .verdict(let number): host.pointee.resume(host, ticket, number, nil)
        case .fail(let code, let text):
            ScriptedInstance.withError(code, text) { host.pointee.resume(host, ticket, CATENA_FAIL, $0) }
        default: host.pointee.resume(host, ticket, CATENA_NEXT, nil)
        }
    }

    static func withError<Result>(
        _ code: catena_status, _ text: String, flags: UInt32 = 0, _ body: (UnsafePointer<catena_error>) -> Result
    ) -> Result {
        catena_str.with(text) { text in
            var error = catena_error()
            error.struct_size = UInt32(MemoryLayout<catena_error>.size)
            error.flags = flags
            error.code = code
            error.text = text
            return body(&error)
        }
    }

    /// Starts an event; its end is recorded as `<name>.done <status>`.
    func start(
        _ conn: catena_conn, _ verb: Verb, from: UInt32 = CATENA_FROM_ANCHOR, reason: catena_reason = CATENA_EVENT,
        message: OpaquePointer? = nil, deadline: UInt64 = 0
    ) -> catena_op {
        var what = catena_start()
        what.struct_size = UInt32(MemoryLayout<catena_start>.size)
        what.verb = verb.rawValue
        what.from = from
        what.reason = reason
        what.deadline_ns = deadline
        what.message = message
        return connections.start(host, conn, &what, { argument, _, error, message in
            guard let instance = ScriptedInstance.of(argument) else { return }
            let text = message.flatMap { TestMessage.of($0)?.text(CATENA_F_CONNECTION) }.map { " \($0)" } ?? ""
            instance.record("\(instance.name).done \(error.map { Name.of(status: $0.pointee.code) } ?? "OK")\(text)")
        }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Makes the chain serve its monitor; the answer is recorded as `<name>.serve <status>`.
    func serve(_ queue: UInt32) { record("\(name).serve \(Name.of(status: monitors.serve(host, queue)))") }

    /// Publishes the call's connection.
    @discardableResult
    func publish(_ event: UInt32, _ hop: catena_hop) -> catena_status { monitors.publish(host, hop.conn, event, hop.message) }

    /// The executor of a call, where the element's first value is that.
    func executor(_ hop: catena_hop) -> UnsafePointer<catena_executor>? {
        hop.values.load(fromByteOffset: offsets[0], as: UnsafePointer<catena_executor>?.self)
    }

    /// Runs a job of the executor; a refusal is recorded as `<name>.refused <text>`.
    @discardableResult
    func exec(_ executor: UnsafePointer<catena_executor>, _ conn: catena_conn, _ body: @escaping (catena_job) -> Void) -> catena_status {
        let box = Unmanaged.passRetained(JobBody(self, body))
        return executor.pointee.async_exec(executor.pointee.ctx, host, conn, { argument, job, refused in
            guard let argument else { return }
            let box = Unmanaged<JobBody>.fromOpaque(argument).takeRetainedValue()
            if let refused { return box.instance.record("\(box.instance.name).refused \(Name.of(status: refused.pointee.code)) \(String(refused.pointee.text))") }
            box.instance.record("\(box.instance.name).job")
            box.body(job)
        }, box.toOpaque())
    }

    private final class JobBody {
        let instance: ScriptedInstance
        let body: (catena_job) -> Void
        init(_ instance: ScriptedInstance, _ body: @escaping (catena_job) -> Void) {
            self.instance = instance
            self.body = body
        }
    }

    func value(_ index: Int, _ hop: catena_hop) -> UnsafeMutablePointer<UInt64> {
        (hop.values + offsets[index]).assumingMemoryBound(to: UInt64.self)
    }
}
