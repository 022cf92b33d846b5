// SPDX-License-Identifier: Apache-2.0
// The report for programs. The keys are a promise: they are listed in `catena load --help`, and each is there in every report.

extension LoadReport: Encodable {
    private enum Key: String, CodingKey {
        case url, connections, concurrency, transports, unchecked, interrupted, opened, requests, closed, requestsPerSecond
        case latencyMicroseconds, bytesSent, bytesReceived, errors
    }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(url, forKey: .url)
        try object.encode(connections, forKey: .connections)
        try object.encode(concurrency, forKey: .concurrency)
        try object.encode(transports, forKey: .transports)
        try object.encode(unchecked, forKey: .unchecked)
        try object.encode(interrupted, forKey: .interrupted)
        try object.encode(opened, forKey: .opened)
        try object.encode(requests, forKey: .requests)
        try object.encode(closed, forKey: .closed)
        try object.encode((perSecond * 10).rounded() / 10, forKey: .requestsPerSecond)
        try object.encode(latency, forKey: .latencyMicroseconds)  // null when there is none
        try object.encode(bytesSent, forKey: .bytesSent)
        try object.encode(bytesReceived, forKey: .bytesReceived)
        try object.encode(failures, forKey: .errors)
    }
}

extension LoadReport.Calls: Encodable {
    private enum Key: String, CodingKey { case ok, failed, elapsedMicroseconds }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(ok, forKey: .ok)
        try object.encode(failed, forKey: .failed)
        try object.encode(microseconds(Double(elapsed)), forKey: .elapsedMicroseconds)
    }
}

extension LoadReport.Latency: Encodable {
    private enum Key: String, CodingKey { case min, mean, p50, p90, p99, p999 = "p99.9", max }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        let values: [(Key, Double)] = [(.min, min), (.mean, mean), (.p50, p50), (.p90, p90), (.p99, p99), (.p999, p999), (.max, max)]
        for (key, value) in values { try object.encode(microseconds(value), forKey: key) }
    }
}

/// With one decimal.
private func microseconds(_ nanoseconds: Double) -> Double { (nanoseconds / 100).rounded() / 10 }
