// SPDX-License-Identifier: Apache-2.0
// The subscribers of a feed, found by what they have named. A peer that opens a stream for each of its connections, as Go's do, names
// one id each: a change then concerns one of thousands, and the others are not asked.

internal import CatenaABI

/// The subscribers of one feed.
struct MonitorSubscribers {
    private typealias Group = [ObjectIdentifier: any MonitorSubscriber]

    private var named: [String: Group] = [:]
    private var others: Group = [:]
    private(set) var count = 0

    mutating func add(_ subscriber: any MonitorSubscriber) {
        let id = ObjectIdentifier(subscriber)
        let old = if let name = subscriber.segmentID { named[name, default: [:]].updateValue(subscriber, forKey: id) } else { others.updateValue(subscriber, forKey: id) }
        if old == nil { count += 1 }
    }

    mutating func remove(_ subscriber: any MonitorSubscriber) {
        let id = ObjectIdentifier(subscriber)
        guard let name = subscriber.segmentID else {
            if others.removeValue(forKey: id) != nil { count -= 1 }
            return
        }
        if named[name]?.removeValue(forKey: id) != nil { count -= 1 }
        if named[name]?.isEmpty == true { named[name] = nil }
    }

    /// Everyone, in no order.
    var all: [any MonitorSubscriber] { others.values + named.values.flatMap(\.values) }

    /// Those who may want to hear of a connection that looks like one of these, each once.
    func forEach(concernedBy messages: [OpaquePointer], _ api: UnsafePointer<catena_message_api>, _ body: (any MonitorSubscriber) -> Void) {
        others.values.forEach(body)
        guard !named.isEmpty else { return }
        var seen: Set<String> = []
        for message in messages {
            for index in 0..<api.pointee.segments(message) {
                var segment = catena_segment()
                guard api.pointee.segment(message, index, &segment) == CATENA_OK else { continue }
                let id = String(segment.id)
                if seen.insert(id).inserted { named[id]?.values.forEach(body) }
            }
        }
    }
}
