// SPDX-License-Identifier: Apache-2.0
// Keeps what the engine and its elements say. A level that the kit has no name for cannot come: both have the header's.
internal import CatenaChain
internal import CatenaElement
internal import Synchronization

final class BenchLog: LogSink {
    private let state = Mutex<[LogLine]>([])
    var lines: [LogLine] { state.withLock { $0 } }

    func write(_ level: CatenaChain.LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {
        let line = LogLine(
            level: CatenaElement.LogLevel(rawValue: level.rawValue) ?? .trace, origin: origin, text: text,
            fields: Dictionary(fields.map { ($0.key, $0.value) }) { $1 })
        state.withLock { $0.append(line) }
    }
}
