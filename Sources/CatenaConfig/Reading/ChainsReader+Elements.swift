// SPDX-License-Identifier: Apache-2.0
//
// An entry of `elements` is a bare type, an element with its config, or a splice; which one it is decides what keys it may have.
// The config itself is the module's business: here only its variables are replaced.

extension ChainsReader {
    mutating func elements(_ node: JSONNode, at path: JSONPointer) -> [WrittenChain.Item] {
        guard case .array(let nodes) = node.value else {
            problems.error(place(node, path), "expected an array of elements, got \(node.summary)")
            return []
        }
        var items: [WrittenChain.Item] = []
        for (index, node) in nodes.enumerated() {
            if let item = item(node, at: path.appending(index)) { items.append(item) }
        }
        return items
    }

    private mutating func item(_ node: JSONNode, at path: JSONPointer) -> WrittenChain.Item? {
        switch node.value {
        case .string:
            guard let type = name(node, at: path, what: "the element type") else { return nil }
            let place = place(node, path)
            return .element(WrittenElement(
                type: type, explicitName: nil, module: nil, config: nil, place: place, typePlace: place, namePlace: place,
                modulePlace: place))
        case .object:
            return node.child("chain") != nil ? splice(node, at: path) : element(node, at: path)
        case .null, .bool, .number, .array:
            problems.error(place(node, path), "expected an element: a type such as \"logging\", or an object, got \(node.summary)")
            return nil
        }
    }

    private mutating func splice(_ node: JSONNode, at path: JSONPointer) -> WrittenChain.Item? {
        guard case .object(let members) = node.value, let nameNode = node.child("chain") else { return nil }
        for member in members where !member.key.hasNotePrefix && member.key != "chain" {
            let place = Place(source: source, path: path.appending(member.key), offset: member.keySpan.lowerBound)
            if member.key == "element" {
                problems.error(place, "either \"element\" or \"chain\": an entry is one element or a splice, not both")
            } else {
                problems.error(place, "a splice takes no \(member.key.quoted()), only \"chain\": its elements bring their own")
            }
        }
        let path = path.appending("chain")
        guard let chain = string(nameNode, at: path, expected: "the name of a chain") else { return nil }
        return .splice(WrittenChain.Splice(chain: chain, place: place(nameNode, path)))
    }

    private mutating func element(_ node: JSONNode, at path: JSONPointer) -> WrittenChain.Item? {
        guard let object = object(node, at: path, known: ["element", "config", "module", "sha256", "onFault", "name", "chain"]) else { return nil }
        var config: JSONNode?
        if let node = object["config"] {
            let path = object.path(to: "config")
            if case .object = node.value {
                config = substituted(node, at: path)
            } else {
                problems.error(place(node, path), "expected an object, got \(node.summary)")
            }
        }
        let module = object["module"].flatMap { fileName($0, at: object.path(to: "module"), expected: "the path of a library") }
        let pin = object["sha256"].flatMap { self.pin($0, at: object.path(to: "sha256")) }
        let onFault = object["onFault"].flatMap { self.onFault($0, at: object.path(to: "onFault")) } ?? .fail
        let name = object["name"].flatMap { self.name($0, at: object.path(to: "name"), what: "the instance name") }
        guard let typeNode = object["element"] else {
            if object.isMissing("element"), object.isMissing("chain") {
                problems.error(object.place, "an element needs its type as \"element\"; a splice needs \"chain\"")
            }
            return nil
        }
        guard let type = self.name(typeNode, at: object.path(to: "element"), what: "the element type") else { return nil }
        let typePlace = place(typeNode, object.path(to: "element"))
        return .element(WrittenElement(
            type: type, explicitName: name, module: module, config: config, place: object.place, typePlace: typePlace,
            namePlace: object["name"].map { place($0, object.path(to: "name")) } ?? typePlace,
            modulePlace: object["module"].map { place($0, object.path(to: "module")) } ?? typePlace, pin: pin, onFault: onFault))
    }

    private mutating func onFault(_ node: JSONNode, at path: JSONPointer) -> OnFault? {
        let expected = OnFault.allCases.map { $0.rawValue.quoted() }.joined(separator: " or ")
        guard let text = string(node, at: path, expected: expected) else { return nil }
        if let choice = OnFault(rawValue: text) { return choice }
        let hint = Suggestion.phrase(for: text, in: OnFault.allCases.map(\.rawValue))
        problems.error(place(node, path), "expected \(expected), got \(text.quoted())\(hint)")
        return nil
    }

    private mutating func pin(_ node: JSONNode, at path: JSONPointer) -> Pin? {
        let expected = "the SHA-256 of a library as 64 hexadecimal digits"
        guard let text = string(node, at: path, expected: expected) else { return nil }
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            problems.error(place(node, path), "expected \(expected), got \(text.quoted())")
            return nil
        }
        return Pin(sha256: text.lowercased(), place: place(node, path))
    }
}
