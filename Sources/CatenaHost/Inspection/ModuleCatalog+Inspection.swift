// SPDX-License-Identifier: Apache-2.0
// What "catena inspect" was asked for, found among the modules: all of them, one type, or one file.

internal import CatenaChain
internal import CatenaConfig
internal import Glibc

/// There is nothing to inspect under that name.
public struct InspectionError: Error, Sendable, CustomStringConvertible {
    public let description: String
}

extension ModuleCatalog {
    /// Every module.
    public func inspection() -> InspectionReport { InspectionReport(entries(), searchPath: searchPath) }

    /// One type, or one library with all its types.
    ///
    /// - Parameter name: a path when it has a `/` or ends in `.so`, else a type.
    public func inspection(of name: String) throws(InspectionError) -> InspectionReport {
        let isFile = name.contains("/") || name.hasSuffix(".so")
        guard !isFile else {
            guard access(name, F_OK) == 0 else { throw InspectionError(description: "\(name): \(String(cString: strerror(errno)))") }
            // A file that somebody names is meant to be a module.
            return InspectionReport([entry(Paths.absolute(name))], searchPath: searchPath)
        }
        if let path = path(ofType: name) {
            let report = InspectionReport([entry(path)], searchPath: searchPath).only(type: name)
            if report.hasTypes || report.hasProblems { return report }
        }
        let all = inspection()
        let report = all.only(type: name)
        guard report.hasTypes else {
            let hint = Suggestion.phrase(for: name, in: all.modules.flatMap(\.types).map(\.id))
            let folders = searchPath.joined(separator: ", ")
            throw InspectionError(
                description: "no module offers the element type \"\(name.singleLine)\"\(hint): looked in \(folders); \"catena inspect\" lists all")
        }
        return report
    }
}
