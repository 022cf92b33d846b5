// SPDX-License-Identifier: Apache-2.0
// "timer/1": a timer names a connection, runs on its loop, and ends with it.

internal import CatenaABI

enum TimerService {
    static let table = catena_timer_api(
        struct_size: UInt32(MemoryLayout<catena_timer_api>.size), reserved: 0,
        at: { host, number, leg, time, function, argument in
            guard let instance = Instance.of(host), let function,
                let connection = instance.engine.connectionIndex.find(number), !instance.engine.isStopping
            else { return 0 }
            let engine = instance.engine
            let operation = Operation(
                of: connection, number, instance: instance, leg: leg, completion: .timer(function), argument: argument,
                table: engine.operations)
            guard engine.operations.add(operation, while: engine.connectionIndex) else { return 0 }
            let arm = { @Sendable in
                guard !operation.isOver else { return }
                // A leg's timer goes with the leg, as its slot does.
                guard leg == 0 || connection.legs.contains(where: { $0.number == leg }) else {
                    _ = operation.withdraw()
                    return
                }
                connection.home.arm(operation, at: time)
            }
            if connection.home.loop.isCurrent {
                arm()
            } else {
                connection.home.post(arm)
            }
            return operation.number
        },
        cancel: { host, number in
            guard let operation = Instance.of(host)?.engine.operations.find(number) else { return false }
            return operation.withdraw()
        })
}
