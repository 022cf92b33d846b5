// SPDX-License-Identifier: Apache-2.0
// Who is told of the connections of a bench's chain, when an element of it serves that: what a peer would see, without a socket.
internal import CatenaChain
internal import Synchronization

/// A subscriber of the chain's monitor; from ``ChainBench/subscribe(_:)``.
public final class BenchSubscriber: Sendable {
    /// What it was told of one connection, or of all.
    public enum News: Equatable, Sendable {
        /// It was there when the subscription began.
        case present(TestMessage)
        /// That was all that was there.
        case complete
        /// It is as the message says.
        case update(TestMessage)
        /// It is gone, and was last as the message says.
        case delete(TestMessage)
        /// The chain has stopped.
        case over
    }

    private let state = Mutex<[News]>([])

    /// All that it was told, in order.
    public var news: [News] { state.withLock { $0 } }

    /// As ``news``, in words: `update id-1`.
    public var lines: [String] {
        news.map { news in
            switch news {
            case .present(let message): "present \(message.id)"
            case .complete: "complete"
            case .update(let message): "update \(message.id)"
            case .delete(let message): "delete \(message.id)"
            case .over: "over"
            }
        }
    }
}

extension BenchSubscriber {
    fileprivate func note(_ news: News) { state.withLock { $0.append(news) } }
}

/// The subscriber as the engine sees it.
private final class Ear: MonitorSubscriber {
    private let owner: BenchSubscriber
    private let choice: @Sendable (TestMessage) -> Bool

    init(_ owner: BenchSubscriber, _ choice: @escaping @Sendable (TestMessage) -> Bool) {
        self.owner = owner
        self.choice = choice
    }

    func wants(_ message: OpaquePointer) -> Bool { choice(TestMessage(at: message)) }

    func hear(_ news: MonitorNews) {
        switch news {
        case .present(let one): owner.note(.present(TestMessage(at: one.message)))
        case .complete: owner.note(.complete)
        case .update(let one): owner.note(.update(TestMessage(at: one.message)))
        case .delete(let one): owner.note(.delete(TestMessage(at: one.message)))
        case .over: owner.note(.over)
        }
    }
}

extension ChainBench {
    /// Subscribes to the chain's monitor; nil: no element serves it.
    /// - Parameter choice: which connections the subscriber wants to hear of; all, unless it says otherwise.
    public func subscribe(_ choice: @escaping @Sendable (TestMessage) -> Bool = { _ in true }) -> BenchSubscriber? {
        guard let feed = chain.monitor else { return nil }
        let subscriber = BenchSubscriber()
        feed.subscribe(Ear(subscriber, choice))
        return subscriber
    }
}
