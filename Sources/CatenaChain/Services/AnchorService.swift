// SPDX-License-Identifier: Apache-2.0
// "anchor/1": what the type that gives out a connection's turns may ask, beside what every element may.

internal import CatenaABI
internal import CatenaCrash

enum AnchorService {
    static let table = catena_anchor_api(
        struct_size: UInt32(MemoryLayout<catena_anchor_api>.size), reserved: 0,
        side: { host in
            guard let instance = Instance.of(host), instance.position == instance.chain.anchor else { return CATENA_SIDE_INERT }
            return instance.chain.role == .opened ? CATENA_SIDE_CLIENT : CATENA_SIDE_SERVER
        },
        keep_after_close: { host, ticket, until in
            guard let instance = anchor(host) else { return CATENA_MISUSE }
            guard let call = instance.engine.calls.find(ticket), call.holds(ticket, instance) else { return CATENA_GONE }
            guard call.verb == .close, call.stage == .outAnchor, call.error != nil else { return CATENA_MISUSE }
            guard call.wentBelow else { return CATENA_GONE }
            call.connection?.turn.keepUntil = until
            return CATENA_OK
        },
        abort: { host, number, why in
            guard let instance = anchor(host), let why else { return CATENA_MISUSE }
            guard let connection = connection(of: instance, number), let call = connection.turn.below?.takeUnretainedValue(),
                call.verb == .request, call.caller == nil
            else { return CATENA_GONE }
            let error = CallError(copying: why, defaultOrigin: instance.path)
            let reference = CallReference(call)
            connection.home.ready {
                if reference.isLive, connection.turn.below?.toOpaque() == Unmanaged.passUnretained(call).toOpaque() { call.cancelHere(error) }
            }
            return CATENA_OK
        },
        lend_turn: { host, number, loan in
            guard let instance = anchor(host) else { return CATENA_MISUSE }
            guard let connection = connection(of: instance, number) else { return CATENA_GONE }
            guard let loan = loan?.pointee else {
                connection.endLoan()
                connection.passOn()
                return CATENA_OK
            }
            guard let to = Instance.of(loan.to), let executor = loan.executor, to.engine === instance.engine else {
                instance.engine.misbehaved(instance, "lent the turn to nobody")
                return CATENA_MISUSE
            }
            guard connection.lend(Loan(of: connection, by: instance, to: to, executor, loan.job)) else { return CATENA_BUSY }
            // The job's function comes next, in the same posted function of the anchor.
            catena_crash_enter(to.sites[.job])
            return CATENA_OK
        },
        end: { host, number, why in
            guard let instance = anchor(host) else { return CATENA_MISUSE }
            guard let connection = connection(of: instance, number), connection.turn.ending == nil else { return CATENA_GONE }
            connection.beginEnd(why)
            connection.passOn()
            return CATENA_OK
        })

    /// Who asks, if it is the anchor of its chain.
    private static func anchor(_ host: UnsafePointer<catena_host>?) -> Instance? {
        guard let instance = Instance.of(host) else { return nil }
        guard instance.position == instance.chain.anchor else {
            instance.engine.misbehaved(instance, "asked what only the anchor of a chain may")
            return nil
        }
        return instance
    }

    private static func connection(of instance: Instance, _ number: UInt64) -> Connection? {
        guard let connection = instance.engine.connectionIndex.find(number), connection.chain === instance.chain else { return nil }
        return connection
    }
}
