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
        guard index + 1 <= count, let current = message.segment(at: index) else {
            throw ElementError(
                .invalidArgument, "Path.Index+1==\(index + 1) should be less or equal len(Path.PathSegments)==\(count)")
        }
        if current.name == name {
            message.id = current.id
            return index
        }
        let id = message.id
        guard current.id == id else {
            throw ElementError(.invalidArgument, "Current PathSegment.Id==\(current.id) should be equal Connection.Id==\(id)")
        }
        let own = try enter(message, after: index)
        message.pathIndex = index + 1
        message.id = own
        return index
    }

    /// Gives the caller back its own view: its index, and its id there. A path that was cut below stays as it is.
    func leave(_ message: borrowing Message, index: Int) {
        guard let segment = message.segment(at: index) else { return }
        message.pathIndex = index
        message.id = segment.id
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

    /// The id of the segment behind `index`, which is ours from now on: a segment of another name is a hop that is not on
    /// the way any more.
    private func enter(_ message: borrowing Message, after index: Int) throws(ElementError) -> String {
        guard var next = message.segment(at: index + 1) else {
            let own = PathSegment(name: name, id: newID())
            try message.setSegment(at: index + 1, own)
            return own.id
        }
        if next.name == name { return next.id }
        next.name = name
        next.id = newID()
        try message.setSegment(at: index + 1, next)
        return next.id
    }
}
