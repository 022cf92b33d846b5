// SPDX-License-Identifier: Apache-2.0
// Turns the members of one JSON object into typed values. It never stops at a mistake: each is noted with its place, so
// that one run of the host shows all of them.

/// Reads one object of a config, key by key. Not kept after ``ElementConfig/init(reading:)``.
public final class ConfigReader {
    private let members: [JSONMember]
    private let pointer: String
    let report: ConfigReport
    private var asked: [String] = []

    init(_ members: [JSONMember], at pointer: String, report: ConfigReport) {
        self.members = members
        self.pointer = pointer
        self.report = report
    }

    /// Whether the key is written, for a setting without a default.
    public func has(_ key: String) -> Bool {
        asked.append(key)
        return members.contains { $0.key == key }
    }

    /// Notes a mistake that only shows when several keys are seen together.
    /// - Parameter key: the key to point at; nil for the object.
    public func problem(at key: String? = nil, _ message: String) {
        report.add(ConfigProblem(at: key.map(place) ?? pointer, message))
    }

    /// The one way to a value. `convert` answers nil for a value that is not what was expected.
    /// - Parameter fallback: what an absent key means; nil: the key is required, and `standIn` is answered.
    func value<T>(
        _ key: String, fallback: T?, standIn: @autoclosure () -> T, expected: @autoclosure () -> String,
        hint: (JSONValue) -> String = { _ in "" }, convert: (JSONValue, _ pointer: String) -> T?
    ) -> T {
        asked.append(key)
        guard let member = members.first(where: { $0.key == key }) else {
            if let fallback { return fallback }
            problem("\"\(key)\" is missing: expected \(expected())")
            return standIn()
        }
        let place = place(of: key)
        if let value = convert(member.value, place) { return value }
        report.add(ConfigProblem(at: place, "expected \(expected()), got \(member.value.quoted)\(hint(member.value))"))
        return fallback ?? standIn()
    }

    /// Reads a whole object and then reports the keys that nobody asked for. Keys that begin with `x-` are the user's own.
    func read<C: ElementConfig>(_ type: C.Type) -> C {
        let config = C(reading: self)
        for member in members where !asked.contains(member.key) && !member.key.hasPrefix("x-") {
            let hint = Suggestion.text(for: member.key, among: asked)
            report.add(ConfigProblem(at: place(of: member.key), "unknown key \"\(member.key)\"\(hint)"))
        }
        return config
    }

    private func place(of key: String) -> String { Self.pointer(pointer, key) }

    /// RFC 6901: `~` and `/` in a key are written `~0` and `~1`.
    static func pointer(_ parent: String, _ key: String) -> String {
        var text = parent + "/"
        for character in key {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
        return text
    }
}
