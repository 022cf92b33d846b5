// SPDX-License-Identifier: Apache-2.0
// "message/1" over FakeMessage.
internal import CatenaABI

enum FakeMessageTable {
    nonisolated(unsafe) static let pointer: UnsafePointer<catena_message_api> = {
        let table = UnsafeMutablePointer<catena_message_api>.allocate(capacity: 1)
        table.initialize(to: make())
        return UnsafePointer(table)
    }()

    private static func make() -> catena_message_api {
        var table = catena_message_api()
        table.struct_size = UInt32(MemoryLayout<catena_message_api>.size)
        table.get = { message, field in
            let message = FakeMessage.at(message)
            guard let bytes = message.texts[field] else { return catena_view(ptr: nil, len: 0) }
            let lent = message.lend(bytes)
            return catena_view(ptr: lent.baseAddress, len: lent.count)
        }
        table.set = { message, field, value in
            FakeMessage.at(message).texts[field] = value.swift
            return CATENA_OK
        }
        table.number = { message, field in FakeMessage.at(message).numbers[field] ?? 0 }
        table.set_number = { message, field, value in
            FakeMessage.at(message).numbers[field] = value
            return CATENA_OK
        }
        table.get_key = { message, map, key in
            let message = FakeMessage.at(message)
            guard let value = message.maps[map]?[key.swift] else { return catena_view(ptr: nil, len: 0) }
            let lent = message.lend(Array(value.utf8))
            return catena_view(ptr: lent.baseAddress, len: lent.count)
        }
        table.set_key = { message, map, key, value in
            FakeMessage.at(message).maps[map, default: [:]][key.swift] = value.swift.map { String(decoding: $0, as: UTF8.self) }
            return CATENA_OK
        }
        enterPath(&table)
        enterCopies(&table)
        return table
    }

    private static func enterPath(_ table: inout catena_message_api) {
        table.segments = { UInt32(FakeMessage.at($0).segments.count) }
        table.segment = { message, index, out in
            let message = FakeMessage.at(message)
            guard message.segments.indices.contains(Int(index)) else { return CATENA_NOT_FOUND }
            let segment = message.segments[Int(index)]
            out!.pointee = catena_segment(
                name: message.lendText(segment.name), id: message.lendText(segment.id), token: message.lendText(segment.token),
                expires_unix_ns: segment.expires)
            return CATENA_OK
        }
        table.set_segment = { message, index, value in
            let message = FakeMessage.at(message), value = value!.pointee
            let segment = FakeMessage.Segment(
                value.name.swift, value.id.swift, token: value.token.swift, expires: value.expires_unix_ns)
            guard index <= message.segments.count else { return CATENA_NOT_FOUND }
            if index == message.segments.count { message.segments.append(segment) } else { message.segments[Int(index)] = segment }
            return CATENA_OK
        }
        table.cut_segments = { message, count in
            FakeMessage.at(message).segments = Array(FakeMessage.at(message).segments.prefix(Int(count)))
            return CATENA_OK
        }
    }

    private static func enterCopies(_ table: inout catena_message_api) {
        table.clone = { message in
            let copy = FakeMessage.at(message).copy()
            copy.ledger.copies += 1
            return OpaquePointer(Unmanaged.passRetained(copy).toOpaque())
        }
        table.release = { message in
            FakeMessage.at(message).ledger.copies -= 1
            Unmanaged<FakeMessage>.fromOpaque(UnsafeRawPointer(message!)).release()
        }
        table.assign = { to, from, field in
            FakeMessage.at(to).assign(field, from: FakeMessage.at(from))
            return CATENA_OK
        }
        table.equal = { FakeMessage.at($0).json() == FakeMessage.at($1).json() }
        table.json = { message, _, limit, writer in
            let json = Array(FakeMessage.at(message).json().utf8)
            let text = json.count > limit ? Array(json.prefix(limit)) + Array("\u{2026}".utf8) : json
            // In two pieces, as the header allows.
            for piece in [text.prefix(text.count / 2), text.suffix(from: text.count / 2)] {
                Array(piece).withUnsafeBufferPointer {
                    writer!.pointee.put(writer!.pointee.ctx, catena_view(ptr: $0.baseAddress, len: $0.count))
                }
            }
        }
    }
}
