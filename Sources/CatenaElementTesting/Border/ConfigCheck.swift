// SPDX-License-Identifier: Apache-2.0
// Asks a type about a config, or has it make an instance, and gathers what it says.
internal import CatenaABI
internal import CatenaElement

/// What a sink was told.
final class ConfigCheck {
    private(set) var problems: [ConfigProblem] = []
    private(set) var chains: [ConfigProblem] = []

    init() {}

    /// Runs the type's validation, if it has one.
    init(of type: UnsafePointer<catena_type>, _ config: ConfigText) {
        guard let validate = type.pointee.validate else { return }
        withSink { sink in catena_view.with(Array(config.json.utf8)) { validate(type.pointee.ctx, $0, sink) } }
    }

    func withSink<R>(_ body: (UnsafePointer<catena_sink>) -> R) -> R {
        var sink = catena_sink(
            struct_size: UInt32(MemoryLayout<catena_sink>.size), reserved: 0, ctx: Unmanaged.passUnretained(self).toOpaque(),
            problem: { context, _, pointer, message in
                ConfigCheck.at(context)?.problems.append(ConfigProblem(at: pointer.text, message.text))
            },
            uses_chain: { context, pointer, chain, _ in
                ConfigCheck.at(context)?.chains.append(ConfigProblem(at: pointer.text, chain.text))
            })
        return body(&sink)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> ConfigCheck? {
        context.map { Unmanaged<ConfigCheck>.fromOpaque($0).takeUnretainedValue() }
    }
}
