// SPDX-License-Identifier: Apache-2.0
// A served chain of n equal elements, and calls through it on the calling thread.

import BenchmarkSupport
import CatenaABI
import CatenaChain

/// A chain to measure.
final class HopChain {
    private let engine: Engine
    private let chain: LinkedChain
    private let home: Home
    private let caller = NobodyWaits()

    init(_ type: ElementType, count: Int) {
        let elements = (0..<count).map { ElementSpec(name: "e\($0)", type: type) }
        let loop = ThisThread()
        do throws(LinkError) {
            engine = try Engine(
                [ChainSpec(name: "bench", isServed: true, elements: elements)], loops: [loop], messages: NoMessage.table,
                transports: NoTransports(), log: NoLog())
        } catch {
            fail("\(error.problems)")
        }
        guard let chain = engine.chain(named: "bench"), let home = engine.home(of: loop) else { fail("no chain") }
        self.chain = chain
        self.home = home
    }

    /// Nanoseconds for one call, on average over `calls`.
    func time(calls: Int) -> Double {
        let start = clock()
        for _ in 0..<calls {
            let message = OwnedMessage(takingOver: NoMessage.pointer, api: NoMessage.table)
            engine.begin(.request, on: chain, message: message, deadline: 0, caller: caller, home: home)
        }
        return Double(clock() - start) / Double(calls)
    }
}

/// The calling thread, as a loop: every call here ends before `begin` returns, so nothing is ever put off.
private final class ThisThread: ChainLoop {
    var isCurrent: Bool { true }
    func now() -> UInt64 { clock() }
    func execute(_ work: @escaping @Sendable () -> Void) { work() }
    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {}
}

/// Empty elements do not look at the message.
private enum NoMessage {
    nonisolated(unsafe) static let table: UnsafePointer<catena_message_api> = {
        let memory = UnsafeMutablePointer<catena_message_api>.allocate(capacity: 1)
        var api = catena_message_api()
        api.struct_size = UInt32(MemoryLayout<catena_message_api>.size)
        api.release = { _ in }
        api.clone = { _ in nil }  // no anchor here, so nothing is kept
        memory.initialize(to: api)
        return UnsafePointer(memory)
    }()

    nonisolated(unsafe) static let pointer = OpaquePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
}

private final class NobodyWaits: Caller {
    var peer: String { "" }
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }
    func answer(error: CallError?, message: OpaquePointer?) {}
}

private struct NoTransports: TransportFactory {
    func makeTransport(url: String, options: TransportOptions) -> (any Transport)? { nil }
}

private struct NoLog: LogSink {
    func write(_ level: LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {}
}
