// SPDX-License-Identifier: Apache-2.0
// Everything that can be read of a message beside what swift-protobuf reads of the same bytes, as sentences: the differential tests
// and the fuzzer of Tests/Fuzz ask the same questions.

@testable import CatenaNSM
import SwiftProtobuf

extension MessageModel {
    /// What our message says otherwise than the model.
    func disagreements() throws -> [String] {
        let (connection, request) = (expected.connection, try decoded())
        var wrong: [String] = []
        if request != expected { wrong.append("the bytes say \(request), not \(expected)") }
        for (field, text) in [
            (MessageField.id, connection.id), (.networkService, connection.networkService),
            (.endpoint, connection.networkServiceEndpointName), (.payload, connection.payload),
        ] where message.text(field) != text { wrong.append("\(field) is \(message.text(field)), not \(text)") }
        if message.number(.state) != UInt32(bitPattern: Int32(connection.state.rawValue)) { wrong.append("state") }
        if message.number(.pathIndex) != connection.path.index { wrong.append("path index \(message.number(.pathIndex))") }
        wrong += segmentDisagreements(connection.path.pathSegments)
        for (key, value) in connection.labels where message.value(of: key, in: .labels) != value { wrong.append("label \(key)") }
        for (key, value) in connection.mechanism.parameters where message.value(of: key, in: .parameters) != value {
            wrong.append("parameter \(key)")
        }
        if connection.labels["none"] == nil, message.value(of: "none", in: .labels) != nil { wrong.append("a label that is not there") }
        return try wrong + messageDisagreements()
    }

    private func segmentDisagreements(_ segments: [Connection_PathSegment]) -> [String] {
        guard message.segmentCount == segments.count else { return ["\(message.segmentCount) segments, not \(segments.count)"] }
        var wrong: [String] = []
        for (number, segment) in segments.enumerated() {
            guard let ours = message.segment(number) else { return ["segment \(number) is missing"] }
            if (ours.name, ours.id, ours.token) != (segment.name, segment.id, segment.token) { wrong.append("segment \(number)") }
            // In nanoseconds, and at the ends of their range where it has none.
            let time = Int128(segment.expires.seconds) * 1_000_000_000 + Int128(segment.expires.nanos)
            let nearest = UnixNanoseconds(max(min(time, Int128(Int64.max)), Int128(Int64.min + 1)))
            if ours.expires != (segment.hasExpires ? nearest : nil) {
                wrong.append("segment \(number) expires at \(String(describing: ours.expires)), not \(time)")
            }
        }
        return wrong
    }

    private func messageDisagreements() throws -> [String] {
        let connection = expected.connection
        var wrong: [String] = []
        if try Connection_Connection(serializedBytes: message.connectionBytes) != connection { wrong.append("connection") }
        if (message.bytes(.mechanism) != nil) != connection.hasMechanism { wrong.append("presence of the mechanism") }
        if try Connection_Mechanism(serializedBytes: message.bytes(.mechanism) ?? []) != connection.mechanism { wrong.append("mechanism") }
        if try Connectioncontext_ConnectionContext(serializedBytes: message.bytes(.context) ?? []) != connection.context {
            wrong.append("context")
        }
        let preferences = try Request(serializedBytes: message.bytes(.preferences) ?? []).mechanismPreferences
        if preferences != expected.mechanismPreferences { wrong.append("preferences") }
        return wrong
    }

    /// Where the index, which moved along with the edits, says something else than a new one would.
    func indexErrors() throws -> [String] {
        let fresh = try CatenaNSM.Message(request: message.requestBytes)
        var wrong: [String] = []
        if fresh.requestBytes != message.requestBytes { wrong.append("an edit left bytes that are not plain") }
        for field in MessageField.allCases {
            let texts = (fresh.json(field, limit: .max), message.json(field, limit: .max))
            if texts.0 != texts.1 { wrong.append("\(field) is \(texts.1), not \(texts.0)") }
            if fresh.bytes(field) != message.bytes(field) { wrong.append("the place of \(field)") }
        }
        if fresh.segmentCount != message.segmentCount { wrong.append("the number of segments") }
        return wrong
    }
}
