// SPDX-License-Identifier: Apache-2.0
// Options that say whose modules are looked at: those that a chains file would find.

import ArgumentParser
import CatenaHost
import Foundation

struct CatalogOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The chains file whose modules are meant (default: chains.json, if there is one).", valueName: "file"))
    var config: String?

    @OptionGroup var modules: ModuleOptions

    func catalog() throws -> ModuleCatalog {
        var configuration = HostConfiguration(configPath: config ?? "", environment: ProcessInfo.processInfo.environment)
        try modules.apply(to: &configuration)
        do throws(HostError) {
            return try ModuleCatalog(
                configPath: config, environment: configuration.environment, describer: configuration.describer,
                allowWritable: modules.allowWritable)
        } catch {
            throw CommandOutput.failure(error)
        }
    }
}
