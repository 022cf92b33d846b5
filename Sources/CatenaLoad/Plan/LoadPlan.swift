// SPDX-License-Identifier: Apache-2.0
// What a load is to be, understood and checked before a socket is opened. A plan that is there can be carried out, so that nothing
// after it asks whether its numbers fit.

package import CatenaGRPC
package import NIOCore

/// A load that makes sense.
package struct LoadPlan: Sendable {
    /// When the load is over.
    package enum Limit: Sendable, Equatable {
        case duration(TimeAmount)
        /// So many refreshes, whether they succeed or not.
        case requests(Int)
    }

    /// The size makes no sense; says which option, and why.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package static let defaultDuration = TimeAmount.seconds(10)

    package let target: GRPCAddress
    /// How many connection ids there are; 0 when the load is unchecked.
    package let connections: Int
    /// How many calls are in flight.
    package let concurrency: Int
    /// How many HTTP/2 connections they are spread over.
    package let transports: Int
    package let limit: Limit
    /// Answers are not looked at; one and the same Request is sent, and nothing is opened or closed.
    package let unchecked: Bool
    /// The deadline of each call, from its beginning.
    package var timeout = TimeAmount.seconds(15)
    /// What every Request says besides the connection's id and path.
    package var request = LoadRequest()

    package init(target: GRPCAddress, size: Size) throws(Problem) {
        try size.check()
        self.target = target
        connections = size.unchecked ? 0 : size.connectionCount
        concurrency = size.concurrency
        transports = size.transports
        limit = size.requests.map { .requests($0) } ?? .duration(size.duration ?? Self.defaultDuration)
        unchecked = size.unchecked
    }
}
