// SPDX-License-Identifier: Apache-2.0
// How many may heal at a time, of all connections of an element, whatever loop they are on. Those who come too many are told when
// it is their turn, in the order they came.
internal import Synchronization

/// A place in the line, of one who asked once.
struct Place: Hashable, Sendable {
    fileprivate let number: UInt64
}

/// A bounded number of places. Any thread.
final class PlaceLine: Sendable {
    fileprivate struct State {
        var lastNumber: UInt64 = 0
        var holders: Set<Place> = []
        /// In the order they came; who has left is not in ``calls`` any more.
        var line: [Place] = []
        var first = 0
        var calls: [Place: @Sendable () -> Void] = [:]
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: 1 or more.
    init(limit: Int) { self.limit = limit }

    /// How many have a place.
    var holders: Int { state.withLock { $0.holders.count } }
    /// How much memory the line takes, in places.
    var length: Int { state.withLock { $0.line.count } }
    /// How many wait for one.
    var waiting: Int { state.withLock { $0.calls.count } }

    /// Asks for a place.
    /// - Parameter isFree: called when there is one, at once if there is one now, else by whoever leaves. It must not ask or leave by itself.
    /// - Returns: what ``leave(_:)`` is to be called with in the end, whether there was a place or not.
    func ask(_ isFree: @escaping @Sendable (Place) -> Void) -> Place {
        let (place, isHeld) = state.withLock { state in
            state.lastNumber += 1
            let place = Place(number: state.lastNumber)
            guard state.holders.count >= limit else {
                state.holders.insert(place)
                return (place, true)
            }
            state.line.append(place)
            state.calls[place] = { isFree(place) }
            return (place, false)
        }
        if isHeld { isFree(place) }
        return place
    }

    /// Gives a place back, or stops waiting for one. Nothing happens the second time.
    func leave(_ place: Place) {
        let next = state.withLock { state -> (@Sendable () -> Void)? in
            if state.calls.removeValue(forKey: place) != nil { return nil }
            guard state.holders.remove(place) != nil else { return nil }
            return state.takeNext()
        }
        next?()
    }
}

extension PlaceLine.State {
    /// Gives a place to whoever has waited longest.
    fileprivate mutating func takeNext() -> (@Sendable () -> Void)? {
        defer { if first > 64, first * 2 > line.count { dropLeft() } }
        while first < line.count {
            let place = line[first]
            first += 1
            guard let call = calls.removeValue(forKey: place) else { continue }
            holders.insert(place)
            return call
        }
        dropLeft()
        return nil
    }

    private mutating func dropLeft() {
        line.removeFirst(first)
        first = 0
    }
}
