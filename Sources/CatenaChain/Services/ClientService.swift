// SPDX-License-Identifier: Apache-2.0
// "client/1": references to transports, as numbers. Whoever acquired one gives it to a leg or back to the host.

internal import CatenaABI

enum ClientService {
    static let table = catena_client_api(
        struct_size: UInt32(MemoryLayout<catena_client_api>.size), reserved: 0,
        acquire: { host, url, options, out in
            guard let engine = Instance.of(host)?.engine else { return CATENA_MISUSE }
            guard let reference = engine.transports.acquire(url: String(url), options: TransportOptions(reading: options)) else {
                return CATENA_INVALID_ARGUMENT
            }
            out?.pointee = reference.number
            return CATENA_OK
        },
        release: { host, number in
            guard let instance = Instance.of(host) else { return CATENA_MISUSE }
            guard let reference = instance.engine.transports.find(number), reference.take(), reference.release() else {
                instance.engine.misbehaved(instance, "released a transport that it does not hold")
                return CATENA_GONE
            }
            return CATENA_OK
        },
        state: { host, number in
            Instance.with(host) { $0.withEngine { $0.transports.state(of: number) } } ?? CATENA_TRANSPORT_RETIRED
        },
        retire: { host, number in
            guard let engine = Instance.of(host)?.engine, let reference = engine.transports.find(number) else { return CATENA_GONE }
            engine.transports.retire(reference)
            return CATENA_OK
        })
}
