// SPDX-License-Identifier: Apache-2.0
// A README that shows a config which the module refuses is worse than none. So each example is given to the module, and
// each README has the parts that a reader looks for.
internal import CatenaElement
internal import CatenaElementTesting
internal import ClientURLElement
internal import ConnectElement
internal import Foundation
internal import HealElement
internal import HealthCheckElement
internal import LoggingElement
internal import MonitorElement
internal import SerializeElement
internal import Testing
internal import UpdatePathElement

@Suite("READMEs of the modules")
struct ReadmeTests {
    private static let plugins = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Plugins")

    private func check<E: ChainElement>(_ folder: String, _ type: E.Type) throws {
        let text = try String(contentsOf: Self.plugins.appendingPathComponent("\(folder)/README.md"), encoding: .utf8)
        let id = E.descriptor.id
        #expect(text.hasPrefix("# \(id)\n"))
        let parts = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
        #expect(parts == ["## Name", "## Description", "## Syntax", "## Values", "## Position", "## On error", "## Examples"])
        #expect(text.contains("\n## Syntax\n\n\(E.Config.documentation)\n\n## Values"), "\(id): the table is \n\(E.Config.documentation)")
        let examples = text.components(separatedBy: "```json\n").dropFirst().compactMap { $0.components(separatedBy: "\n```").first }
        #expect(!examples.isEmpty)
        for example in examples {
            let entry = try JSONSerialization.jsonObject(with: Data(example.utf8), options: .fragmentsAllowed)
            guard let object = entry as? [String: Any] else {
                #expect(entry as? String == id)
                #expect(try ElementSource(type).problems(in: "{}").isEmpty)
                continue
            }
            #expect(object["element"] as? String == id && Set(object.keys).isSubset(of: ["element", "name", "config"]))
            let config = try JSONSerialization.data(withJSONObject: object["config"] ?? [String: Any]())
            #expect(try ElementSource(type).problems(in: ConfigText(String(decoding: config, as: UTF8.self))).isEmpty)
        }
    }

    @Test("every example is a valid entry of chains.json, and every README has the same parts")
    func examples() throws {
        try check("Logging", LoggingElement.self)
        try check("UpdatePath", UpdatePathElement.self)
        try check("ClientURL", ClientURLElement.self)
        try check("Serialize", SerializeElement.self)
        try check("Connect", ConnectElement.self)
        try check("HealthCheck", HealthCheckElement.self)
        try check("Monitor", MonitorElement.self)
        try check("Heal", HealElement.self)
    }
}
