// SPDX-License-Identifier: Apache-2.0
// What a stream reads out of what its next hop says: what an error means for the stream, and which connections a report is about.

internal import CatenaABI

/// What a next hop that answers a stream with an error means by it.
enum WatchRefusal {
    /// It has no such service.
    case never
    /// It will not tell of everything at once, or more than fits into one message.
    case all

    init?(_ failure: TransportFailure) {
        switch (failure.code, failure.isRemote) {
        case (CATENA_UNIMPLEMENTED, true): self = .never
        case (CATENA_PERMISSION_DENIED, true), (CATENA_UNAUTHENTICATED, true), (CATENA_RESOURCE_EXHAUSTED, false): self = .all
        default: return nil
        }
    }
}

extension WatchSubject {
    var isWildcard: Bool {
        if case .connections(_, nil) = self { true } else { false }
    }
}

extension catena_message_api {
    /// The ids of the segments of a name that a report is about: whoever reports is at the segment or at the one after it.
    func ids(of name: String, in message: OpaquePointer) -> [String] {
        let index = number(message, CATENA_F_PATH_INDEX)
        var ids: [String] = []
        for place in [index &- 1, index] {
            var segment = catena_segment()
            guard self.segment(message, place, &segment) == CATENA_OK, String(segment.name) == name else { continue }
            ids.append(String(segment.id))
        }
        return ids
    }
}
