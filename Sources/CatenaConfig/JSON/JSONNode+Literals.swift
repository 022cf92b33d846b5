// SPDX-License-Identifier: Apache-2.0
//
// A tree that was read nowhere: what we write ourselves, such as a schema, is written in source as the JSON it will be.
// Such nodes have no place in any file.

extension JSONNode {
    /// A value without a place.
    init(_ value: Content) { self.init(value: value, span: 0..<0) }

    static func object(_ members: [JSONMember]) -> JSONNode { JSONNode(.object(members)) }
}

extension JSONMember {
    /// A member without a place.
    init(_ key: String, _ value: JSONNode) { self.init(key: key, keySpan: 0..<0, value: value) }
}

extension JSONNode: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self.init(.string(text)) }
    init(booleanLiteral flag: Bool) { self.init(.bool(flag)) }
    init(integerLiteral number: Int) { self.init(.number(String(number))) }
    init(arrayLiteral nodes: JSONNode...) { self.init(.array(nodes)) }

    /// Keys stay in the order in which they are written; they are not compared.
    init(dictionaryLiteral members: (String, JSONNode)...) { self.init(.object(members.map { JSONMember($0, $1) })) }
}
