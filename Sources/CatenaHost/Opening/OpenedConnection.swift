// SPDX-License-Identifier: Apache-2.0
// Performs what `Opening` decides for one connection: Requests and the Close run through the connection's own chain, as those of
// any caller from outside do. Everything happens on one event loop; other threads only look.

internal import CatenaChain
internal import CatenaConfig
internal import CatenaGRPC
internal import CatenaNSM
internal import Glibc
internal import Logging
internal import NIOCore
internal import Synchronization

/// One connection that a chain in the client role opens, from the first Request to its Close.
final class OpenedConnection: Sendable {
    /// How long one Request may take.
    static let attemptTime: UInt64 = 15_000_000_000
    /// How long the next hop is promised that the connection lives without a word of ours, in seconds. Nothing here renews it.
    static let lifetime: Int64 = 24 * 60 * 60

    let definition: ConnectionDefinition
    let id: String
    let chain: LinkedChain

    private let engine: Engine
    private let loop: NIOLoop
    private let home: Home
    private let closeTimeout: UInt64
    private let logger: Logger
    private let state = Mutex(State())

    private struct State: Sendable {
        var opening = Opening()
        /// The Request that is under way.
        var request: CallReference?
        /// The connection as it was answered.
        var connection: [UInt8]?
        var whenOver: (@Sendable () -> Void)?
        /// Told after every event.
        var whenChanged: (@Sendable () -> Void)?
    }

    /// - Parameter home: that of `loop`, where all Requests of this connection begin.
    init(
        _ definition: ConnectionDefinition, id: String, chain: LinkedChain, engine: Engine, loop: NIOLoop, home: Home, closeTimeout: UInt64,
        logger: Logger
    ) {
        self.definition = definition
        self.id = id
        self.chain = chain
        self.engine = engine
        self.loop = loop
        self.home = home
        // A time that never comes is one that can be added to.
        self.closeTimeout = min(closeTimeout, .max / 4)
        var logger = logger
        logger[metadataKey: "chain"] = "\(chain.name)"
        logger[metadataKey: "service"] = "\(LogValue.shown(definition.service, of: "service"))"
        logger[metadataKey: "connection.id"] = "\(LogValue.shown(id, of: "connection.id"))"
        self.logger = logger
    }

    /// How it stands just now. From any thread.
    var opening: Opening { state.withLock { $0.opening } }

    /// Begins to ask for it. `changed` is told of each event, on any thread.
    func begin(changed: @escaping @Sendable () -> Void) {
        state.withLock { $0.whenChanged = changed }
        loop.execute { self.happens { $0.begin(at: self.loop.now()) } }
    }

    /// Asks for it no more, and closes it if it was ever asked for. Called once.
    ///
    /// - Parameter done: told when that has been answered, at the latest after the time for a Close.
    func stop(_ done: @escaping @Sendable () -> Void) {
        loop.execute {
            self.state.withLock { $0.whenOver = done }
            self.happens { $0.stop(at: self.loop.now()) }
        }
    }

    /// An event, on the loop.
    private func happens(_ event: (inout Opening) -> Opening.Action) {
        let (action, changed) = state.withLock { (event(&$0.opening), $0.whenChanged) }
        changed?()
        switch action {
        case .nothing: break
        case .request: request()
        case .wait(let pause):
            loop.wake(at: loop.now() + pause) { self.happens { $0.askAgain() } }
        case .leave: state.withLock { $0.request }?.withdraw()
        case .close: close()
        case .finish: state.withLock { $0.whenOver.take() }?()
        }
    }

    // MARK: Request

    private func request() {
        let message: Message
        do {
            message = try asking()
        } catch {
            return failed("the Request cannot be written: \(error)")
        }
        let reference = engine.begin(
            .request, on: chain, message: Self.owned(message), deadline: loop.now() + OpenedConnection.attemptTime,
            caller: AnswerTaker { self.answered($0, $1) }, home: home)
        // It may have been answered already.
        state.withLock { if $0.opening.isAsking { $0.request = reference } }
    }

    private func answered(_ error: CallError?, _ connection: [UInt8]?) {
        let request = state.withLock { state in
            if let connection { state.connection = connection }
            return state.request.take()
        }
        guard let error else {
            if opening.phase == .asking { logger.info("the connection is up") }
            return happens { $0.succeeded(at: self.loop.now()) }
        }
        let status = GRPCStatus(error)
        // Below the anchor it would go on for a while, and the next attempt wait for it. Not inside this call of the engine.
        if status.code == .deadlineExceeded { loop.execute { request?.withdraw() } }
        failed("\(status)")
    }

    private func failed(_ why: String) {
        let opening = opening
        if opening.phase == .asking, opening.failures == 0 {
            logger.warning("the connection could not be opened, and is asked for again until it is", metadata: Self.metadata(why))
        }
        happens { $0.failed(why, jitter: .random(in: 0..<1)) }
    }

    private func asking() throws -> Message {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return try Message.asking(
            for: definition.service, id: id, labels: definition.labels, mechanism: definition.mechanism, client: chain.name,
            expires: (Int64(now.tv_sec) + OpenedConnection.lifetime) * 1_000_000_000)
    }

    // MARK: Close

    /// The connection as it was answered, or as it was asked for where no answer has been seen.
    private func close() {
        do {
            let answered = state.withLock { $0.connection }
            let message = try answered.map { try Message(connection: $0) } ?? asking()
            engine.begin(
                .close, on: chain, message: Self.owned(message), deadline: loop.now() + closeTimeout,
                caller: AnswerTaker { error, _ in self.closed(error) }, home: home)
        } catch {
            logger.warning("the connection could not be closed", metadata: Self.metadata("\(error)"))
            happens { $0.closed() }
        }
    }

    private func closed(_ error: CallError?) {
        if let error {
            // Where no answer was ever seen there may be nothing to close.
            let level: Logger.Level = state.withLock { $0.connection } == nil ? .info : .warning
            logger.log(level: level, "the connection could not be closed", metadata: Self.metadata("\(GRPCStatus(error))"))
        }
        happens { $0.closed() }
    }

    private static func metadata(_ error: String) -> Logger.Metadata {
        ["error": "\(LogValue.shown(error, of: "error"))"]
    }

    private static func owned(_ message: Message) -> OwnedMessage {
        OwnedMessage(takingOver: message.retained(), api: MessageService.shared)
    }
}

/// The host itself, as the caller of a chain.
private final class AnswerTaker: Caller {
    private let take: @Sendable (CallError?, _ connection: [UInt8]?) -> Void

    init(_ take: @escaping @Sendable (CallError?, _ connection: [UInt8]?) -> Void) {
        self.take = take
    }

    var peer: String { "" }
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }

    func answer(error: CallError?, message: OpaquePointer?) {
        take(error, message.map { Message.lent($0) { $0.connectionBytes } })
    }
}
