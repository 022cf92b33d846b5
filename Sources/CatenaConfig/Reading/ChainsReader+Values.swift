// SPDX-License-Identifier: Apache-2.0
//
// The small steps every part of the file shares: a string with its variables replaced, an object with its keys checked.
// They fix the wording of the commonest mistakes, so that it is the same everywhere.

extension ChainsReader {
    func place(_ node: JSONNode, _ path: JSONPointer) -> Place {
        Place(source: source, path: path, offset: node.span.lowerBound)
    }

    /// A string after substitution, or nil when it is none or a variable is missing; `expected` completes "expected …".
    mutating func string(_ node: JSONNode, at path: JSONPointer, expected: String) -> String? {
        guard case .string(let template) = node.value else {
            problems.error(place(node, path), "expected \(expected), got \(node.summary)")
            return nil
        }
        return substituted(template, at: place(node, path))
    }

    /// A string that can be handed to the file system.
    mutating func fileName(_ node: JSONNode, at path: JSONPointer, expected: String) -> String? {
        guard let text = string(node, at: path, expected: expected) else { return nil }
        guard !text.isEmpty, !text.utf8.contains(0) else {
            problems.error(place(node, path), "expected \(expected), got \(text.quoted())")
            return nil
        }
        return text
    }

    /// A string that follows the rule for names; `what` says which name it is.
    mutating func name(_ node: JSONNode, at path: JSONPointer, what: String) -> String? {
        guard let text = string(node, at: path, expected: "\(what) as a string") else { return nil }
        if let problem = ConfigName.problem(with: text) {
            problems.error(place(node, path), "\(what) \(text.quoted()) \(problem)")
            return nil
        }
        return text
    }

    /// The tree with the variables in all its strings replaced.
    mutating func substituted(_ node: JSONNode, at path: JSONPointer) -> JSONNode {
        switch node.value {
        case .null, .bool, .number:
            return node
        case .string(let template):
            return JSONNode(value: .string(substituted(template, at: place(node, path)) ?? template), span: node.span)
        case .array(let nodes):
            var replaced: [JSONNode] = []
            for (index, node) in nodes.enumerated() { replaced.append(substituted(node, at: path.appending(index))) }
            return JSONNode(value: .array(replaced), span: node.span)
        case .object(var members):
            for index in members.indices {
                members[index].value = substituted(members[index].value, at: path.appending(members[index].key))
            }
            return JSONNode(value: .object(members), span: node.span)
        }
    }

    private mutating func substituted(_ template: String, at place: Place) -> String? {
        let substitution = Substitution(template, environment: environment)
        for problem in substitution.problems { problems.error(place, problem) }
        return substitution.problems.isEmpty ? substitution.text : nil
    }

    /// An object with these keys; any other that is no note is reported. Nil, and reported, when the node is no object.
    mutating func object(_ node: JSONNode, at path: JSONPointer, known: [String]) -> ObjectReader? {
        guard case .object(let members) = node.value else {
            problems.error(place(node, path), "expected an object, got \(node.summary)")
            return nil
        }
        var misspelt: Set<String> = []
        for member in members where !member.key.hasNotePrefix {
            if known.contains(where: { $0.utf8.elementsEqual(member.key.utf8) }) { continue }
            if problems.isFull { break }
            let keyPlace = Place(source: source, path: path.appending(member.key), offset: member.keySpan.lowerBound)
            if let near = Suggestion.nearest(to: member.key, in: known) {
                misspelt.insert(near)
                problems.error(keyPlace, "unknown key \(member.key.quoted()) (did you mean \(near.quoted())?)")
            } else {
                let keys = known.map { $0.quoted() }.joined(separator: ", ")
                let hint = "the keys here are \(keys), and notes that begin with \"x-\""
                problems.error(keyPlace, "unknown key \(member.key.quoted()): \(hint)")
            }
        }
        return ObjectReader(node: node, place: place(node, path), misspelt: misspelt)
    }
}

extension String {
    /// True for a key that carries a note: `x-` and anything.
    var hasNotePrefix: Bool { utf8.starts(with: "x-".utf8) }
}
