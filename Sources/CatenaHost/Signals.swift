// SPDX-License-Identifier: Apache-2.0
// Signals as a sequence of values: who handles one runs in ordinary code, where anything may be called.

internal import Dispatch
internal import Glibc

/// Signals of this process.
public enum Signals {
    /// The signals that arrive from now on. Their default action is switched off until the process ends.
    ///
    /// - Parameter first: sees each signal before the stream does, on a thread that nobody else can hold up; true: the stream does
    ///   not get it.
    public static func stream(_ numbers: [CInt], first: @escaping @Sendable (CInt) -> Bool = { _ in false }) -> AsyncStream<CInt> {
        AsyncStream { continuation in
            let queue = DispatchQueue(label: "catena.signals")
            // Written here once, and read by the termination handler after that.
            nonisolated(unsafe) let sources = numbers.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { @Sendable in
                    if !first(number) { continuation.yield(number) }
                }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in
                for source in sources { source.cancel() }
            }
        }
    }

    /// Ends the process as the signal would have, had nobody listened to it: whoever waits for the process sees which one it was.
    public static func end(by number: CInt) -> Never {
        signal(number, SIG_DFL)
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, number)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        raise(number)
        _exit(128 + number)
    }
}
