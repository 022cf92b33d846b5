// SPDX-License-Identifier: Apache-2.0
// The merge of contexts as a value: what the caller has changed, what the connection has become, and bytes that are no context.
internal import CatenaElementTesting
internal import Testing

@testable internal import SerializeElement

@Suite("ContextMerge")
struct ContextMergeTests {
    private func context(_ ip: String, _ extra: [String: String]) -> [UInt8] { TestMessage.context(ip: ip, extra: extra) }

    private func extra(_ bytes: [UInt8]?) -> [String: String]? {
        bytes.flatMap { ConnectionContext($0) }.map { $0.extra.mapValues { String(decoding: $0, as: UTF8.self) } }
    }

    @Test("without a context now, the caller's counts; a caller that changed nothing gets what is now")
    func none() {
        let asked = context("a", ["k": "1"])
        #expect(ContextMerge.merge(requested: asked, returned: asked, current: nil) == asked)
        #expect(ContextMerge.merge(requested: nil, returned: nil, current: nil) == nil)
        let now = context("b", ["k": "2"])
        #expect(ContextMerge.merge(requested: asked, returned: asked, current: now) == now)
    }

    @Test("the map is merged by key: changed, new and missing keys are the caller's, the others as they are now")
    func keys() {
        let merged = ContextMerge.merge(
            requested: context("a", ["same": "1", "changed": "2", "new": "3"]),
            returned: context("a", ["same": "1", "changed": "1", "gone": "1"]),
            current: context("b", ["same": "9", "changed": "9", "gone": "9", "below": "9"]))
        #expect(extra(merged) == ["same": "9", "changed": "2", "new": "3", "below": "9"])
    }

    @Test("the other fields are the caller's, and what has no name here stays as it is now")
    func fields() throws {
        let unknown: [UInt8] = [0x50, 0x07]
        let asked = context("a", [:]) + [0x28, 0x64], told = context("a", [:]) + unknown
        let merged = try #require(ContextMerge.merge(requested: asked, returned: told, current: context("b", ["k": "1"]) + unknown))
        #expect(merged == context("a", [:]) + [0x28, 0x64] + context("", ["k": "1"]).dropFirst(4) + unknown)
    }

    @Test("bytes that are no context change nothing", arguments: [[0x08], [0x0A, 0x05, 0x00], [0x07], [0x22, 0x01, 0x08], [0xFF, 0xFF, 0xFF]] as [[UInt8]])
    func broken(bytes: [UInt8]) {
        let now = context("b", ["k": "1"])
        #expect(ContextMerge.merge(requested: bytes, returned: nil, current: now) == now)
        #expect(ConnectionContext(bytes) == nil)
    }

    @Test("a length of two bytes is written and read")
    func longs() {
        let long = String(repeating: "x", count: 300)
        #expect(extra(context("a", ["k": long])) == ["k": long])
    }
}
