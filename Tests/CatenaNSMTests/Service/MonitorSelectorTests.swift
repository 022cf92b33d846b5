// SPDX-License-Identifier: Apache-2.0
// Which connections a selector means, read from the bytes that another implementation writes.

import SwiftProtobuf
import Testing

@testable import CatenaNSM

@Suite("MonitorScopeSelector")
struct MonitorSelectorTests {
    private static func segment(_ name: String = "", _ id: String = "", _ token: String = "") -> Connection_PathSegment {
        var segment = Connection_PathSegment()
        (segment.name, segment.id, segment.token) = (name, id, token)
        return segment
    }

    private static func connection() throws -> CatenaNSM.Message {
        var connection = Connection_Connection()
        connection.id = "id-1"
        connection.networkService = "icmp"
        connection.path.index = 1
        connection.path.pathSegments = [segment("client", "id-0", "t0"), segment("forwarder", "id-1", "t1"), segment("endpoint", "id-2", "t2")]
        return try CatenaNSM.Message(connection: try connection.serializedBytes())
    }

    /// - Parameter segments: each as `name/id/token`.
    private static func selector(_ segments: [String] = [], _ services: [String] = []) throws -> MonitorSelector {
        var selector = Connection_MonitorScopeSelector()
        selector.pathSegments = segments.map { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init) + ["", ""]
            return segment(parts[0], parts[1], parts[2])
        }
        selector.networkServices = services
        let bytes: [UInt8] = try selector.serializedBytes()
        return try MonitorSelector(bytes.span)
    }

    @Test("path segments are a contiguous run of the path; what is empty in one is any", arguments: [
        ([], true), (["client"], true), (["/id-2"], true), (["//t1"], true), ([""], true), (["forwarder/id-1", "endpoint"], true),
        (["client", "", "endpoint"], true), (["client", "endpoint"], false), (["forwarder", "client"], false), (["forwarder/id-0"], false),
        (["client/id-0/t1"], false), (["clien"], false), (["", "", "", ""], false),
    ] as [([String], Bool)])
    func path(segments: [String], isMatch: Bool) throws {
        #expect(try Self.selector(segments).matches(Self.connection()) == isMatch)
    }

    @Test("network services are any of the list, an empty list is all; path and service must both match", arguments: [
        (["icmp"], "client", true), (["dns", "icmp"], "", true), (["dns"], "", false), (["icm"], "", false), ([""], "", false), (["icmp"], "other", false),
    ])
    func services(services: [String], name: String, isMatch: Bool) throws {
        #expect(try Self.selector(name.isEmpty ? [] : [name], services).matches(Self.connection()) == isMatch)
    }

    @Test("the first id that is named is what subscribers are found by", arguments: [
        ([], nil), (["client", ""], nil), (["client/a"], "a"), (["client", "/b", "/c"], "b"),
    ] as [([String], String?)])
    func segmentID(segments: [String], id: String?) throws {
        #expect(try Self.selector(segments).segmentID == id)
    }

    @Test("a connection without a path matches only a selector without segments")
    func noPath() throws {
        #expect(try Self.selector([""]).matches(CatenaNSM.Message()) == false)
        #expect(try Self.selector().matches(CatenaNSM.Message()) && Self.selector([], [""]).matches(CatenaNSM.Message()))
    }

    @Test("bytes that are no selector are refused, and so is one that would cost every change too much", arguments: [
        [0x0a, 0x05, 0x01], [0x0a, 0x02, 0x0a, 0x09], [0x12, 0x01, 0xff], [0x08], Array(repeating: 0x0a, count: MonitorSelector.sizeLimit + 1),
    ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        #expect(throws: MessageError.self) { try MonitorSelector(bytes.span) }
    }
}
