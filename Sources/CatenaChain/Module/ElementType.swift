// SPDX-License-Identifier: Apache-2.0
// A type is checked once, when its module is loaded; after that the engine trusts what stands here, and never reads the
// module's own table again except through it.

internal import CatenaABI

/// One kind of element that a module offers.
public struct ElementType: Sendable {
    /// What chains.json calls it.
    public let id: String
    public let version: String
    public let summary: String
    /// JSON Schema 2020-12 of its config; empty: none given.
    public let configSchema: String

    /// The file that it comes from.
    public internal(set) var module = ""
    let table: catena_type
    let values: [ValueDeclaration]

    /// Slots are at most this large, each, in bytes.
    static let largestSlot: UInt32 = 65_536
    private static let knownFlags =
        CATENA_TYPE_ANCHOR | CATENA_TYPE_GUARD | CATENA_TYPE_AGAIN | CATENA_TYPE_NEEDS_ANCHOR

    public var isAnchor: Bool { table.flags & CATENA_TYPE_ANCHOR != 0 }
    var isGuard: Bool { table.flags & CATENA_TYPE_GUARD != 0 }
    var saysAgain: Bool { table.flags & CATENA_TYPE_AGAIN != 0 }
    var needsAnchor: Bool {
        table.flags & CATENA_TYPE_NEEDS_ANCHOR != 0 || (table.conn_slot_size > 0 && !isAnchor)
    }

    /// Checks a module's table.
    ///
    /// - Throws: a sentence that says which rule the table breaks.
    init(checking pointer: UnsafePointer<catena_type>) throws(ModuleError) {
        let size = pointer.pointee.struct_size
        guard size >= MemoryLayout<catena_type>.size else {
            throw ModuleError(
                .malformed,
                "a catena_type of \(size) bytes, this host needs \(MemoryLayout<catena_type>.size): set struct_size, or rebuild it")
        }
        let table = pointer.pointee
        id = String(table.id)
        guard ElementType.isIdentifier(id) else {
            throw ModuleError(.malformed, "the type id \"\(id)\" is not of the form [a-z0-9][a-z0-9._-]{0,63}: give it another")
        }
        let unknown = table.flags & ~ElementType.knownFlags
        guard unknown == 0 else {
            throw ModuleError(
                .malformed,
                "type \"\(id)\" sets flag bits 0x\(String(unknown, radix: 16)) that this host does not know: it needs a newer host")
        }
        for (name, size) in [("call_slot_size", table.call_slot_size), ("conn_slot_size", table.conn_slot_size)]
        where size > ElementType.largestSlot {
            throw ModuleError(.malformed, "type \"\(id)\" asks for a \(name) of \(size) bytes, at most \(ElementType.largestSlot) are given: keep a pointer in it to what is larger")
        }
        try ElementType.checkHooks(of: table, id)
        values = try ValueDeclaration.read(table, of: id)
        version = String(table.version)
        summary = String(table.summary)
        configSchema = String(table.config_schema)
        self.table = table
    }

    /// A hook may be absent; but what cannot come without it, or what it is there for, must not then be declared.
    private static func checkHooks(of table: catena_type, _ id: String) throws(ModuleError) {
        let rules: [(broken: Bool, said: String)] = [
            (
                table.flags & CATENA_TYPE_AGAIN != 0 && table.request_reply == nil,
                "sets CATENA_TYPE_AGAIN and has no request_reply, the one hook that says AGAIN: give it one, or clear the flag"
            ),
            (
                table.flags & CATENA_TYPE_GUARD != 0 && table.close == nil,
                "sets CATENA_TYPE_GUARD and has no close, the hook by which a guard refuses a Close: give it one, or clear the flag"
            ),
            (
                table.call_dropped != nil && table.call_slot_size == 0,
                "has call_dropped and a call_slot_size of 0, so it would never be called: set call_slot_size, or leave the hook NULL"
            ),
            (
                table.conn_dropped != nil && table.conn_slot_size == 0,
                "has conn_dropped and a conn_slot_size of 0, so it would never be called: set conn_slot_size, or leave the hook NULL"
            ),
            (
                table.state_schema > 0 && (table.conn_save == nil || table.conn_load == nil),
                "has a state_schema of \(table.state_schema) and lacks conn_save or conn_load, which write and read it: give it both, or set state_schema to 0"
            ),
            (
                table.state_schema > 0 && table.conn_slot_size == 0,
                "has a state_schema of \(table.state_schema) and a conn_slot_size of 0, so there is nothing to keep: set conn_slot_size, or set state_schema to 0"
            ),
            (
                table.state_oldest > table.state_schema,
                "reads state from version \(table.state_oldest) on and writes version \(table.state_schema): set state_oldest to at most state_schema"
            ),
        ]
        if let rule = rules.first(where: \.broken) { throw ModuleError(.malformed, "type \"\(id)\" \(rule.said)") }
    }

    private static func isIdentifier(_ id: String) -> Bool {
        guard let first = id.utf8.first, id.utf8.count <= 64 else { return false }
        let isAlphanumeric = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isAlphanumeric(first) && id.utf8.allSatisfy { isAlphanumeric($0) || [0x2e, 0x5f, 0x2d].contains($0) }
    }
}
