// SPDX-License-Identifier: Apache-2.0
// What must be open where, and who holds which transport, after any Requests and Closes of any connections: the rules of `connect`
// as plain sets and counts.

/// How the next hop answers one call.
enum HopReply: CaseIterable {
    case yes
    case no
    /// The call never got there.
    case unreachable
    /// It got there and took effect, and the answer was lost.
    case lost
}

/// A call as the next hop has to see it.
struct ExpectedCall: Equatable {
    let isRequest: Bool
    let id: String
    let url: String
    /// What the next hop said last of the mechanism of this connection.
    let mechanism: String?
}

struct ConnectModel {
    struct Open {
        var url: String
        var transport: Int
        var mechanism: String?
    }

    /// A Request that is under way.
    struct Flight {
        let id: String
        let url: String
        /// Over a leg of its own, which is not open yet.
        let isNew: Bool
        let transport: Int
    }

    /// By connection.
    private(set) var open: [String: Open] = [:]
    /// By transport: its URL, and by how many it is held.
    private var transports: [Int: (url: String, count: Int)] = [:]
    /// The one that newcomers get.
    private var current: [String: Int] = [:]
    private var made = 0
    /// What each next hop has open, whether we know or not.
    private var there: [String: Set<String>] = [:]
    /// What a next hop may keep, as a Close to it has failed.
    private var excused: Set<String> = []
    private(set) var expected: [ExpectedCall] = []

    /// URLs of the transports that somebody holds.
    var held: [String] { transports.values.map(\.url).sorted() }
    /// Connections at next hops that nobody knows of, and that no failed Close explains.
    var forgotten: [String] {
        there.flatMap { url, ids in ids.filter { open[$0]?.url != url }.map { "\(url) \($0)" } }.filter { !excused.contains($0) }
    }

    private mutating func take(_ url: String) -> Int {
        let transport = current[url] ?? made
        if current[url] == nil {
            made += 1
            current[url] = transport
        }
        transports[transport, default: (url, 0)].count += 1
        return transport
    }

    private mutating func giveBack(_ transport: Int) {
        guard let (url, count) = transports[transport] else { return expected.append(ExpectedCall(isRequest: false, id: "given back twice", url: "", mechanism: nil)) }
        transports[transport] = count > 1 ? (url, count - 1) : nil
        if count == 1, current[url] == transport { current[url] = nil }
    }

    /// A Request has come to the next hop.
    /// - Parameter retires: the client chain declares its transport dead on the way.
    mutating func begin(_ id: String, _ url: String, retires: Bool) -> Flight {
        var transport: Int
        let known = open[id], isNew = known?.url != url
        if let known, !isNew {
            transport = known.transport
            // One that is not for newcomers any more is exchanged.
            if current[url] != transport {
                transport = take(url)
                giveBack(known.transport)
                open[id]?.transport = transport
            }
        } else {
            transport = take(url)
        }
        expected.append(ExpectedCall(isRequest: true, id: id, url: url, mechanism: isNew ? nil : known?.mechanism))
        if retires { current[url] = nil }
        return Flight(id: id, url: url, isNew: isNew, transport: transport)
    }

    /// The next hop has answered it.
    /// - Parameter closes: how it answers Closes meanwhile.
    mutating func end(_ flight: Flight, _ reply: HopReply, mechanism: String, closes: HopReply) {
        if reply == .yes || reply == .lost { there[flight.url, default: []].insert(flight.id) }
        if reply == .yes {
            let before = flight.isNew ? open[flight.id] : nil
            open[flight.id] = Open(url: flight.url, transport: flight.transport, mechanism: mechanism)
            guard let before else { return }
            close(flight.id, at: before.url, before.mechanism, closes)
            giveBack(before.transport)
        } else if flight.isNew {
            // What was asked, and may be there.
            if reply == .lost { close(flight.id, at: flight.url, nil, closes) }
            giveBack(flight.transport)
        }
    }

    /// A Close has come.
    mutating func close(_ id: String, _ reply: HopReply) {
        guard let known = open.removeValue(forKey: id) else { return }
        close(id, at: known.url, known.mechanism, reply)
        giveBack(known.transport)
    }

    private mutating func close(_ id: String, at url: String, _ mechanism: String?, _ reply: HopReply) {
        expected.append(ExpectedCall(isRequest: false, id: id, url: url, mechanism: mechanism))
        if reply == .yes || reply == .lost { there[url]?.remove(id) } else { excused.insert("\(url) \(id)") }
    }

    mutating func takeExpected() -> [ExpectedCall] {
        defer { expected = [] }
        return expected
    }
}
