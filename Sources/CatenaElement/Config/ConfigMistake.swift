// SPDX-License-Identifier: Apache-2.0
// What an author can get wrong in a declaration of fields and the compiler cannot see. A module with such a mistake refuses
// to load and says which, instead of surprising a user later.

enum ConfigMistake {
    /// The first mistake in the fields of a config, nil for none.
    static func first<Config: ElementConfig>(in type: Config.Type) -> String? {
        var keys: Set<String> = []
        for field in Config.fields {
            if field.key.isEmpty || field.key.hasPrefix("x-") { return "the key \"\(field.key)\" is not for elements to declare" }
            if !keys.insert(field.key).inserted { return "the key \"\(field.key)\" is declared twice" }
            guard let fallback = field.fallback else { continue }
            let report = ConfigReport()
            var config = Config()
            field.read(fallback, "", report, &config)
            if let problem = report.problems.first { return "the default of \"\(field.key)\": \(problem.message)" }
        }
        return nil
    }
}
