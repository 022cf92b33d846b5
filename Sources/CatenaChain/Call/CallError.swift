// SPDX-License-Identifier: Apache-2.0
// Why a Request or Close failed. It is made once, never changed, and shows itself to C elements without being copied: the C
// struct lives inside it, and its cause is kept alive by it.

public import CatenaABI

/// One failure of one call: a gRPC code, a sentence for people, and the element that began it.
///
/// Immutable, so it may be shared between threads.
public final class CallError: Error, @unchecked Sendable {  // all stored values are written in init and only read after
    /// 1 to 16, the gRPC status codes.
    public let code: catena_status
    /// For people; without the element's name.
    public let text: String
    /// Instance path of the element that began it, such as `forwarder/connect`, in this host or in the one it came from; empty
    /// when another host named none.
    public let origin: String
    /// The next hop's answer was not seen: the call may have taken effect there.
    public let isIndefinite: Bool
    /// A guard refused the call: nothing below it was reached.
    public let isRefused: Bool
    /// What this error replaced on its way out.
    public let cause: CallError?

    /// The same, for C. Valid as long as this object.
    let pointer: UnsafePointer<catena_error>
    private let bytes: UnsafeMutableRawBufferPointer

    public init(
        _ code: catena_status, _ text: String, origin: String = "", isIndefinite: Bool = false, isRefused: Bool = false,
        cause: CallError? = nil
    ) {
        self.code = (1...16).contains(code) ? code : CATENA_UNKNOWN
        self.text = text
        self.origin = origin
        self.isIndefinite = isIndefinite
        self.isRefused = isRefused
        self.cause = cause

        let textCount = text.utf8.count
        let originCount = origin.utf8.count
        bytes = .allocate(byteCount: max(1, textCount + originCount), alignment: 1)
        bytes.copyBytes(from: Array(text.utf8) + Array(origin.utf8))
        let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)

        let made = UnsafeMutablePointer<catena_error>.allocate(capacity: 1)
        made.initialize(
            to: catena_error(
                struct_size: UInt32(MemoryLayout<catena_error>.size),
                flags: (isIndefinite ? CATENA_ERROR_INDEFINITE : 0) | (isRefused ? CATENA_ERROR_REFUSED : 0),
                code: self.code, reserved: 0,
                text: catena_str(ptr: base, len: textCount),
                origin: catena_str(ptr: base.map { $0 + textCount }, len: originCount),
                cause: cause?.pointer))
        pointer = UnsafePointer(made)
    }

    deinit {
        UnsafeMutablePointer(mutating: pointer).deallocate()
        bytes.deallocate()
    }

    /// What an element gave. An empty origin becomes the element's own path.
    convenience init(copying error: UnsafePointer<catena_error>, defaultOrigin: String, depth: Int = 0) {
        let given = error.pointee
        let origin = String(given.origin)
        self.init(
            given.code, String(given.text), origin: origin.isEmpty ? defaultOrigin : origin,
            isIndefinite: given.flags & CATENA_ERROR_INDEFINITE != 0, isRefused: given.flags & CATENA_ERROR_REFUSED != 0,
            cause: depth < 8 ? given.cause.map { CallError(copying: $0, defaultOrigin: "", depth: depth + 1) } : nil)
    }

    /// This error, with another one behind its last cause.
    func caused(by other: CallError?) -> CallError {
        guard let other, other !== self else { return self }
        return CallError(
            code, text, origin: origin, isIndefinite: isIndefinite, isRefused: isRefused,
            cause: cause?.caused(by: other) ?? other)
    }

    /// `forwarder/connect: tcp://127.0.0.1:5002: connection refused`: what a caller is told.
    public var description: String { origin.isEmpty ? text : "\(origin): \(text)" }
}

extension CallError: CustomStringConvertible {
    /// Takes a ``description`` from another host apart, so that who began it stays known through every hop, and is named once.
    static func split(_ description: String) -> (origin: String, text: String) {
        guard let end = description.firstRange(of: ": ") else { return ("", description) }
        let names = description[..<end.lowerBound].split(separator: "/", omittingEmptySubsequences: false)
        let isPath = names.count > 1 && names.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) }
        return isPath ? (String(description[..<end.lowerBound]), String(description[end.upperBound...])) : ("", description)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte)
        }
    }
}

extension String {
    /// The text of a view, repaired where it is not UTF-8.
    package init(_ view: catena_str) {
        guard let base = view.ptr, view.len > 0 else {
            self = ""
            return
        }
        self = String(decoding: UnsafeRawBufferPointer(start: base, count: view.len), as: UTF8.self)
    }
}
