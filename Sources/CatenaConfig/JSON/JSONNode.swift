// SPDX-License-Identifier: Apache-2.0
//
// Our own tree, because every value and every key must know where it was written, and Foundation's forgets.
// Numbers stay text: nothing is lost between the file and the module that understands them.

/// A JSON value and the bytes it was read from.
struct JSONNode: Sendable {
    enum Content: Sendable {
        case null
        case bool(Bool)
        /// As written, in the grammar of RFC 8259.
        case number(String)
        case string(String)
        case array([JSONNode])
        /// In the order of the file; keys are unique.
        case object([JSONMember])
    }

    var value: Content
    /// Byte offsets in the source, from the first to after the last byte of the value.
    let span: Range<Int>
}

/// One key of an object with its value.
struct JSONMember: Sendable {
    let key: String
    /// Byte offsets of the key, with its quotes.
    let keySpan: Range<Int>
    var value: JSONNode
}

extension JSONNode {
    /// The child that a pointer's token names, if there is one.
    ///
    /// Keys are compared byte by byte: Swift's `==` would take a Kelvin sign for a K.
    func child(_ token: String) -> JSONNode? {
        switch value {
        case .object(let members):
            return members.first { $0.key.utf8.elementsEqual(token.utf8) }?.value
        case .array(let nodes):
            guard let index = Int(token), String(index) == token, nodes.indices.contains(index) else { return nil }
            return nodes[index]
        case .null, .bool, .number, .string:
            return nil
        }
    }

    /// The keys of an object; none for any other value.
    var keys: [String] {
        if case .object(let members) = value { members.map(\.key) } else { [] }
    }

    /// The node that the pointer names, or its nearest parent that exists.
    func nearest(to pointer: JSONPointer) -> JSONNode {
        var node = self
        for token in pointer.tokens {
            guard let child = node.child(token) else { break }
            node = child
        }
        return node
    }

    /// What stands here, for the end of a sentence that says what was expected.
    var summary: String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text): text.unicodeScalars.count > 40 ? String(text.unicodeScalars.prefix(40)) + "…" : text
        case .string(let text): text.quoted(limit: 40)
        case .array: "an array"
        case .object: "an object"
        }
    }
}
