// SPDX-License-Identifier: Apache-2.0
// What a load is to be, understood and checked before a socket is opened. The rules that tie its numbers together stand here, in
// the words of the command line, where they can be tested without one.

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

    /// What the command line says of the load's size; nil: it says nothing.
    package struct Size: Sendable {
        package var connections: Int?
        package var concurrency: Int
        package var transports: Int
        package var requests: Int?
        package var duration: TimeAmount?
        package var unchecked: Bool

        package init(
            connections: Int? = nil, concurrency: Int = 10, transports: Int = 1, requests: Int? = nil, duration: TimeAmount? = nil,
            unchecked: Bool = false
        ) {
            self.connections = connections
            self.concurrency = concurrency
            self.transports = transports
            self.requests = requests
            self.duration = duration
            self.unchecked = unchecked
        }
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
        func atLeastOne(_ value: Int, _ option: String) throws(Problem) {
            guard value < 1 else { return }
            throw Problem(description: "\(option): expected 1 or more, got \(value)")
        }
        try atLeastOne(size.concurrency, "--concurrency")
        try atLeastOne(size.transports, "--transports")
        if let connections = size.connections { try atLeastOne(connections, "--connections") }
        if let requests = size.requests { try atLeastOne(requests, "--requests") }
        if let duration = size.duration {
            guard duration > .zero else { throw Problem(description: "--duration: expected more than 0s") }
            guard size.requests == nil else {
                throw Problem(description: "--duration and --requests: a load ends after a time or after a number of Requests; give one")
            }
        }
        if size.unchecked, size.connections != nil {
            throw Problem(description: "--connections and --unchecked: an unchecked load has no connections; it repeats one Request")
        }
        let connections = size.connections ?? size.concurrency
        guard connections >= size.concurrency else {
            throw Problem(
                description: """
                    --connections: \(connections) are too few for --concurrency \(size.concurrency): a connection has one call at \
                    a time, so there must be at least one for each call in flight
                    """)
        }
        guard size.transports <= size.concurrency else {
            throw Problem(
                description: "--transports: \(size.transports) are more than --concurrency \(size.concurrency) can use: each needs a call in flight")
        }
        self.target = target
        self.connections = size.unchecked ? 0 : connections
        concurrency = size.concurrency
        transports = size.transports
        limit = size.requests.map { .requests($0) } ?? .duration(size.duration ?? Self.defaultDuration)
        unchecked = size.unchecked
    }
}
