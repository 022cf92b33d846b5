// SPDX-License-Identifier: Apache-2.0
// When a client that cannot connect may try again. Calls that wait until it can follow a growing pause, so that a dead server is left
// in peace; a call that does not wait may try for itself, but no sooner than the first pause after the attempt before.
internal import NIOCore

/// The memory of failed attempts to connect.
struct ConnectBackoff {
    private let configuration: GRPCBackoff
    private var pause: TimeAmount
    private var begun = NIODeadline.uptimeNanoseconds(0)
    /// Why the last attempt failed; nil when it did not.
    private(set) var failure: GRPCStatus?
    /// When the next attempt is made for calls that wait.
    private(set) var next = NIODeadline.uptimeNanoseconds(0)

    init(_ configuration: GRPCBackoff) {
        self.configuration = configuration
        pause = configuration.initial
    }

    mutating func attemptBegins() {
        begun = .now()
    }

    mutating func attemptFailed(_ status: GRPCStatus) {
        failure = status
        next = begun + pause.jittered(by: configuration.jitter)
        let longer = Double(pause.nanoseconds) * configuration.factor
        pause = .nanoseconds(Int64(min(longer, Double(configuration.maximum.nanoseconds))))
    }

    /// A connection has served its purpose; what came before is forgotten.
    mutating func succeeded() {
        failure = nil
        pause = configuration.initial
    }

    /// When a call that does not wait may try for itself; at once if that has passed.
    var nextForced: NIODeadline { begun + configuration.initial }
}
