// SPDX-License-Identifier: Apache-2.0
// How a server Request becomes a client Request, and the client's answer the server's. The two sides share everything but
// the mechanism, which each agrees on with its own peer.
internal import CatenaElement

enum ClientRequest {
    /// The first Request over a leg: the server's as it stands, but for mechanism and preferences.
    static func first(from server: borrowing Message) throws(ElementError) -> OwnedMessage {
        let request = try server.copy()
        try request.message.remove(.preferences)
        try request.message.remove(.mechanism)
        return request
    }

    /// A later one, with what the last answer said of the mechanism and of the way beyond this host.
    static func next(from server: borrowing Message, last: borrowing Message) throws(ElementError) -> OwnedMessage {
        let request = try server.copy()
        try request.message.remove(.preferences)
        try request.message.take(.mechanism, from: last)
        try appendPath(of: last, to: request.message)
        return request
    }

    /// The server's connection becomes the client's, but for the mechanism.
    static func accept(_ answer: borrowing Message, into server: borrowing Message) throws(ElementError) {
        let own = server.bytes(.mechanism)
        try server.take(.connection, from: answer)
        if let own { try server.setBytes(.mechanism, own) } else { try server.remove(.mechanism) }
    }

    /// A caller that does not remember the path beyond us would have every hop there make a new connection.
    private static func appendPath(of last: borrowing Message, to request: borrowing Message) throws(ElementError) {
        let own = request.pathIndex
        guard request.segmentCount == own + 1 else { return }
        var index = own + 1
        while let segment = last.segment(at: index) {
            try request.setSegment(at: index, segment)
            index += 1
        }
    }
}
