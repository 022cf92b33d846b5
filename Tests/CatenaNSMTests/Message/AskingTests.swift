// SPDX-License-Identifier: Apache-2.0
// A Request of one's own, read back with the generated types: as another implementation would read it.

@testable import CatenaNSM
import SwiftProtobuf
import Testing

@Suite("a Request for a new connection")
struct AskingTests {
    @Test("says service, id, labels and one preference, and its path is the client alone", arguments: ["KERNEL", nil] as [String?])
    func fields(mechanism: String?) throws {
        let message = try Message.asking(
            for: "icmp", id: "c-1", labels: ["app": "web", "empty": ""], mechanism: mechanism, client: "client", expires: 1_700_000_000_250_000_000)
        let request = try Networkservice_NetworkServiceRequest(serializedBytes: message.requestBytes)
        #expect(request.connection.id == "c-1" && request.connection.networkService == "icmp")
        #expect(request.connection.labels == ["app": "web", "empty": ""] && !request.connection.hasMechanism)
        #expect(request.mechanismPreferences.map(\.type) == (mechanism.map { [$0] } ?? []))
        #expect(request.mechanismPreferences.allSatisfy { $0.cls == "LOCAL" })
        let path = request.connection.path
        #expect(path.index == 0 && path.pathSegments.map(\.name) == ["client"] && path.pathSegments.map(\.id) == ["c-1"])
        #expect(path.pathSegments[0].expires == Google_Protobuf_Timestamp(seconds: 1_700_000_000, nanos: 250_000_000))
        #expect(message.segment(0)?.expires == 1_700_000_000_250_000_000)
    }
}
