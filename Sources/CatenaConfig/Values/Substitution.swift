// SPDX-License-Identifier: Apache-2.0
//
// One file serves many machines, so values may come from the environment; a variable that was forgotten must stop the start.
// What a variable holds is never scanned again: a password with "${" in it stays a password.

/// A string with `${VAR}` and `${VAR:-default}` replaced, and what went wrong on the way.
struct Substitution: Sendable, Equatable {
    /// The result; meaningless when there are problems.
    private(set) var text = ""
    /// Sentences without a final stop, one for each `${` that could not be replaced.
    private(set) var problems: [String] = []

    /// As in a shell, `${VAR:-default}` takes the default when the variable is unset or empty. `$${` gives a plain `${`.
    init(_ template: String, environment: [String: String]) {
        guard template.utf8.contains(UInt8(ascii: "$")) else {
            text = template
            return
        }
        var rest = Substring(template).utf8
        var result: [UInt8] = []
        while let byte = rest.first {
            if rest.starts(with: "$${".utf8) {
                result += "${".utf8
                rest = rest.dropFirst(3)
            } else if rest.starts(with: "${".utf8) {
                rest = rest.dropFirst(2)
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    problems.append("\"${\" has no closing \"}\": close it, or write \"$${\" for a plain \"${\"")
                    break
                }
                result += value(of: Substring(rest[..<end]), environment: environment).utf8
                rest = rest[rest.index(after: end)...]
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        text = String(decoding: result, as: UTF8.self)
    }

    private mutating func value(of expression: Substring, environment: [String: String]) -> String {
        let isNameByte = { (byte: UInt8) in byte.isLetterOrDigit || byte == UInt8(ascii: "_") }
        let name = String(Substring(expression.utf8.prefix(while: isNameByte)))
        let after = Substring(expression.utf8.dropFirst(name.utf8.count))
        guard let first = name.utf8.first, !first.isDigit else {
            let hint = "write ${NAME} with letters, digits and \"_\", or \"$${\" for a plain \"${\""
            problems.append("\("${\(expression)}".quoted()) names no variable: \(hint)")
            return ""
        }
        if after.utf8.starts(with: ":-".utf8) {
            let fallback = String(Substring(after.utf8.dropFirst(2)))
            if fallback.contains("${") {
                problems.append("the default of ${\(name)} holds another \"${\": a default is plain text")
                return ""
            }
            guard let value = environment[name], !value.isEmpty else { return fallback }
            return value
        }
        guard after.isEmpty else {
            problems.append("\("${\(expression)}".quoted()) is not understood: write ${\(name)} or ${\(name):-default}")
            return ""
        }
        guard let value = environment[name] else {
            problems.append("the environment variable \(name) is not set: set it, or give a default as in ${\(name):-default}")
            return ""
        }
        return value
    }
}
