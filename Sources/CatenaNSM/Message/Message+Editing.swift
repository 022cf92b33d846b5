// SPDX-License-Identifier: Apache-2.0
// The one way in which a message changes: a range of its bytes is replaced, the index moves along, and the lengths of the
// messages around it are set right. All setters are made of this.

extension Message {
    /// Writes a text or message field, and makes the messages that it belongs to when they are not there.
    ///
    /// - Parameters:
    ///   - number: of the field; nil when `contents` are whole fields, with their tags.
    ///   - contents: they have been checked; they may be a part of this message.
    /// - Returns: false: the field was the same, and nothing has changed.
    @discardableResult
    func put(_ slot: IndexSlot, _ number: UInt32?, _ contents: Span<UInt8>) throws(MessageError) -> Bool {
        let old = index[slot]
        // A refresh sets most fields to what they are: that needs no memory of its own for bytes that are shared.
        if old.isPresent, withBytes({ $0.extracting(old.contents).hasSameBytes(as: contents) }) { return false }
        let head = number.map { WireHead($0, count: contents.count) } ?? WireHead()
        guard bytes.overlaps(contents) else {
            try put(slot, head, contents, contentsAt: head.count)
            return true
        }
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: contents.count) { (copy) throws(MessageError) in
            contents.withUnsafeBufferPointer { _ = copy.initialize(from: $0) }
            try put(slot, head, UnsafeBufferPointer(copy).span, contentsAt: head.count)
        }
        return true
    }

    /// Writes a number field.
    func put(_ slot: IndexSlot, _ number: UInt32, value: UInt64) throws(MessageError) {
        let old = index[slot]
        if old.isPresent, withBytes({ $0.number(in: old.contents) }) == value { return }
        let nothing: [UInt8] = []
        try put(slot, WireHead(number, value: value), nothing.span, contentsAt: 1)
    }

    private func put(_ slot: IndexSlot, _ head: WireHead, _ contents: Span<UInt8>, contentsAt: Int) throws(MessageError) {
        let isNew = !index[slot].isPresent
        let count = head.count + contents.count
        try checkSize(adding: count)
        if let container = slot.container { makeContainer(container) }
        let range = isNew ? start(of: slot.container) : index[slot].whole
        splice(range, with: head, contents)
        let start = range.lowerBound
        index[slot] = FieldRange(start: start, body: start + contentsAt, end: start + count)
        fitLength(of: slot.container)
    }

    /// Removes a field of the index.
    /// - Returns: false: it was not there.
    @discardableResult
    func remove(_ slot: IndexSlot) -> Bool {
        guard index[slot].isPresent else { return false }
        let nothing: [UInt8] = []
        splice(index[slot].whole, with: WireHead(), nothing.span)
        index[slot] = .absent
        fitLength(of: slot.container)
        return true
    }

    /// Replaces bytes inside a message of the index that are not one of its fields, such as a map entry. The replacement is
    /// not a part of this message.
    func replace(_ range: Range<Int>, with replacement: [UInt8], in container: IndexSlot) throws(MessageError) {
        try checkSize(adding: replacement.count)
        splice(range, with: WireHead(), replacement.span)
        fitLength(of: container)
    }

    /// Makes a message, empty, unless it is there, and the one around it.
    func makeContainer(_ slot: IndexSlot) {
        guard !index[slot].isPresent else { return }
        if let outer = slot.container { makeContainer(outer) }
        let start = start(of: slot.container).lowerBound
        let nothing: [UInt8] = []
        splice(start..<start, with: WireHead(slot.number, count: 0), nothing.span)
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
        try bytes.scan()
        cursor = nil
    }

    private func splice(_ range: Range<Int>, with head: WireHead, _ contents: Span<UInt8>) {
        bytes.replace(range, with: head, contents)
        index.follow(range, delta: head.count + contents.count - range.count)
        cursor = nil
    }

    /// Writes the length of a message anew after its contents have changed, and those of the messages around it.
    private func fitLength(of slot: IndexSlot?) {
        guard let slot else { return }
        let place = index[slot]
        let (start, body, count) = (place.whole.lowerBound, place.contents.lowerBound, place.contents.count)
        let head = WireHead(slot.number, count: count)
        if body - start == head.count {
            // In place: nobody shares the bytes just after a splice. The tag too, as a peer may have padded it.
            bytes.overwrite(at: start, with: head)
        } else {
            let nothing: [UInt8] = []
            splice(start..<body, with: head, nothing.span)
            index[slot] = FieldRange(start: start, body: start + head.count, end: start + head.count + count)
        }
        fitLength(of: slot.container)
    }

    /// Twenty bytes are more than the headers around an edit can grow.
    private func checkSize(adding count: Int) throws(MessageError) {
        guard bytes.count <= Self.sizeLimit - count - 20 else { throw MessageError(.tooLarge, in: .request) }
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
