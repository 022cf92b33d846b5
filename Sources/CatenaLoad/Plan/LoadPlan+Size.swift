// SPDX-License-Identifier: Apache-2.0
// How large a load is, as a user says it. The rules that tie the numbers together stand here, in the words of the command line,
// where they can be tested without one.

package import NIOCore

extension LoadPlan {
    /// What the command line says of a load's size; nil: it says nothing.
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
}

extension LoadPlan.Size {
    var connectionCount: Int { connections ?? concurrency }

    /// Throws what is wrong with it, if anything is.
    func check() throws(LoadPlan.Problem) {
        try atLeastOne(concurrency, "--concurrency")
        try atLeastOne(transports, "--transports")
        if let connections { try atLeastOne(connections, "--connections") }
        if let requests { try atLeastOne(requests, "--requests") }
        if let duration, duration <= .zero { throw LoadPlan.Problem(description: "--duration: expected more than 0s") }
        let problem: String? =
            if duration != nil, requests != nil {
                "--duration and --requests: a load ends after a time or after a number of Requests; give one"
            } else if unchecked, connections != nil {
                "--connections and --unchecked: an unchecked load has no connections; it repeats one Request"
            } else if connectionCount < concurrency {
                """
                --connections: \(connectionCount) are too few for --concurrency \(concurrency): a connection has one call at a time, so \
                there must be at least one for each call in flight
                """
            } else if transports > concurrency {
                "--transports: \(transports) are more than --concurrency \(concurrency) can use: each needs a call in flight"
            } else {
                nil
            }
        if let problem { throw LoadPlan.Problem(description: problem) }
    }

    private func atLeastOne(_ value: Int, _ option: String) throws(LoadPlan.Problem) {
        if value < 1 { throw LoadPlan.Problem(description: "\(option): expected 1 or more, got \(value)") }
    }
}
