// SPDX-License-Identifier: Apache-2.0
// Which end of its connections a bench's chain is. An anchor does more on the client side, as it has no caller that knows what
// came back.

/// Where the calls of a bench's chain come from.
public enum BenchSide: Sendable {
    /// From outside: the chain is served.
    case server
    /// From the chain itself, as in a chain that keeps connections of its own.
    case client
}
