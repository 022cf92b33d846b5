// SPDX-License-Identifier: Apache-2.0
// A Request of one's own: what a client sends that asks for a connection which does not exist yet. Made of the generated types, as
// it is made seldom and every field is written.

internal import SwiftProtobuf

extension Message {
    /// A Request for a new connection, whose path is this client alone.
    ///
    /// - Parameters:
    ///   - client: the name of the client's own path segment.
    ///   - expires: of that segment.
    ///   - mechanism: the type of the one mechanism that is preferred, such as `KERNEL`; nil: none is.
    /// - Throws: when the texts are too large for a message.
    package static func asking(
        for service: String, id: String, labels: [String: String], mechanism: String?, client: String, expires: UnixNanoseconds
    ) throws -> Message {
        var segment = Connection_PathSegment()
        segment.name = client
        segment.id = id
        var seconds = expires / 1_000_000_000, rest = expires % 1_000_000_000
        if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000_000) }
        segment.expires = Google_Protobuf_Timestamp(seconds: seconds, nanos: Int32(rest))
        var request = Networkservice_NetworkServiceRequest()
        request.connection.id = id
        request.connection.networkService = service
        request.connection.labels = labels
        request.connection.path.pathSegments = [segment]
        if let mechanism {
            var preference = Connection_Mechanism()
            preference.cls = "LOCAL"
            preference.type = mechanism
            request.mechanismPreferences = [preference]
        }
        return try Message(request: try request.serializedBytes())
    }
}
