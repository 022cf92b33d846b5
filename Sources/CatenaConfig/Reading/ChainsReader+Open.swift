// SPDX-License-Identifier: Apache-2.0
//
// Reads what a chain in the client role asks for. Two connections with one id would be one to every host on the way, and each
// would close the other's; so ids are compared across the whole file.

extension ChainsReader {
    mutating func connections(_ node: JSONNode, at path: JSONPointer) -> [ConnectionDefinition] {
        guard case .array(let nodes) = node.value else {
            let hint = "an array of connections such as [{ \"service\": \"icmp\" }]"
            problems.error(place(node, path), "expected \(hint), got \(node.summary)")
            return []
        }
        if nodes.isEmpty {
            let hint = "name a connection, or remove the key from a chain that opens none"
            problems.error(place(node, path), "\"open\" is empty: \(hint)")
        }
        var connections: [ConnectionDefinition] = []
        for (index, node) in nodes.enumerated() {
            if let connection = connection(node, at: path.appending(index)) { connections.append(connection) }
        }
        return connections
    }

    private mutating func connection(_ node: JSONNode, at path: JSONPointer) -> ConnectionDefinition? {
        guard let object = object(node, at: path, known: ["service", "labels", "mechanism", "id"]) else { return nil }
        let labels = object["labels"].map { self.labels($0, at: object.path(to: "labels")) } ?? [:]
        let mechanism = word("mechanism", of: object, expected: "a mechanism type such as \"KERNEL\"")
        let id = word("id", of: object, expected: "the connection's id")
        if object.isMissing("service") {
            problems.error(object.place, "a connection needs its network service as \"service\"")
        }
        guard let service = word("service", of: object, expected: "the name of a network service") else { return nil }
        return ConnectionDefinition(service: service, labels: labels, mechanism: mechanism, id: id, place: object.place)
    }

    /// A text that is not empty; nil when the key is absent, or what stands there was reported.
    private mutating func word(_ key: String, of object: ObjectReader, expected: String) -> String? {
        guard let node = object[key], let text = string(node, at: object.path(to: key), expected: expected) else { return nil }
        guard !text.isEmpty else {
            problems.error(place(node, object.path(to: key)), "expected \(expected), got \(text.quoted())")
            return nil
        }
        return text
    }

    private mutating func labels(_ node: JSONNode, at path: JSONPointer) -> [String: String] {
        guard case .object(let members) = node.value else {
            problems.error(place(node, path), "expected labels such as { \"app\": \"web\" }, got \(node.summary)")
            return [:]
        }
        var labels: [String: String] = [:]
        for member in members {
            let path = path.appending(member.key)
            if member.key.isEmpty {
                problems.error(Place(source: source, path: path, offset: member.keySpan.lowerBound), "a label needs a key")
            } else if let value = string(member.value, at: path, expected: "the label's value as a string") {
                labels[member.key] = value
            }
        }
        return labels
    }

    /// Reports every id that is written a second time.
    mutating func checkRepeatedIDs(in chains: [WrittenChain]) {
        var first: [String: Place] = [:]
        for connection in chains.flatMap(\.open) {
            guard let id = connection.id else { continue }
            if let other = first[id] {
                problems.error(connection.place, "the id \(id.quoted()) is given to two connections: also at \(other.reference)")
            } else {
                first[id] = connection.place
            }
        }
    }
}
