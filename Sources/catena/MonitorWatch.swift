// SPDX-License-Identifier: Apache-2.0
// The stream behind `catena monitor`, again and again. Events are printed where they arrive: a terminal that is slow makes the server
// wait, and not this process grow.

import ArgumentParser
import CatenaGRPC
import CatenaNSM
import NIOCore
import NIOPosix
import Synchronization

/// A subscription that is opened again when it was lost.
struct MonitorWatch: Sendable {
    /// Between two attempts.
    private static let pause = Duration.seconds(1)
    /// What a server will say the next time too.
    private static let final: Set<GRPCStatus.Code> = [.unimplemented, .invalidArgument, .permissionDenied, .unauthenticated]

    let target: GRPCAddress
    let selector: [UInt8]
    let isJSON: Bool

    /// How one stream came to its end.
    private enum End: Sendable {
        case lost(GRPCStatus)
        /// Standard output takes nothing more.
        case unwritten(ExitCode)
    }

    /// Prints until nothing more can be printed, the server refuses for good, or the task is cancelled.
    ///
    /// - Returns: the exit status.
    func run(once: Bool) async -> ExitCode {
        let client = GRPCClient(target: target, on: MultiThreadedEventLoopGroup.singleton.any())
        return await withTaskCancellationHandler {
            defer { client.shutdown() }
            return await repeatedly(client, once: once)
        } onCancel: {
            client.shutdown()
        }
    }

    private func repeatedly(_ client: GRPCClient, once: Bool) async -> ExitCode {
        var said: GRPCStatus?
        while true {
            let held = Held()
            let end = await stream(over: client, held)
            if Task.isCancelled { return .success }
            switch end {
            case .unwritten(let code): return code
            case .lost(let status):
                let isFinal = once || Self.final.contains(status.code)
                // While the server is away it is said once.
                if isFinal || held.isOpen || said != status {
                    CommandOutput.note("catena: \(isFinal ? "error: " : "")\(status)\(isFinal ? "" : "; trying again")")
                }
                if isFinal { return ExitCode(1) }
                said = status
            }
            do { try await Task.sleep(for: Self.pause) } catch { return .success }
        }
    }

    private func stream(over client: GRPCClient, _ held: Held) async -> End {
        do {
            // Now, however long the client would wait after the last failure.
            try await client.connect().get()
        } catch {
            return .lost(error as? GRPCStatus ?? GRPCStatus(.unavailable, "\(error)"))
        }
        return await withCheckedContinuation { continuation in
            let call = client.stream(
                MethodPath.monitorConnections,
                events: ClientStreamEvents(
                    onMessage: { payload in held.got(print(payload)) }, onEnd: { continuation.resume(returning: held.end($0)) }))
            held.begun(call)
            call.send(ByteBuffer(bytes: selector))
            call.finishSending()
        }
    }

    /// - Returns: why that is not possible; nil: it was printed.
    private func print(_ payload: ByteBuffer) -> ExitCode? {
        do {
            let event = try MonitorEventText(Array(payload.readableBytesView))
            try CommandOutput.data(isJSON ? event.json : event.text)
            return nil
        } catch let code as ExitCode {
            return code
        } catch {
            CommandOutput.note("catena: error: \(target) has sent what is no ConnectionEvent: \(error)")
            return ExitCode(1)
        }
    }

    /// A call, whether anything came of it, and why it was given up.
    private final class Held: Sendable {
        private struct State {
            var call: ClientStreamCall?
            var isOpen = false
            var code: ExitCode?
        }

        private let state = Mutex(State())

        /// An event has come.
        var isOpen: Bool { state.withLock { $0.isOpen } }

        func begun(_ call: ClientStreamCall) { state.withLock { $0.call = call } }

        /// - Parameter failure: why the event could not be printed; nil: it was.
        func got(_ failure: ExitCode?) {
            let call = state.withLock { state -> ClientStreamCall? in
                state.isOpen = true
                guard let failure, state.code == nil else { return nil }
                state.code = failure
                return state.call
            }
            call?.cancel()
        }

        func end(_ result: Result<GRPCMetadata, GRPCCallError>) -> End {
            if let code = state.withLock({ $0.code }) { return .unwritten(code) }
            switch result {
            case .success: return .lost(GRPCStatus(.unavailable, "the server has ended the stream"))
            case .failure(let error): return .lost(error.status)
            }
        }
    }
}
