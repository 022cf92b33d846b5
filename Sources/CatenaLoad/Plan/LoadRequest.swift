// SPDX-License-Identifier: Apache-2.0
// The Request of a connection, made from what all have in common. It is built for each connection once, and again only when an
// answer has changed it or its segment nears its end: the bytes in between are the same.

package import CatenaNSM
package import NIOCore

/// What the Requests of a load say besides id and path.
package struct LoadRequest: Sendable {
    /// A NetworkServiceRequest on the wire, without id and path: service, labels, preferences.
    package var template: [UInt8] = []
    /// The name of the client's own path segment.
    package var segmentName = "client"
    /// How long the client's segment is valid; set anew when half of it has passed.
    package var lifetime = TimeAmount.minutes(10)

    package init() {}

    /// A connection that nobody knows yet: its path is the client alone.
    ///
    /// - Parameter now: nanoseconds since 1970.
    /// - Throws: when the template is no request.
    package func fresh(id: String, now: UnixNanoseconds) throws(MessageError) -> Message {
        let message = try Message(request: template)
        try message.set(.id, to: id)
        try message.setSegment(0, to: PathSegment(name: segmentName, id: id, expires: now + lifetime.nanoseconds))
        return message
    }

    /// The Request that refreshes what an answer returned.
    ///
    /// - Parameter connection: the answer; becomes the Request.
    package func refresh(_ connection: Message) throws(MessageError) {
        try connection.assign(.preferences, from: try Message(request: template))
    }

    /// Sets the end of the client's segment anew.
    package func renew(_ message: Message, now: UnixNanoseconds) throws(MessageError) {
        guard var segment = message.segment(0) else { return }
        segment.expires = now + lifetime.nanoseconds
        try message.setSegment(0, to: segment)
    }
}
