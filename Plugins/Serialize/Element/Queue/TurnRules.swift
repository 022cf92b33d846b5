// SPDX-License-Identifier: Apache-2.0
// What a queue goes by, as far as an operator may choose. Not part of the queue, of which there is one for each connection.

/// The rules of all queues of an element.
struct TurnRules: Sendable {
    /// Most Requests and jobs that wait.
    var limit = 128
    /// Whether the turn of an ended incarnation passes on through the loop, where another Request may begin first.
    var failsOnRace = false
    /// Whether a Close of what is not open goes on below.
    var forwardsUnknown = false
}
