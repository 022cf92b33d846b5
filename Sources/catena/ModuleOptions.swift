// SPDX-License-Identifier: Apache-2.0
// Options of the commands that load modules: which files are trusted, and how long one may take to say what it is.

import ArgumentParser
import CatenaHost
import Foundation

struct ModuleOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Also load modules that other users may change, with a warning: for development.")
    var allowWritable = false

    @Option(
        name: .long,
        help: ArgumentHelp("How long a module may take to be opened and described, beforehand in a process of its own.", valueName: "duration"))
    var moduleTimeout = "5s"

    func validate() throws {
        guard try NextHopOptions.duration(moduleTimeout, of: "--module-timeout") > .zero else {
            throw ValidationError("--module-timeout: \(moduleTimeout) is no time in which a module could be described: write more than 0, such as 5s")
        }
    }

    /// Has modules described by another process of this program, and remembers what it says.
    func apply(to configuration: inout HostConfiguration) throws {
        configuration.allowWritable = allowWritable
        let environment = configuration.environment
        configuration.describer = CachingDescriber(
            ChildDescriber(timeout: try NextHopOptions.duration(moduleTimeout, of: "--module-timeout"), environment: environment),
            folder: CachingDescriber.folder(environment))
    }
}
