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
    @inline(__always)
    func find(_ ticket: UInt64) -> Call? { place(of: ticket)?.takeUnretainedValue() }

    /// The same, for a caller that has nothing to do with it unless it still holds the ticket.
    ///
    /// - Returns: nil: no such number was given, or `body` said so.
    @inline(__always)
    func with<Result>(_ ticket: UInt64, _ body: (Call) -> Result?) -> Result? {
        // The table keeps every call object for as long as it lives.
        place(of: ticket)?._withUnsafeGuaranteedRef(body)
    }

    @inline(__always)
    private func place(of ticket: UInt64) -> Unmanaged<Call>? {
        let index = Ticket.index(of: ticket)
        guard index >= 0, index < count.load(ordering: .acquiring), let chunk = chunks[index / CallTable.chunkSize] else { return nil }
        return chunk[index % CallTable.chunkSize]
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

/// Idle calls of one chain, a list for each home, so that taking one needs no lock. The list leads through the calls themselves, and
/// keeps none of them: that is the table's business.
struct CallPool {
    /// List n is touched on the loop of home n only.
    private let lists: UnsafeMutableBufferPointer<Unmanaged<Call>?>

    init(homes: Int) {
        lists = .allocate(capacity: homes)
        lists.initialize(repeating: nil)
    }

    func deallocate() { lists.deallocate() }

    func take(_ home: Home, for chain: LinkedChain) -> Call? {
        guard let call = lists[home.number]?.takeUnretainedValue() else { return chain.engine.calls.make(chain) }
        lists[home.number] = call.nextIdle
        return call
    }

    func give(_ call: Call, home: Home) {
        call.nextIdle = lists[home.number]
        lists[home.number] = .passUnretained(call)
    }
}
