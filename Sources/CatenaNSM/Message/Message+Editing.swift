// SPDX-License-Identifier: Apache-2.0
// The one way in which a message changes: a range of its bytes is replaced, the index moves along, and the lengths of the
// messages around it are set right. All setters are made of this.

extension Message {
    /// Writes a field of the index, whole with its tag, or removes it when `field` is empty. Makes the messages that it
    /// belongs to when they are not there.
    ///
    /// - Parameter header: how many bytes of `field` are tag and length.
    func put(_ slot: IndexSlot, _ field: [UInt8], header: Int) throws(MessageError) {
        let old = index[slot]
        guard old.isPresent || !field.isEmpty else { return }
        try checkSize(adding: field.count)
        if let container = slot.container { makeContainer(container) }
        let range = old.isPresent ? index[slot].whole : start(of: slot.container)
        splice(range, with: field)
        let start = range.lowerBound
        index[slot] = field.isEmpty ? .absent : FieldRange(start: start, body: start + header, end: start + field.count)
        fitLength(of: slot.container)
    }

    /// Replaces bytes inside a message of the index that are not one of its fields, such as a map entry.
    func replace(_ range: Range<Int>, with bytes: [UInt8], in container: IndexSlot) throws(MessageError) {
        try checkSize(adding: bytes.count)
        splice(range, with: bytes)
        fitLength(of: container)
    }

    /// Makes a message, empty, unless it is there, and the one around it.
    func makeContainer(_ slot: IndexSlot) {
        guard !index[slot].isPresent else { return }
        if let outer = slot.container { makeContainer(outer) }
        let start = start(of: slot.container).lowerBound
        var writer = WireWriter(capacity: 8)
        writer.header(slot.number, count: 0)
        splice(start..<start, with: writer.bytes)
        index[slot] = FieldRange(start: start, body: start + 2, end: start + 2)
        fitLength(of: slot.container)
    }

    /// Where new fields go: in front. (At the end, an index could not tell the container from its last field.)
    func start(of container: IndexSlot?) -> Range<Int> {
        guard let container else { return 0..<0 }
        let start = index[container].contents.lowerBound
        return start..<start
    }

    /// Looks at all bytes again, after an edit that has replaced fields of the index inside others.
    func rescan() throws(MessageError) {
        index = try MessageIndex(scanning: storage)
        cursor = nil
    }

    private func splice(_ range: Range<Int>, with bytes: [UInt8]) {
        let delta = bytes.count - range.count
        if isKnownUniquelyReferenced(&storage), storage.hasRoom(for: delta) {
            storage.replace(range, with: bytes.span)
        } else {
            storage = ByteStorage(storage, replacing: range, with: bytes.span)
        }
        index.follow(range, delta: delta)
        cursor = nil
    }

    /// Writes the length of a message anew after its contents have changed, and those of the messages around it.
    private func fitLength(of slot: IndexSlot?) {
        guard let slot else { return }
        let place = index[slot]
        let (start, body, count) = (place.whole.lowerBound, place.contents.lowerBound, place.contents.count)
        if body - start == 1 + WireWriter.width(UInt64(count)) {
            // In place: nobody shares the storage just after a splice. The tag too, as a peer may have padded it.
            let length = storage.overwrite(at: start, with: UInt64(slot.number) << 3 | UInt64(WireType.delimited.rawValue))
            storage.overwrite(at: length, with: UInt64(count))
        } else {
            var writer = WireWriter(capacity: 8)
            writer.header(slot.number, count: count)
            splice(start..<body, with: writer.bytes)
            index[slot] = FieldRange(start: start, body: start + writer.bytes.count, end: start + writer.bytes.count + count)
        }
        fitLength(of: slot.container)
    }

    /// Twenty bytes are more than the headers around an edit can grow.
    private func checkSize(adding count: Int) throws(MessageError) {
        guard storage.count <= Self.sizeLimit - count - 20 else { throw MessageError(.tooLarge, in: .request) }
    }
}

extension IndexSlot {
    /// The field number of a message of the index.
    fileprivate var number: UInt32 {
        switch self {
        case .connection: 1
        case .preferences: 2
        case .field(let number): number
        case .pathIndex: 1
        }
    }
}
