// SPDX-License-Identifier: Apache-2.0
// A message in the host's memory, lent. It cannot be copied or kept: who wants to keep one takes a copy, which is an
// OwnedMessage.
internal import CatenaABI

/// A NetworkServiceRequest; a Close carries only its connection. Lent for the length of a hook or a closure.
///
/// Unknown protobuf fields survive every change.
public struct Message: ~Copyable {
    /// The message as the header has it, for what this kit does not wrap.
    public let pointer: OpaquePointer
    @usableFromInline let host: Host

    @inlinable
    init(_ pointer: OpaquePointer, _ host: Host) {
        self.pointer = pointer
        self.host = host
    }

    var table: UnsafePointer<catena_message_api> { host.services.pointee.message }

    /// A copy on write, to keep or to send.
    public func copy() throws(ElementError) -> OwnedMessage {
        guard let clone = table.pointee.clone(pointer) else {
            throw ElementError(.resourceExhausted, "the host has no memory for a copy of a message")
        }
        return OwnedMessage(clone, host)
    }

    /// Replaces a field, not the map fields, by the other message's; absent there is absent here.
    public func take(_ field: MessageField, from other: borrowing Message) throws(ElementError) {
        try check(table.pointee.assign(pointer, other.pointer, field.rawValue), "cannot take a field of a message")
    }

    /// Removes a field.
    public func remove(_ field: MessageField) throws(ElementError) {
        try check(table.pointee.set(pointer, field.rawValue, .absent), "cannot remove a field of a message")
    }

    /// A field as it stands on the wire; nil: absent.
    public func bytes(_ field: MessageField) -> [UInt8]? { table.pointee.get(pointer, field.rawValue).bytes }

    /// - Throws: INVALID_ARGUMENT for bytes that are not the field's protobuf.
    public func setBytes(_ field: MessageField, _ bytes: [UInt8]) throws(ElementError) {
        try check(withCView(bytes) { table.pointee.set(pointer, field.rawValue, $0) }, "cannot set a field of a message")
    }

    /// Whether both say the same but for tokens, expiries and metrics of the path.
    public func isEqual(to other: borrowing Message) -> Bool { table.pointee.equal(pointer, other.pointer) }

    /// A field as JSON text with tokens redacted, at most `limit` bytes and then an ellipsis.
    public func json(_ field: MessageField, limit: Int) -> String {
        var bytes: [UInt8] = []
        withUnsafeMutablePointer(to: &bytes) { bytes in
            var writer = catena_writer(appendingTo: bytes)
            table.pointee.json(pointer, field.rawValue, limit, &writer)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func text(_ field: MessageField) -> String { table.pointee.get(pointer, field.rawValue).string ?? "" }

    /// The connection's id where it stands, which costs no copy.
    public var borrowedID: BorrowedText {
        _read { yield BorrowedText(table.pointee.get(pointer, MessageField.id.rawValue)) }
    }

    /// Sets the connection's id to a text of a message, which may be this one.
    public func setID(to text: borrowing BorrowedText) {
        let view = catena_view(ptr: text.bytes.bindMemory(to: UInt8.self).baseAddress, len: text.bytes.count)
        _ = table.pointee.set(pointer, MessageField.id.rawValue, view)
    }

    /// An empty text is an absent field, as in protobuf.
    func setText(_ field: MessageField, _ text: String) {
        _ = withCView(text) { table.pointee.set(pointer, field.rawValue, $0) }
    }

    func number(_ field: UInt32) -> UInt32 { table.pointee.number(pointer, field) }
    func setNumber(_ field: UInt32, _ value: UInt32) { _ = table.pointee.set_number(pointer, field, value) }

    func entry(of map: UInt32, _ key: String) -> String? {
        withCText(key) { table.pointee.get_key(pointer, map, $0).string }
    }

    func setEntry(of map: UInt32, _ key: String, _ value: String?) {
        _ = withCText(key) { key in
            guard let value else { return table.pointee.set_key(pointer, map, key, .absent) }
            return withCView(value) { table.pointee.set_key(pointer, map, key, $0) }
        }
    }

    func check(_ status: catena_status, _ what: String) throws(ElementError) {
        guard status == CATENA_OK else { throw ElementError(status: status, what) }
    }
}
