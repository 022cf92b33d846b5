// SPDX-License-Identifier: Apache-2.0
// From a ticket to its call, from any thread and without a lock. Calls are made once, pooled, and never freed while the engine
// lives, so a ticket kept too long finds a call that knows it is not meant.

internal import CatenaABI
internal import Synchronization

/// Every call object of an engine, by index.
final class CallTable: @unchecked Sendable {  // a chunk is written under the lock, before the count that shows it is raised
    private static let chunkSize = 1024
    private static let chunkLimit = 16_384

    private let chunks: UnsafeMutablePointer<UnsafeMutablePointer<Unmanaged<Call>>?>
    private let count = Atomic<Int>(0)
    private let growing = Mutex(())

    init() {
        chunks = .allocate(capacity: CallTable.chunkLimit)
        chunks.initialize(repeating: nil, count: CallTable.chunkLimit)
    }

    deinit {
        let made = count.load(ordering: .acquiring)
        for index in 0..<made { chunks[index / CallTable.chunkSize]?[index % CallTable.chunkSize].release() }
        for chunk in 0..<CallTable.chunkLimit { chunks[chunk]?.deallocate() }
        chunks.deallocate()
    }

    /// The call that a ticket names, whatever it does by now; nil: no such number was ever given.
    func find(_ ticket: UInt64) -> Call? {
        let index = Ticket.index(of: ticket)
        guard index >= 0, index < count.load(ordering: .acquiring), let chunk = chunks[index / CallTable.chunkSize] else { return nil }
        return chunk[index % CallTable.chunkSize].takeUnretainedValue()
    }

    /// Every call object there is, idle ones too. They are made on other loops meanwhile.
    func all(_ body: (Call) -> Void) {
        for index in 0..<count.load(ordering: .acquiring) {
            guard let chunk = chunks[index / CallTable.chunkSize] else { continue }
            body(chunk[index % CallTable.chunkSize].takeUnretainedValue())
        }
    }

    /// Makes a call object.
    ///
    /// - Returns: nil if there are 16 million calls already.
    func make(_ chain: LinkedChain) -> Call? {
        growing.withLock { _ in
            let index = count.load(ordering: .relaxed)
            guard index < CallTable.chunkSize * CallTable.chunkLimit else { return nil }
            if index % CallTable.chunkSize == 0 {
                chunks[index / CallTable.chunkSize] = .allocate(capacity: CallTable.chunkSize)
            }
            let call = Call(index: UInt64(index), chain: chain)
            chunks[index / CallTable.chunkSize]?[index % CallTable.chunkSize] = .passRetained(call)
            count.store(index + 1, ordering: .releasing)
            return call
        }
    }
}

/// Idle calls of one chain, a list for each home, so that taking one needs no lock.
final class CallPool: @unchecked Sendable {  // list n is touched on the loop of home n only
    private let lists: UnsafeMutableBufferPointer<[Call]>

    init(homes: Int) {
        lists = .allocate(capacity: homes)
        lists.initialize(repeating: [])
    }

    deinit {
        lists.deinitialize()
        lists.deallocate()
    }

    func take(_ home: Home, for chain: LinkedChain) -> Call? {
        lists[home.number].popLast() ?? chain.engine.calls.make(chain)
    }

    func give(_ call: Call, home: Home) {
        lists[home.number].append(call)
    }
}
