// SPDX-License-Identifier: Apache-2.0
// Why bytes are not a message, or why an edit was refused. Bytes come from peers and values from elements, so every failure
// here says where it is: a wrong offset in somebody else's encoder is found by nobody without it.

/// Bytes that are not what they should be, or an edit that makes no sense. The message is as it was before.
package struct MessageError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// The bytes end inside a field.
        case truncated
        /// A number of more than ten bytes, or a tag of more than five.
        case overlongNumber
        /// Wire types 6 and 7 do not exist.
        case unknownWireType
        case fieldNumberZero
        /// A group ends that did not begin, or another one than began last.
        case strayGroupEnd
        /// More than 100 messages and groups inside each other.
        case tooDeep
        case notUTF8
        /// More than 2 GiB, the limit of protobuf.
        case tooLarge
        /// The bytes hold something else than mechanism preferences.
        case notAPreference
        /// This field cannot be read or written in this way, such as a number as text.
        case wrongKind
        case noSuchSegment
    }

    package let reason: Reason
    /// Where: counted in the bytes that were given, 0 when the edit itself is the reason.
    package let offset: Int
    /// The message and the field number inside it that were being read.
    let place: (type: MessageType, number: UInt32)

    init(_ reason: Reason, at offset: Int = 0, in type: MessageType, field number: UInt32 = 0) {
        self.reason = reason
        self.offset = offset
        self.place = (type, number)
    }

    /// The same, for a caller whose bytes begin elsewhere.
    func moved(by delta: Int) -> MessageError {
        MessageError(reason, at: max(0, offset + delta), in: place.type, field: place.number)
    }

    /// The field as in the .proto files, `PathSegment.token`; the message alone when the number was not read.
    package var field: String {
        guard place.number != 0 else { return place.type.name.description }
        return "\(place.type.name).\(place.type.field(place.number)?.name.description ?? "#\(place.number)")"
    }

    package static func == (a: MessageError, b: MessageError) -> Bool {
        a.reason == b.reason && a.offset == b.offset && a.place == b.place
    }
}

extension MessageError: CustomStringConvertible {
    package var description: String {
        switch reason {
        case .tooLarge, .wrongKind, .noSuchSegment: "\(field): \(sentence)"
        default: "\(field) at byte \(offset): \(sentence)"
        }
    }

    private var sentence: String {
        switch reason {
        case .truncated: "the bytes end inside a field"
        case .overlongNumber: "a number or tag has too many bytes"
        case .unknownWireType: "there is no such wire type"
        case .fieldNumberZero: "field number 0 is not allowed"
        case .strayGroupEnd: "a group ends that did not begin"
        case .tooDeep: "more than \(WireReader.depthLimit) messages inside each other"
        case .notUTF8: "the text is not UTF-8"
        case .tooLarge: "a message has at most \(Message.sizeLimit) bytes"
        case .notAPreference: "this is not a mechanism preference"
        case .wrongKind: "the field cannot be read or written in this way"
        case .noSuchSegment: "the path has no such segment"
        }
    }
}
