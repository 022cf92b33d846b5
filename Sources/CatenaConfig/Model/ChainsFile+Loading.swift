// SPDX-License-Identifier: Apache-2.0
//
// The only way in: bytes to a checked file, or all that is wrong with them. No module is loaded and no socket opened.
// The environment comes in as a value, so a test and `catena validate` see exactly what `catena serve` will.

extension ChainsFile {
    /// The longest file that is read unless the caller says otherwise: 4 MiB.
    public static let defaultSizeLimit = 4 * 1024 * 1024

    /// Reads and checks a file.
    ///
    /// - Parameters:
    ///   - path: also the name shown in diagnostics.
    ///   - environment: what `${VAR}` in string values is replaced from.
    ///   - sizeLimit: the longest file to read, in bytes.
    /// - Throws: a `ConfigError` with every problem that can be told without a module, a file that cannot be read included.
    public static func load(
        path: String, environment: [String: String], sizeLimit: Int = defaultSizeLimit
    ) throws(ConfigError) -> ChainsFile {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, limit: sizeLimit)
        } catch {
            let message = "cannot read: \(error.reason) (name another file with --config)"
            throw ConfigError([Diagnostic(severity: .error, file: path, message: message)])
        }
        return try parse(bytes: bytes, path: path, environment: environment, sizeLimit: sizeLimit)
    }

    /// Checks the bytes of a file that is read already; `path` is shown in diagnostics. Otherwise as `load`.
    public static func parse(
        bytes: [UInt8], path: String, environment: [String: String], sizeLimit: Int = defaultSizeLimit
    ) throws(ConfigError) -> ChainsFile {
        guard bytes.count <= sizeLimit else {
            let message = "the file is longer than \(sizeLimit) bytes, the most that is read"
            throw ConfigError([Diagnostic(severity: .error, file: path, message: message)])
        }
        let source = SourceText(file: path, bytes: bytes)
        let (root, problems) = JSONParser.parse(source)
        guard let root else { throw ConfigError(problems) }
        var reader = ChainsReader(source: source, environment: environment, problems: problems)
        let file = reader.file(root)
        guard let file, reader.problems.diagnostics.isEmpty else {
            throw ConfigError(reader.problems.diagnostics, readable: file)
        }
        return file
    }
}
