// SPDX-License-Identifier: Apache-2.0
// Labels and mechanism parameters, by key. They are found by going through the fields of their message, which for the handful
// that a message has is as fast as a table and costs nothing when nobody asks.

extension Message {
    /// Where the value of a key stands; nil: there is no such key.
    func place(of key: Span<UInt8>, in map: MessageField) -> Range<Int>? {
        guard case .map(let slot, let type, let number) = map.kind, index[slot].isPresent else { return nil }
        return withBytes { bytes in
            var found: Range<Int>?
            var reader = WireReader(index[slot].contents, of: type)
            while let field = reader.nextChecked(in: bytes) {
                guard field.number == number, field.type == .delimited else { continue }
                let entry = MapEntry(field.contents, in: bytes, of: type)
                if bytes.extracting(entry.key).hasSameBytes(as: key) { found = entry.value }
            }
            return found
        }
    }

    /// The value of a key; nil: there is no such key, or the field is not a map.
    package func value(of key: String, in map: MessageField) -> String? {
        let key = Array(key.utf8)
        return place(of: key.span, in: map).map { String(decoding: bytes.view($0), as: UTF8.self) }
    }

    /// Writes one entry of a map; nil removes it.
    ///
    /// - Throws: when key or value is not UTF-8, or the field is not a map.
    package func setValue(_ value: Span<UInt8>?, of key: Span<UInt8>, in map: MessageField) throws(MessageError) {
        guard case .map(let slot, let type, let number) = map.kind else { throw map.error(.wrongKind) }
        try type.checkText(key, 0..<key.count, field: number)
        if let value { try type.checkText(value, 0..<value.count, field: number) }

        var writer = WireWriter()
        if let value { writer.delimited(number, MapEntry.encoded(key: key, value: value).span) }
        let key = key.copied()  // it may be a part of this message, which is about to change
        var (place, isAlone) = entry(of: key.span, in: slot, type, number)
        if !isAlone {
            // Legal on the wire, and written by nobody. One rewrite, so that a hostile message cannot make this slow.
            become(try withBytes { (bytes) throws(MessageError) in
                try Message(request: MessageType.request.canonical(bytes, 0..<bytes.count))
            })
            (place, isAlone) = entry(of: key.span, in: slot, type, number)
        }
        if let place {
            try replace(place, with: writer.bytes, in: slot)
        } else if value != nil {
            makeContainer(slot)
            try replace(start(of: slot), with: writer.bytes, in: slot)
        }
    }

    /// Writes one entry of a map; nil removes it.
    package func setValue(_ value: String?, of key: String, in map: MessageField) throws(MessageError) {
        let key = Array(key.utf8)
        guard let value else { return try setValue(nil as Span<UInt8>?, of: key.span, in: map) }
        let bytes = Array(value.utf8)
        try setValue(bytes.span, of: key.span, in: map)
    }

    /// The whole entry of a key, and whether it is the only one.
    private func entry(
        of key: Span<UInt8>, in slot: IndexSlot, _ type: MessageType, _ number: UInt32
    ) -> (place: Range<Int>?, isAlone: Bool) {
        guard index[slot].isPresent else { return (nil, true) }
        return withBytes { bytes in
            var found: Range<Int>?
            var reader = WireReader(index[slot].contents, of: type)
            while let field = reader.nextChecked(in: bytes) {
                guard field.number == number, field.type == .delimited else { continue }
                guard bytes.extracting(MapEntry(field.contents, in: bytes, of: type).key).hasSameBytes(as: key) else { continue }
                if found != nil { return (found, false) }
                found = field.whole
            }
            return (found, true)
        }
    }
}
