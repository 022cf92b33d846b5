// SPDX-License-Identifier: Apache-2.0
// Lines of the engine and its elements, on their way to swift-log. The element that wrote a line is the line's source.

internal import CatenaChain
internal import Logging

/// Hands lines to a swift-log logger, which decides nothing: the engine has asked the element's level already.
struct HostLog: LogSink {
    private let logger: Logger

    init(_ logger: Logger) {
        var logger = logger
        logger.logLevel = .trace
        self.logger = logger
    }

    func write(_ level: LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {
        var metadata: Logger.Metadata = [:]
        for field in fields { metadata[field.key] = .string(LogValue.shown(field.value, of: field.key)) }
        logger.log(level: HostLog.level(level), "\(LogValue.cut(text))", metadata: metadata, source: origin)
    }

    private static func level(_ level: LogLevel) -> Logger.Level {
        switch level {
        case .error: .error
        case .warning: .warning
        case .info: .info
        case .debug: .debug
        case .trace: .trace
        }
    }
}
