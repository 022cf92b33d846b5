// SPDX-License-Identifier: Apache-2.0
// A real module as the anchor of a case: its hooks are called through its C table, with everything around them watched as for the
// anchor that is written for the laws. What it may decide is its own business; what the engine and it owe to the elements below is
// not.

import CatenaABI
import CatenaElement
import SerializeElement

@testable import CatenaChain

/// What gives out the turns of a case.
protocol CaseAnchor: AnyObject {
    func answer(_ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision) -> catena_verdict
    func cancelled(_ hold: TicketWatch.Hold)
    func dropped(_ slot: UnsafeMutableRawPointer, _ conn: catena_conn, _ reason: catena_reason)
}

final class LawModuleAnchor: CaseAnchor {
    /// Its type, as the host would be told by the module.
    nonisolated(unsafe) private static let type: UnsafePointer<catena_type> = {
        let module = CatenaElement.Module("serialize", version: "0", types: [SerializeElement.self])
        var offer = catena_offer()
        offer.struct_size = UInt32(MemoryLayout<catena_offer>.size)
        offer.minor_max = UInt32(CATENA_ABI_MINOR)
        guard let type = module.answer(&offer, nil, 0)?.pointee.types[0], type.pointee.call_slot_size == 0 else {
            fatalError("the module offers no such type")
        }
        return type
    }()

    /// Bytes of a slot that are the module's, before those of the laws.
    static let slotSize = Int(type.pointee.conn_slot_size + 15) / 16 * 16

    /// The host as the module sees it: its answers are watched.
    private struct WatchedHost {
        var host: catena_host
        var anchor: Unmanaged<LawModuleAnchor>
    }

    private unowned let world: LawWorld
    private let number: Int
    private var host: UnsafeMutablePointer<WatchedHost>?
    private var me: UnsafeMutableRawPointer?

    init(_ world: LawWorld, number: Int) {
        self.world = world
        self.number = number
    }

    deinit {
        if host != nil { Self.type.pointee.destroy?(me) }
        host?.deallocate()
    }

    private func make(_ instance: ScriptedInstance) {
        let host = UnsafeMutablePointer<WatchedHost>.allocate(capacity: 1)
        host.initialize(to: WatchedHost(host: instance.host.pointee, anchor: .passUnretained(self)))
        host.pointee.host.resume = { host, ticket, verdict, error in
            guard let host else { return CATENA_MISUSE }
            let anchor = UnsafeRawPointer(host).assumingMemoryBound(to: WatchedHost.self).pointee.anchor.takeUnretainedValue()
            let answer: Decision.Answer =
                switch verdict {
                case CATENA_NEXT: .next
                case CATENA_DONE: .done
                case CATENA_FAIL: .fail(error?.pointee.code ?? CATENA_UNKNOWN)
                default: .wrong(verdict)
                }
            return anchor.world.tickets.resume(ticket, answer)
        }
        self.host = host
        let type = Self.type.pointee
        // The executor is the second value of an anchor in a case; the module has no other.
        let offsets = (0..<Int(type.n_values)).map { _ in UInt32(instance.offsets[1]) }
        var sink = catena_sink()
        sink.problem = { _, _, _, text in fatalError(String(text)) }
        let config = Array("{}".utf8)
        let table = UnsafeRawPointer(host).assumingMemoryBound(to: catena_host.self)
        let status = config.withUnsafeBufferPointer { config in
            catena_str.with(instance.path) { path in
                type.create?(type.ctx, table, path, catena_view(ptr: config.baseAddress, len: config.count), offsets, &me, &sink)
            }
        }
        world.book.check(status == CATENA_OK, 6, "the module's type cannot be created")
    }

    // MARK: Hooks

    func answer(_ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision) -> catena_verdict {
        if host == nil { make(hold.instance) }
        var hop = hold.hop
        let type = Self.type.pointee
        let below = hold.failed ? world.below : nil
        switch hold.hook {
        case .request: return type.request?(me, &hop) ?? CATENA_NEXT
        case .requestReply: return type.request_reply?(me, &hop, below) ?? CATENA_NEXT
        case .close: return type.close?(me, &hop) ?? CATENA_NEXT
        case .closeReply:
            // It may be kept, and then a Request undoes who was not entered by it, too.
            if hold.failed { world.duties.keep(hold.conn) }
            return type.close_reply?(me, &hop, below) ?? CATENA_NEXT
        default: return CATENA_NEXT
        }
    }

    func cancelled(_ hold: TicketWatch.Hold) {
        var hop = hold.hop
        Self.type.pointee.cancel?(me, &hop)
    }

    func dropped(_ slot: UnsafeMutableRawPointer, _ conn: catena_conn, _ reason: catena_reason) {
        Self.type.pointee.conn_dropped?(me, conn, slot, reason)
    }
}
