// SPDX-License-Identifier: Apache-2.0
// The inspection for people: a line for each type to choose from, or all about a type to use it.

internal import CatenaConfig

extension InspectionReport {
    /// One line for each type, then what cannot be used. Ends in a line feed.
    public var table: String {
        var table = TextTable(head: ["type", "version", "hooks", "per call", "per connection", "module", "summary"])
        for module in modules {
            for type in module.types {
                let cost = type.cost
                table.rows.append([
                    type.id, type.version, "\(cost.requestHooks.count + cost.closeHooks.count)", InspectionReport.bytes(cost.bytesPerCall),
                    InspectionReport.bytes(cost.bytesPerConnection),
                    InspectionReport.short(module.path) + (module.hiddenBy == nil ? "" : " (hidden)"), type.summary,
                ])
            }
        }
        let lines = table.rows.isEmpty ? ["no modules in \(searchPath.joined(separator: ", "))"] : table.lines()
        return InspectionReport.text(lines + remarks)
    }

    /// A page for each type. Ends in a line feed.
    public var pages: String {
        var lines: [String] = []
        for module in modules {
            for type in module.types {
                if !lines.isEmpty { lines.append("") }
                lines += InspectionReport.page(of: type, in: module)
            }
        }
        return InspectionReport.text(lines + (lines.isEmpty ? Array(remarks.drop(while: \.isEmpty)) : remarks))
    }

    private var remarks: [String] {
        var lines: [String] = []
        for module in modules {
            if let other = module.hiddenBy { lines += ["", "hidden: \(module.path) by \(other), which is searched first"] }
        }
        if !problems.isEmpty { lines += ["", "cannot be used:"] + problems.map { "  \($0.path): \($0.reason)" } }
        if !otherLibraries.isEmpty { lines += ["", "no modules:"] + otherLibraries.map { "  \($0.path): \($0.reason)" } }
        return lines
    }

    private static func page(of type: ElementType, in module: Module) -> [String] {
        var lines = ["\(type.id) \(type.version): \(type.summary)", ""]
        lines.append("  module      \(module.name) \(module.version), \(short(module.path))")
        lines.append("  built with  \(module.builtWith), for minor \(module.abiMinor) of the element ABI")
        if !module.services.isEmpty { lines.append("  services    \(module.services.joined(separator: ", "))") }
        let traits = type.traits.map { "\($0): \(InspectionReport.meaning(ofTrait: $0))" }
        for (index, trait) in traits.enumerated() { lines.append((index == 0 ? "  traits      " : "              ") + trait) }
        if type.stateSchema > 0 { lines.append("  state       version \(type.stateSchema), reads from version \(type.oldestState)") }
        lines += ["", "  config"] + config(of: type).map { "    \($0)" }
        lines += ["", "  values"] + values(of: type).map { "    \($0)" }
        lines += ["", "  cost"] + cost(of: type.cost).map { "    \($0)" }
        return lines
    }

    private static func config(of type: ElementType) -> [String] {
        guard let schema = type.configSchema else { return ["the module gives no schema of it"] }
        guard !type.options.isEmpty else { return [schema.isOpen ? "its schema names no keys" : "none"] }
        var table = TextTable(head: ["key", "default", "value", "meaning"])
        for option in type.options {
            table.rows.append([option.key, option.isRequired ? "required" : option.defaultText ?? "none", option.value, option.meaning])
        }
        return table.lines()
    }

    private static func values(of type: ElementType) -> [String] {
        guard !type.values.isEmpty else { return ["none"] }
        return type.values.flatMap { value in
            let isUp = value.roles.contains("up")
            var lines: [String] = []
            if value.roles.contains("provides") {
                let kept = value.roles.contains("kept") ? ", kept with the connection" : ""
                lines.append("provides \(value.key), \(value.bytes) bytes, to elements \(isUp ? "above, on the way out" : "below")\(kept)")
            }
            if value.roles.contains("consumes") {
                let need = value.roles.contains("optional") ? "does without" : "required"
                lines.append("consumes \(value.key), \(value.bytes) bytes, from an element \(isUp ? "below, on the way out" : "above"): \(need)")
            }
            return lines
        }
    }

    private static func cost(of cost: Cost) -> [String] {
        let hooks = { (hooks: [String]) in hooks.isEmpty ? "no hook: costs nothing" : hooks.joined(separator: ", ") }
        var lines = ["Request     \(hooks(cost.requestHooks))", "Close       \(hooks(cost.closeHooks))"]
        if !cost.otherHooks.isEmpty { lines.append("else        \(cost.otherHooks.joined(separator: ", "))") }
        lines.append("call        \(bytes(cost.bytesPerCall))")
        lines.append("connection  \(bytes(cost.bytesPerConnection))")
        return lines
    }

    private static func meaning(ofTrait trait: String) -> String {
        switch trait {
        case "anchor": "binds calls to their connection; everything per connection begins below it"
        case "guard": "may refuse a Close on the way in"
        case "again": "may have everything below it run once more"
        case "needs-anchor": "stands below an anchor such as \"serialize\""
        default: "known to the module only"
        }
    }

    private static func bytes(_ count: UInt32) -> String { "\(count) bytes" }

    /// Relative to the current folder, where the path leads into it.
    private static func short(_ path: String) -> String {
        let folder = Paths.absolute("") == "/" ? "/" : Paths.absolute("") + "/"
        return path.hasPrefix(folder) && path.utf8.count > folder.utf8.count ? String(path.dropFirst(folder.count)) : path
    }

    private static func text(_ lines: [String]) -> String { lines.map { "\($0.singleLine)\n" }.joined() }
}
