// SPDX-License-Identifier: Apache-2.0
// One hop of the path as a Swift value, for services, tools and tests. Elements in C borrow `catena_segment` instead.

/// Nanoseconds since 1970 in UTC, as in the C ABI: from 1677 to 2262, and what lies beyond is the nearest of these.
package typealias UnixNanoseconds = Int64

/// One hop: its name, the connection's id there, and the token it made for the next one.
package struct PathSegment: Sendable, Equatable {
    package var name: String
    package var id: String
    package var token: String
    /// nil: it does not expire, or says nothing of it.
    package var expires: UnixNanoseconds?

    package init(name: String = "", id: String = "", token: String = "", expires: UnixNanoseconds? = nil) {
        self.name = name
        self.id = id
        self.token = token
        self.expires = expires
    }

    init(reading places: SegmentPlaces, in bytes: MessageBytes) {
        name = String(decoding: bytes.view(places.name), as: UTF8.self)
        id = String(decoding: bytes.view(places.id), as: UTF8.self)
        token = String(decoding: bytes.view(places.token), as: UTF8.self)
        expires = places.expiry
    }
}
