// SPDX-License-Identifier: Apache-2.0
// The rules by which a hop enters the path, as every NSM application follows them. What comes in was written by another
// process, so that nothing of it is taken for granted.
internal import CatenaElement

struct PathUpdate: Sendable {
    let name: String
    /// A new connection id.
    let newID: @Sendable () -> String

    /// Enters this hop into the path and gives the connection its id here.
    /// - Returns: the index to be restored on the way out.
    func enter(_ message: borrowing Message) throws(ElementError) -> Int {
        let count = message.segmentCount
        let index = message.pathIndex
        if count == 0 { return try begin(message) }
        guard let isOurs = try isOurs(message, at: index) else {
            throw ElementError(
                .invalidArgument, "Path.Index+1==\(index + 1) should be less or equal len(Path.PathSegments)==\(count)")
        }
        if !isOurs {
            try enter(message, after: index)
            message.pathIndex = index + 1
        }
        return index
    }

    /// Whether the current segment is ours, which gives the connection its id; if not, its id must be the connection's.
    /// - Returns: nil: there is no such segment.
    private func isOurs(_ message: borrowing Message, at index: Int) throws(ElementError) -> Bool? {
        try message.withSegment(at: index) { current throws(ElementError) in
            if current.name == name {
                message.setID(to: current.id)
                return true
            }
            guard current.id == message.borrowedID else {
                let (own, id) = (current.id.string, message.id)
                throw ElementError(.invalidArgument, "Current PathSegment.Id==\(own) should be equal Connection.Id==\(id)")
            }
            return false
        }
    }

    /// Gives the caller back its own view: its index, and its id there. A path that was cut below stays as it is.
    func leave(_ message: borrowing Message, index: Int) {
        guard message.withSegment(at: index, { message.setID(to: $0.id) }) != nil else { return }
        message.pathIndex = index
    }

    /// No path yet: it begins here.
    private func begin(_ message: borrowing Message) throws(ElementError) -> Int {
        var id = message.id
        if id.isEmpty { id = newID() }
        try message.setSegment(at: 0, PathSegment(name: name, id: id))
        message.pathIndex = 0
        message.id = id
        return 0
    }

    /// The segment behind `index` is ours from now on, and the connection gets its id: a segment of another name is a hop that is
    /// not on the way any more.
    private func enter(_ message: borrowing Message, after index: Int) throws(ElementError) {
        let isKnown = message.withSegment(at: index + 1) { next in
            guard next.name == name else { return false }
            message.setID(to: next.id)
            return true
        }
        if isKnown == true { return }
        var own = message.segment(at: index + 1) ?? PathSegment(name: name, id: "")
        own.name = name
        own.id = newID()
        try message.setSegment(at: index + 1, own)
        message.id = own.id
    }
}
