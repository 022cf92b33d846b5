// SPDX-License-Identifier: Apache-2.0
// What a load found, as values: the same for the text, for JSON, and for the exit status.

internal import NIOCore

/// The result of a load.
package struct LoadReport: Sendable, Equatable {
    /// Where in a load a call belongs.
    package enum Part: String, Sendable, Encodable, CaseIterable { case open, request, close }

    /// The calls of one part.
    package struct Calls: Sendable, Equatable {
        package var ok = 0
        package var failed = 0
        /// From the beginning of the first call to the end of the last, in nanoseconds.
        package var elapsed: Int64 = 0

        package init(ok: Int = 0, failed: Int = 0, elapsed: Int64 = 0) {
            (self.ok, self.failed, self.elapsed) = (ok, failed, elapsed)
        }
    }

    /// Of Requests that were answered as they should be, in nanoseconds from a call's beginning to its answer.
    package struct Latency: Sendable, Equatable {
        package var min, mean, p50, p90, p99, p999, max: Double

        package init(min: Double, mean: Double, p50: Double, p90: Double, p99: Double, p999: Double, max: Double) {
            (self.min, self.mean, self.p50, self.p90, self.p99, self.p999, self.max) = (min, mean, p50, p90, p99, p999, max)
        }
    }

    /// One kind of error.
    package struct Failure: Sendable, Equatable, Encodable {
        package var part: Part
        /// A gRPC status code such as `UNAVAILABLE`, or what is wrong with an answer such as `wrong id`.
        package var name: String
        package var count: Int
        /// What the first one said.
        package var message: String

        package init(part: Part, name: String, count: Int, message: String) {
            (self.part, self.name, self.count, self.message) = (part, name, count, message)
        }
    }

    package var url: String
    package var connections: Int
    package var concurrency: Int
    package var transports: Int
    package var unchecked = false
    /// The load was ended before its time.
    package var interrupted = false
    package var opened = Calls()
    /// The refreshes: what is measured.
    package var requests = Calls()
    package var closed = Calls()
    /// nil: no Request was answered as it should be.
    package var latency: Latency?
    /// Bytes of messages, without gRPC's and HTTP/2's own.
    package var bytesSent = 0
    package var bytesReceived = 0
    /// The commonest first.
    package var failures: [Failure] = []

    package init(url: String, connections: Int, concurrency: Int, transports: Int) {
        self.url = url
        self.connections = connections
        self.concurrency = concurrency
        self.transports = transports
    }

    package var hasErrors: Bool { !failures.isEmpty }

    /// Requests that were answered as they should be, per second; 0 when there was no time.
    package var perSecond: Double {
        requests.elapsed > 0 ? Double(requests.ok) * 1e9 / Double(requests.elapsed) : 0
    }
}

extension LoadReport {
    init(_ plan: LoadPlan, _ tally: LoadTally, interrupted: Bool) {
        self.init(
            url: "\(plan.target)", connections: plan.connections, concurrency: plan.concurrency, transports: plan.transports)
        unchecked = plan.unchecked
        self.interrupted = interrupted
        opened = Calls(tally.opened)
        requests = Calls(tally.requests)
        closed = Calls(tally.closed)
        if tally.latency.count > 0 { latency = Latency(tally.latency) }
        bytesSent = tally.bytesSent
        bytesReceived = tally.bytesReceived
        failures = tally.errors.map { Failure(part: $0.part, name: $0.name, count: $1.count, message: $1.message) }
            .sorted { ($1.count, $0.part.rawValue, $0.name) < ($0.count, $1.part.rawValue, $1.name) }
    }
}

extension LoadReport.Calls {
    fileprivate init(_ part: LoadTally.Part) {
        self.init(ok: part.ok, failed: part.failed, elapsed: part.elapsed.nanoseconds)
    }
}

extension LoadReport.Latency {
    fileprivate init(_ histogram: LatencyHistogram) {
        func percentile(_ percent: Double) -> Double { Double(histogram.percentile(percent)) }
        self.init(
            min: Double(histogram.min), mean: histogram.mean, p50: percentile(50), p90: percentile(90), p99: percentile(99),
            p999: percentile(99.9), max: Double(histogram.max))
    }
}
