// SPDX-License-Identifier: Apache-2.0
// The next hops of a case: they answer what the script says of the call that comes, at once, later, or when they are cancelled.

import CatenaABI
import Synchronization

@testable import CatenaChain

final class LawTransports: TransportFactory {
    private let world: LawWorldReference

    init(world: LawWorld) { self.world = LawWorldReference(world: world) }

    func makeTransport(url: String, options: TransportOptions) -> (any Transport)? { LawTransport(world: world) }
}

/// The engine keeps its transports, and the world the engine.
struct LawWorldReference: Sendable {
    unowned let world: LawWorld
}

private final class LawTransport: Transport {
    private let world: LawWorldReference
    private let isClosed = Mutex(false)

    init(world: LawWorldReference) { self.world = world }

    var state: UInt32 { CATENA_TRANSPORT_READY }

    func close() {
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        world.world.book.check(!wasClosed, 6, "a transport was closed twice")
    }

    func call(
        _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: Home, completion: TransportCompletion
    ) -> any TransportCall {
        let world = world.world
        world.book.check(!isClosed.withLock { $0 }, 6, "a call over a transport that was closed")
        let key = LawWorld.number(message, LawWorld.keyField)
        world.book.reached(key, verb)
        let reply = world.reply(key, verb)
        let id = TestMessage.of(message)?.text(CATENA_F_ID) ?? ""
        let call = LawTransportCall(world: self.world, id: id, key: key, verb: verb, completion)
        guard let delay = reply.delay else {
            call.answer(reply)
            return call
        }
        world.later(delay, place: reply.place) { call.answer(reply) }
        return call
    }
}

private final class LawTransportCall: TransportCall {
    private let world: LawWorldReference
    private let id: String
    private let key: UInt64
    private let verb: Verb
    private let completion: Mutex<TransportCompletion?>
    private let isCancelled = Mutex(false)

    init(
        world: LawWorldReference, id: String, key: UInt64, verb: Verb, _ completion: TransportCompletion
    ) {
        self.world = world
        self.id = id
        self.key = key
        self.verb = verb
        self.completion = Mutex(completion)
    }

    func answer(_ reply: HopReply) {
        let completion = completion.withLock { completion in
            defer { completion = nil }
            return completion
        }
        guard let completion else { return }
        guard reply.code == CATENA_OK else {
            return completion(
                .failure(TransportFailure(code: reply.code, text: "scripted", isRemote: false, isIndefinite: reply.isIndefinite)))
        }
        completion(.success(verb == .request ? world.world.bank.owned(id: id, connection: "h\(key)") : nil))
    }

    func cancel() {
        let wasCancelled = isCancelled.withLock { cancelled in
            defer { cancelled = true }
            return cancelled
        }
        world.world.book.check(!wasCancelled, 6, "a call at the next hop was cancelled twice")
        world.world.book.disturbed.insert(key)
        answer(HopReply(code: CATENA_CANCELLED, isIndefinite: true))
    }
}
