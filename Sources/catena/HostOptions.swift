// SPDX-License-Identifier: Apache-2.0
// Options that say which host is meant: the one with this config, or the one behind this socket.

import ArgumentParser
import CatenaHost
import Foundation

struct ConfigOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The chains file.", valueName: "file"))
    var config = "chains.json"
}

struct HostOptions: ParsableArguments {
    @OptionGroup var config: ConfigOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The control socket (default: .catena/control.sock beside the config, or catena/control.sock in XDG_RUNTIME_DIR).",
            valueName: "path"))
    var control: String?

    var configuration: HostConfiguration {
        HostConfiguration(
            configPath: config.config, controlPath: control, environment: ProcessInfo.processInfo.environment)
    }
}
