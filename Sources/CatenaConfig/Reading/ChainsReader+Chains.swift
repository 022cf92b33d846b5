// SPDX-License-Identifier: Apache-2.0
//
// Reads one chain and its listeners. Two listeners on one address would fail only at start, and only on some systems,
// so they are compared here, in their normal form.

extension ChainsReader {
    mutating func chain(_ member: JSONMember, at path: JSONPointer) -> WrittenChain {
        let place = Place(source: source, path: path, offset: member.keySpan.lowerBound)
        var chain = WrittenChain(name: member.key, place: place)
        if let problem = ConfigName.problem(with: member.key) {
            problems.error(place, "the chain name \(member.key.quoted()) \(problem)")
        }
        guard let object = object(member.value, at: path, known: ["listen", "open", "elements"]) else { return chain }
        if let node = object["listen"] { chain.listen = listeners(node, at: object.path(to: "listen")) }
        if let node = object["open"] {
            let path = object.path(to: "open")
            chain.open = connections(node, at: path)
            if object["listen"] != nil {
                let hint = "a chain is served, or opens connections of its own; give one of the two a chain of its own"
                problems.error(self.place(node, path), "\"open\" beside \"listen\": \(hint)")
            }
        }
        if let node = object["elements"] {
            chain.elements = elements(node, at: object.path(to: "elements"))
        } else if object["listen"] != nil, object.isMissing("elements") {
            problems.error(place, "a served chain needs \"elements\": write [] for one that only answers")
        } else if object["open"] != nil, object.isMissing("elements") {
            problems.error(place, "a chain that opens connections needs \"elements\": those that lead to the next hop")
        }
        return chain
    }

    private mutating func listeners(_ node: JSONNode, at path: JSONPointer) -> [Listener] {
        guard case .array(let nodes) = node.value else {
            let hint = "an array of URLs such as [\"tcp://127.0.0.1:5001\"]"
            problems.error(place(node, path), "expected \(hint), got \(node.summary)")
            return []
        }
        if nodes.isEmpty {
            let hint = "name an address, or remove the key from a chain that is not served"
            problems.error(place(node, path), "\"listen\" is empty: \(hint)")
        }
        var listeners: [Listener] = []
        for (index, node) in nodes.enumerated() {
            let path = path.appending(index)
            guard let text = string(node, at: path, expected: "a URL such as \"tcp://127.0.0.1:5001\"") else { continue }
            do {
                let url = try EndpointURL(text)
                if case .inproc = url {
                    let hint = "a served chain can be called as inproc://NAME without it, by its own name"
                    problems.error(place(node, path), "a chain cannot listen on inproc://: \(hint)")
                } else {
                    listeners.append(Listener(url: url, place: place(node, path)))
                }
            } catch {
                problems.error(place(node, path), error.message)
            }
        }
        return listeners
    }

    /// Reports every address that is listened on a second time; port 0 stands for another free port each time.
    mutating func checkRepeatedListeners(in chains: [WrittenChain]) {
        var first: [EndpointURL: Place] = [:]
        // One for each port and family: the first listener, and the first on all addresses.
        var ports: [Port: (any: (EndpointURL, Place), wildcard: (EndpointURL, Place)?)] = [:]
        for listener in chains.flatMap(\.listen) {
            if problems.isFull { return }
            if case .tcp(_, port: 0) = listener.url { continue }
            if let other = first[listener.url] {
                problems.error(listener.place, "\(listener.url) is listened on twice: also at \(other.reference)")
                continue
            }
            first[listener.url] = listener.place
            guard let (port, isWildcard) = Port.of(listener.url) else { continue }
            let this = (listener.url, listener.place)
            guard let earlier = ports[port] else {
                ports[port] = (this, isWildcard ? this : nil)
                continue
            }
            if isWildcard { ports[port]?.wildcard = this }
            guard let (url, place) = isWildcard ? earlier.any : earlier.wildcard else { continue }
            let all = "which is every \(port.isIPv6 ? "IPv6" : "IPv4") address of this machine"
            problems.error(
                listener.place,
                isWildcard
                    ? "\(listener.url), \(all), takes the port from \(url) at \(place.reference): keep one of them"
                    : "the port is taken by \(url), \(all), at \(place.reference): keep one of them")
        }
    }

    /// What listeners on different addresses can be at odds over. Names are left to the system, which alone knows their addresses.
    private struct Port: Hashable {
        let number: UInt16
        let isIPv6: Bool

        static func of(_ url: EndpointURL) -> (Port, isWildcard: Bool)? {
            guard case .tcp(let host, let number) = url else { return nil }
            if IPAddressText.isIPv4(host) { return (Port(number: number, isIPv6: false), host == "0.0.0.0") }
            if host.utf8.contains(UInt8(ascii: ":")) { return (Port(number: number, isIPv6: true), host == "::") }
            return nil
        }
    }
}
