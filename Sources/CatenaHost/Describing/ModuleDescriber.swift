// SPDX-License-Identifier: Apache-2.0
// A module's code runs as soon as its file is opened, and it may crash or never come back. So a host has modules described by
// somebody first, and opens only those of which it has heard that they can be opened.

public import CatenaChain

/// Finds out what modules offer.
public protocol ModuleDescriber: Sendable {
    /// One answer for each file, in their order.
    func describe(_ files: [ModuleFile]) -> [Result<ModuleDescription, ModuleError>]
}

extension ModuleDescriber {
    /// Reads the files and describes those that may be used.
    ///
    /// - Parameter allowWritable: see ``ModuleFile/init(path:allowWritable:)``.
    /// - Returns: one answer for each path, in their order.
    public func describe(_ paths: [String], allowWritable: Bool = false) -> [Result<ModuleDescription, ModuleError>] {
        let files = paths.map { path -> Result<ModuleFile, ModuleError> in
            do throws(ModuleError) {
                return .success(try ModuleFile(path: path, allowWritable: allowWritable))
            } catch {
                return .failure(error)
            }
        }
        var described = describe(files.compactMap { try? $0.get() })[...]
        return files.map { file in file.flatMap { _ in described.removeFirst() } }
    }
}

/// Opens the modules in this process: for a program that is no host, and for modules that are known to be good.
public struct InProcessDescriber: ModuleDescriber {
    public init() {}

    public func describe(_ files: [ModuleFile]) -> [Result<ModuleDescription, ModuleError>] {
        files.map { file in
            do throws(ModuleError) {
                return .success(try Module(file: file).description)
            } catch {
                return .failure(error)
            }
        }
    }
}
