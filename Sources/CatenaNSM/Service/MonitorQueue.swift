// SPDX-License-Identifier: Apache-2.0
// What a subscriber has yet to read. It may read as slowly as it likes: of each connection there is the latest only, and past its
// bound the queue ends with a status instead of growing.

internal import CatenaGRPC
internal import NIOCore

/// The news of one subscriber, in the order in which it is to be sent.
struct MonitorQueue {
    /// What is to be sent next.
    enum Step {
        case event(ByteBuffer)
        /// The stream ends; nothing follows.
        case end(GRPCStatus)
    }

    /// Largest piece of what was there at the beginning, in bytes; peers read no message of more than 4 MiB unless told to. One
    /// connection is in one piece, however large it is.
    static let pieceLimit = 1 << 20

    /// The latest of a connection. One that was closed and is there again is told of both.
    private struct Pending {
        var delete: SharedBytes?
        var update: SharedBytes?
    }

    private let bound: Int
    private var present: [(id: String, connection: SharedBytes)] = []
    private var presentSent = 0
    private var isComplete = false
    private var isPresentSent = false
    private var pending: [String: Pending] = [:]
    /// The keys of `pending`, longest waiting first.
    private var order = CircularBuffer<String>()
    private var end: GRPCStatus?
    /// Nothing more is taken.
    private(set) var isOver = false

    /// - Parameter bound: of how many connections news may wait.
    init(bound: Int) { self.bound = bound }

    // MARK: In

    /// A connection that was there before.
    mutating func addPresent(_ id: String, _ connection: SharedBytes) {
        if !isOver { present.append((id, connection)) }
    }

    /// Those were all.
    mutating func complete() { isComplete = true }

    /// A connection has changed.
    mutating func add(_ kind: ConnectionEvent.Kind, _ id: String, _ connection: SharedBytes) {
        guard !isOver else { return }
        if pending[id] == nil {
            guard pending.count < bound else {
                return finish(GRPCStatus(.resourceExhausted, "the subscriber has left news of \(bound) connections unread"))
            }
            order.append(id)
        }
        if kind == .delete {
            pending[id] = Pending(delete: connection)
        } else {
            pending[id, default: Pending()].update = connection
        }
    }

    /// Ends the stream, without what waits.
    mutating func finish(_ status: GRPCStatus) {
        guard !isOver else { return }
        isOver = true
        end = status
        present = []
        pending = [:]
        order.removeAll()
    }

    // MARK: Out

    /// Takes what is to be sent next; nil: nothing, for now.
    mutating func next() -> Step? {
        if let end {
            self.end = nil
            return .end(end)
        }
        if isOver { return nil }
        if !isPresentSent { return isComplete ? .event(nextPiece()) : nil }
        guard let id = order.first, var latest = pending[id] else { return nil }
        if let deleted = latest.delete {
            latest.delete = nil
            pending[id] = latest
            if latest.update == nil { forgetFirst() }
            return .event(ConnectionEvent.encode(.delete, CollectionOfOne((id, deleted))))
        }
        forgetFirst()
        return latest.update.map { .event(ConnectionEvent.encode(.update, CollectionOfOne((id, $0)))) }
    }

    private mutating func forgetFirst() { pending[order.removeFirst()] = nil }

    private mutating func nextPiece() -> ByteBuffer {
        var end = presentSent, size = 0
        while end < present.count {
            size += ConnectionEvent.size(of: present[end])
            guard size <= Self.pieceLimit || end == presentSent else { break }
            end += 1
        }
        let piece = present[presentSent..<end]
        presentSent = end
        isPresentSent = end == present.count
        defer { if isPresentSent { present = [] } }
        return ConnectionEvent.encode(.initialStateTransfer, piece, moreFollows: !isPresentSent)
    }
}
