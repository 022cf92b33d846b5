// SPDX-License-Identifier: Apache-2.0
// What a report looks like, to people and to programs.

import CatenaLoad
import Foundation
import NIOCore
import Testing

@Suite("the report of a load")
struct LoadReportTests {
    private let report: LoadReport = {
        var report = LoadReport(url: "tcp://127.0.0.1:5001", connections: 1000, concurrency: 100, transports: 1)
        report.opened = .init(ok: 1000, failed: 0, elapsed: 12_345_678)
        report.requests = .init(ok: 123_456, failed: 13, elapsed: 10_000_000_000)
        report.closed = .init(ok: 999, failed: 1, elapsed: 9_876_543)
        report.latency = .init(min: 99_949, mean: 800_000, p50: 780_123, p90: 1_240_000, p99: 12_500_000, p999: 999_499_000, max: 2_310_000_000)
        report.bytesSent = 16_420_000
        report.bytesReceived = 999
        report.failures = [
            .init(part: .request, name: "UNAVAILABLE", count: 12, message: "tcp://127.0.0.1:5001: connection refused"),
            .init(part: .close, name: "INTERNAL", count: 1, message: ""),
            .init(part: .request, name: "wrong id", count: 1, message: "of connection load-1-7"),
        ]
        return report
    }()

    @Test("says to people what was done, how fast, and what went wrong")
    func text() {
        #expect(
            report.text == """
                tcp://127.0.0.1:5001: 1,000 connections, 100 calls in flight, 1 transport
                  opened    1,000 ok in 12.3 ms
                  requests  123,456 ok and 13 failed in 10.0 s: 12,346/s
                  latency   p50 780 us, p90 1.24 ms, p99 12.5 ms, p99.9 999 ms, max 2.31 s
                  messages  16.4 MB sent, 999 B received
                  closed    999 ok and 1 failed in 9.88 ms
                  errors    14
                    request: 12 UNAVAILABLE: tcp://127.0.0.1:5001: connection refused
                    close: 1 INTERNAL
                    request: 1 wrong id: of connection load-1-7

                """)
        #expect(report.hasErrors)
    }

    @Test("of an unchecked load that was ended early, without an answer, says so")
    func unchecked() {
        var report = LoadReport(url: "unix:///a", connections: 0, concurrency: 1, transports: 1)
        report.unchecked = true
        report.interrupted = true
        #expect(
            report.text == """
                unix:///a: 1 call in flight, 1 transport, unchecked (ended early)
                  requests  0 ok in 0.00 us: 0/s
                  latency   none: no Request was answered as it should be
                  messages  0 B sent, 0 B received
                  errors    none

                """)
        #expect(!report.hasErrors)
    }

    @Test("gives programs every key, durations in microseconds")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(report), as: UTF8.self)
        #expect(
            text == #"{"bytesReceived":999,"bytesSent":16420000,"closed":{"elapsedMicroseconds":9876.5,"failed":1,"ok":999},"#
                + #""concurrency":100,"connections":1000,"errors":["#
                + #"{"count":12,"message":"tcp://127.0.0.1:5001: connection refused","name":"UNAVAILABLE","part":"request"},"#
                + #"{"count":1,"message":"","name":"INTERNAL","part":"close"},"#
                + #"{"count":1,"message":"of connection load-1-7","name":"wrong id","part":"request"}],"interrupted":false,"#
                + #""latencyMicroseconds":{"max":2310000,"mean":800,"min":99.9,"p50":780.1,"p90":1240,"p99":12500,"p99.9":999499},"#
                + #""opened":{"elapsedMicroseconds":12345.7,"failed":0,"ok":1000},"#
                + #""requests":{"elapsedMicroseconds":10000000,"failed":13,"ok":123456},"requestsPerSecond":12345.6,"#
                + #""transports":1,"unchecked":false,"url":"tcp://127.0.0.1:5001"}"#)
    }

    @Test("has null for latencies that nobody measured")
    func noLatency() throws {
        let encoded = try JSONEncoder().encode(LoadReport(url: "", connections: 1, concurrency: 1, transports: 1))
        #expect(String(decoding: encoded, as: UTF8.self).contains(#""latencyMicroseconds":null"#))
    }

    @Test(
        "is foretold each second in one line",
        arguments: [
            (LoadProgress(elapsed: .milliseconds(4999), part: .request, ended: 61_234, inLastSecond: 12_345, errors: 1, expected: nil),
             "5 s: 61,234 requests, 12,345/s, 1 error"),
            (LoadProgress(elapsed: .seconds(61), part: .request, ended: 7, inLastSecond: 7, errors: 0, expected: 1000),
             "61 s: 7 of 1,000 requests, 7/s, 0 errors"),
            (LoadProgress(elapsed: .seconds(1), part: .open, ended: 500, inLastSecond: 500, errors: 0, expected: 1_000_000),
             "1 s: connections opened: 500 of 1,000,000, 500/s, 0 errors"),
            (LoadProgress(elapsed: .seconds(9), part: .close, ended: 0, inLastSecond: 0, errors: 2, expected: 10),
             "9 s: connections closed: 0 of 10, 0/s, 2 errors"),
        ])
    func progress(progress: LoadProgress, line: String) {
        #expect(progress.text == line)
    }
}
