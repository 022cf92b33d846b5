// SPDX-License-Identifier: Apache-2.0
// Signals as a sequence of values: who handles one runs in ordinary code, where anything may be called.

internal import Dispatch
internal import Glibc

/// Signals of this process.
public enum Signals {
    /// The signals that arrive from now on. Their default action is switched off until the process ends.
    public static func stream(_ numbers: [CInt]) -> AsyncStream<CInt> {
        AsyncStream { continuation in
            let queue = DispatchQueue(label: "catena.signals")
            // Written here once, and read by the termination handler after that.
            nonisolated(unsafe) let sources = numbers.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { @Sendable in continuation.yield(number) }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in
                for source in sources { source.cancel() }
            }
        }
    }
}
