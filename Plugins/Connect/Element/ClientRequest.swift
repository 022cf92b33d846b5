// SPDX-License-Identifier: Apache-2.0
// How a server Request becomes a client Request, and the client's answer the server's.
internal import CatenaElement

struct ClientRequest {
    let mechanism: MechanismRule

    /// The first Request over a leg: the server's as it stands. A caller may know the way beyond us although we do not, when this host
    /// has lost its state.
    func first(from server: borrowing Message) throws(ElementError) -> OwnedMessage {
        let request = try server.copy()
        guard mechanism == .own else { return request }
        try request.message.remove(.preferences)
        try request.message.remove(.mechanism)
        return request
    }

    /// A later one, with what the last answer said of the mechanism and of the way beyond this host.
    func next(from server: borrowing Message, last: borrowing Message) throws(ElementError) -> OwnedMessage {
        let request = try server.copy()
        if mechanism == .own {
            try request.message.remove(.preferences)
            try request.message.take(.mechanism, from: last)
        }
        try Self.leadOn(request.message, as: last)
        return request
    }

    /// The server's connection becomes the client's, but for a mechanism of its own.
    func accept(_ answer: borrowing Message, into server: borrowing Message) throws(ElementError) {
        guard mechanism == .own else { return try server.take(.connection, from: answer) }
        let own = server.bytes(.mechanism)
        try server.take(.connection, from: answer)
        if let own { try server.setBytes(.mechanism, own) } else { try server.remove(.mechanism) }
    }

    /// Gives the path beyond this host the segments that the next hop returned last: what the caller says of it may be older, and a
    /// hop that does not find itself there makes a new connection.
    private static func leadOn(_ request: borrowing Message, as last: borrowing Message) throws(ElementError) {
        var index = request.pathIndex + 1
        let count = last.segmentCount
        while index < count, hasSameSegment(request, last, index) { index += 1 }
        if index < request.segmentCount { try request.cutSegments(to: index) }
        while let segment = last.segment(at: index) {
            try request.setSegment(at: index, segment)
            index += 1
        }
    }

    private static func hasSameSegment(_ request: borrowing Message, _ last: borrowing Message, _ index: Int) -> Bool {
        let isSame = last.withSegment(at: index) { theirs in
            request.withSegment(at: index) { ours in
                ours.id == theirs.id && ours.name == theirs.name && ours.token == theirs.token && ours.expires == theirs.expires
            }
        }
        return isSame == true
    }
}
