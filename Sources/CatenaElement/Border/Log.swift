// SPDX-License-Identifier: Apache-2.0
// The host's log. Nothing is built for a line that is not written: the level is one load, and fields are made only after
// it has said yes.
internal import CatenaABI

/// Writes lines under the instance's name. Any thread.
public struct Log: Sendable {
    private let host: Host

    init(_ host: Host) { self.host = host }

    private var table: UnsafePointer<catena_log_api> { host.services.pointee.log }

    /// Whether a line of this level is written just now. The operator may change the answer at any time.
    public func isEnabled(_ level: LogLevel) -> Bool { table.pointee.enabled(host.pointer, level.rawValue) }

    /// Sets this instance's own level, until the operator asks for more or puts it back. In the initializer.
    public func setLevel(_ level: LogLevel) { table.pointee.set_level(host.pointer, level.rawValue) }

    /// Writes one line.
    /// - Parameters:
    ///   - text: constant and lower-case; what varies is a field.
    ///   - ticket: of the hook the line is about; the host adds its connection's id.
    ///   - fields: made only if the line is written.
    public func write(_ level: LogLevel, _ text: StaticString, of ticket: Ticket? = nil, _ fields: @autoclosure () -> [LogField] = []) {
        guard isEnabled(level) else { return }
        withCFields(fields()) { fields in
            let line = text.withUTF8Buffer { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { catena_str(ptr: $0.baseAddress, len: $0.count) }
            }
            table.pointee.write(host.pointer, level.rawValue, ticket?.call ?? 0, line, fields.baseAddress, UInt32(fields.count))
        }
    }

    /// All texts lie in one buffer; the fields point into it.
    private func withCFields(_ fields: [LogField], _ body: (UnsafeBufferPointer<catena_field>) -> Void) {
        var text: [UInt8] = []
        for field in fields {
            text.append(contentsOf: field.key.utf8)
            text.append(contentsOf: field.value.utf8)
        }
        text.withUnsafeBytes { bytes in
            let characters = bytes.assumingMemoryBound(to: CChar.self)
            var offset = 0
            func next(_ part: String) -> catena_str {
                defer { offset += part.utf8.count }
                return catena_str(ptr: characters.baseAddress.map { $0 + offset }, len: part.utf8.count)
            }
            let views = fields.map { catena_field(key: next($0.key), value: next($0.value)) }
            views.withUnsafeBufferPointer(body)
        }
    }
}
