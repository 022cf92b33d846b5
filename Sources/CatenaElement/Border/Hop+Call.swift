// SPDX-License-Identifier: Apache-2.0
// What a hook may ask about the caller, and the time it may give to the rest of the chain.
internal import CatenaABI

extension Hop {
    /// Where to come back to when the hook is over; nil above the anchor and in a chain without one.
    public var home: Home<Element>? {
        connection.map { Home(connection: $0, leg: leg, host: host) }
    }

    /// Gives everything below a time of its own, begun anew at each descent, never past ``deadline``. When it is over, the
    /// part below is cancelled and ``RequestReplyHook`` sees DEADLINE_EXCEEDED. In ``RequestHook`` only.
    /// - Throws: INTERNAL in another hook, or for a span that is not above zero.
    public func limitBelow(to span: Duration) throws(ElementError) {
        let status = host.services.pointee.call.pointee.deadline_below(host.pointer, pointer.pointee.call, span.nanoseconds)
        guard status == CATENA_OK else { throw ElementError(status: status, "cannot limit the time below") }
    }

    /// The caller's address, `127.0.0.1:41312`; nil for an event or a caller without one.
    public var peer: String? {
        let text = host.services.pointee.call.pointee.peer(host.pointer, pointer.pointee.call).string
        return text.isEmpty ? nil : text
    }

    /// The caller's gRPC metadata under a lower-case key, in the order it was sent; empty: none, as for an event.
    public func metadata(_ key: String) -> [String] {
        var values: [String] = []
        while let bytes = metadataBytes(key, at: values.count) { values.append(String(decoding: bytes, as: UTF8.self)) }
        return values
    }

    /// One value of the caller's metadata as bytes, as for a key that ends in `-bin`; nil: there are not so many.
    public func metadataBytes(_ key: String, at index: Int = 0) -> [UInt8]? {
        withCText(key) {
            host.services.pointee.call.pointee.metadata(host.pointer, pointer.pointee.call, $0, UInt32(clamping: index)).bytes
        }
    }
}
