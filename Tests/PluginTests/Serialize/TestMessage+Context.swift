// SPDX-License-Identifier: Apache-2.0
// The connection context of a test's message, by its bytes: as callers and elements write it.
internal import CatenaElementTesting
@testable internal import SerializeElement

extension TestMessage {
    /// Replaces the context.
    mutating func setContext(ip: String, extra: [String: String]) {
        let context = Self.context(ip: ip, extra: extra)
        guard let split = try? connectionFields(without: 4) else { return }
        let connection = split.flatMap(\.self) + WireReader.field(4, context)
        let rest = fields(of: bytes).filter { $0.number != 1 }.flatMap { Array($0.whole) }
        if let message = try? TestMessage(request: WireReader.field(1, connection) + rest) { self = message }
    }

    static func context(ip: String, extra: [String: String]) -> [UInt8] {
        var context = WireReader.field(1, WireReader.field(1, Array(ip.utf8)))
        for (key, value) in extra.sorted(by: { $0.key < $1.key }) {
            context += WireReader.field(4, WireReader.field(1, Array(key.utf8)) + WireReader.field(2, Array(value.utf8)))
        }
        return context
    }

    /// The map of the context.
    func extraContext() throws -> [String: String] {
        let connection = fields(of: bytes).first { $0.number == 1 }?.content ?? []
        let context = fields(of: Array(connection)).first { $0.number == 4 }?.content ?? []
        let taken = ConnectionContext(Array(context))
        return (taken?.extra ?? [:]).mapValues { String(decoding: $0, as: UTF8.self) }
    }

    private func connectionFields(without number: UInt32) throws -> [[UInt8]] {
        let connection = fields(of: bytes).first { $0.number == 1 }?.content ?? []
        return fields(of: Array(connection)).filter { $0.number != number }.map { Array($0.whole) }
    }

    private func fields(of bytes: [UInt8]) -> [WireReader.Field] {
        var reader = WireReader(bytes[...]), all: [WireReader.Field] = []
        while let field = reader.next() { all.append(field) }
        return all
    }
}
