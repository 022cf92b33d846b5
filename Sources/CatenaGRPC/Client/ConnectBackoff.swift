// SPDX-License-Identifier: Apache-2.0
// When a client that cannot connect may try again. Calls that wait until it can follow a growing pause, so that a dead server is left
// in peace; a call that does not wait may try for itself, but no sooner than the first pause after the attempt before.
internal import NIOCore

/// The memory of failed attempts to connect.
struct ConnectBackoff {
    private let configuration: GRPCBackoff
    /// Connections in a row that ended before they were of use; more than this many count as a failure.
    private static let uselessAllowed = 5

    private var pause: TimeAmount
    private var useless = 0
    private var begun = NIODeadline.uptimeNanoseconds(0)
    /// Why the last attempt failed; nil when it did not.
    private(set) var failure: GRPCStatus?
    /// When the next attempt is made for calls that wait; past when there is nothing to wait for.
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
        lengthenPause()
    }

    /// A connection was made, and ended before it carried a call. Its calls may wait for the next, but not for ever.
    mutating func wasUseless(_ status: GRPCStatus) {
        useless += 1
        failure = useless > Self.uselessAllowed ? status : nil
        lengthenPause()
    }

    private mutating func lengthenPause() {
        next = begun + pause.jittered(by: configuration.jitter)
        let longer = Double(pause.nanoseconds) * configuration.factor
        pause = .nanoseconds(Int64(min(longer, Double(configuration.maximum.nanoseconds))))
    }

    /// A connection has served its purpose; what came before is forgotten.
    mutating func succeeded() {
        failure = nil
        useless = 0
        pause = configuration.initial
        next = begun
    }

    /// When a call that does not wait may try for itself; at once if that has passed.
    var nextForced: NIODeadline { begun + configuration.initial }
}
