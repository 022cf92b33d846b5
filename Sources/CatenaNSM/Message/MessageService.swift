// SPDX-License-Identifier: Apache-2.0
// "message/1": the table of C functions through which elements and the engine reach messages. A `catena_msg *` is a counted
// reference to a `Message`, and this is the only place where one is made of the other.

package import CatenaABI

/// The service that a host offers as `message/1`.
package enum MessageService {
    /// The table. The owner of a host keeps it at a fixed address for as long as the host lives.
    package static func table() -> catena_message_api {
        catena_message_api(
            struct_size: UInt32(MemoryLayout<catena_message_api>.size), reserved: 0,
            get: { m, field in
                guard let m, let field = MessageField(rawValue: field) else { return .absent }
                return lent(m) { catena_view($0.view(field)) }
            },
            set: { m, field, value in
                change(m, field) { (message, field) throws(MessageError) in try message.set(field, to: value.buffer?.span) }
            },
            number: { m, field in
                guard let m, let field = MessageField(rawValue: field) else { return 0 }
                return lent(m) { $0.number(field) }
            },
            set_number: { m, field, value in
                change(m, field) { (message, field) throws(MessageError) in try message.setNumber(field, to: value) }
            },
            get_key: { m, map, key in
                guard let m, let map = MessageField(rawValue: map) else { return .absent }
                return lent(m) { message in catena_view(message.place(of: key.buffer.span, in: map).map { message.view($0) }) }
            },
            set_key: { m, map, key, value in
                change(m, map) { (message, map) throws(MessageError) in
                    try message.setValue(value.buffer?.span, of: key.buffer.span, in: map)
                }
            },
            segments: { m in
                guard let m else { return 0 }
                return lent(m) { UInt32(truncatingIfNeeded: $0.segmentCount) }
            },
            segment: { m, i, out in
                guard let m, let out else { return CATENA_MISUSE }
                return lent(m) { message in
                    guard let places = message.segmentPlaces(Int(i)) else { return CATENA_NOT_FOUND }
                    out.pointee = catena_segment(places, in: message)
                    return CATENA_OK
                }
            },
            set_segment: { m, i, value in
                guard let m, let value = value?.pointee else { return CATENA_MISUSE }
                return change(m) { message throws(MessageError) in
                    try message.setSegment(
                        Int(i), name: value.name.buffer.span, id: value.id.buffer.span, token: value.token.buffer.span,
                        expires: value.expires_unix_ns == .min ? nil : value.expires_unix_ns)
                }
            },
            cut_segments: { m, count in
                guard let m else { return CATENA_MISUSE }
                return change(m) { message throws(MessageError) in try message.cutSegments(to: Int(count)) }
            },
            clone: { m in
                guard let m else { return nil }
                return lent(m) { message in message.alone { message.clone() }.retained() }
            },
            release: { m in if let m { Message.release(m) } },
            assign: { to, from, field in
                guard let from else { return CATENA_MISUSE }
                return lent(from) { from in
                    change(to, field) { (message, field) throws(MessageError) in try message.assign(field, from: from) }
                }
            },
            equal: { a, b in
                guard let a, let b else { return a == b }
                return lent(a) { a in lent(b) { b in a.isEqual(to: b) } }
            },
            json: { m, field, limit, writer in
                guard let m, let field = MessageField(rawValue: field), let writer = writer?.pointee, let put = writer.put else { return }
                lent(m) { $0.jsonBytes(field, limit: Int(clamping: limit)) }.withUnsafeBufferPointer {
                    put(writer.ctx, catena_view(ptr: $0.baseAddress, len: $0.count))
                }
            })
    }
}

/// Whoever calls through C holds a reference until the call returns, so none is counted here; there are twenty such calls for each call
/// of a chain.
@inline(__always)
private func lent<R>(_ pointer: OpaquePointer, _ body: (Message) -> R) -> R { Message.lent(pointer, body) }

/// Runs an edit of a field that C named by number.
@inline(__always)
private func change(
    _ pointer: OpaquePointer?, _ field: UInt32, _ edit: (Message, MessageField) throws(MessageError) -> Void
) -> catena_status {
    guard let pointer, let field = MessageField(rawValue: field) else { return CATENA_MISUSE }
    return change(pointer) { message throws(MessageError) in try edit(message, field) }
}

@inline(__always)
private func change(_ pointer: OpaquePointer, _ edit: (Message) throws(MessageError) -> Void) -> catena_status {
    lent(pointer) { message in
        do throws(MessageError) {
            try message.alone { () throws(MessageError) in try edit(message) }
            return CATENA_OK
        } catch {
            return status(of: error)
        }
    }
}

private func status(of error: MessageError) -> catena_status {
    switch error.reason {
    case .wrongKind: CATENA_MISUSE
    case .noSuchSegment: CATENA_NOT_FOUND
    case .tooLarge: CATENA_RESOURCE_EXHAUSTED
    default: CATENA_INVALID_ARGUMENT
    }
}

extension Message {
    /// One more reference, for C. It is given back with `release`, or taken over with `owned`.
    package consuming func retained() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    /// The message of a pointer that somebody else keeps alive.
    package static func borrowed(_ pointer: OpaquePointer) -> Message {
        Unmanaged<Message>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// Runs `body` with the message of a pointer that somebody else keeps alive meanwhile.
    @inline(__always)
    package static func lent<R>(_ pointer: OpaquePointer, _ body: (Message) -> R) -> R {
        Unmanaged<Message>.fromOpaque(UnsafeRawPointer(pointer))._withUnsafeGuaranteedRef(body)
    }

    /// The message of a reference that is taken over.
    package static func owned(_ pointer: OpaquePointer) -> Message {
        Unmanaged<Message>.fromOpaque(UnsafeRawPointer(pointer)).takeRetainedValue()
    }

    /// Gives a reference back.
    package static func release(_ pointer: OpaquePointer) {
        Unmanaged<Message>.fromOpaque(UnsafeRawPointer(pointer)).release()
    }
}
