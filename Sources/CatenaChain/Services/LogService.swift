// SPDX-License-Identifier: Apache-2.0
// "log/1": an element says what happened; who said so, and for which connection, the host knows by itself.

internal import CatenaABI
internal import Synchronization

enum LogService {
    static let table = catena_log_api(
        struct_size: UInt32(MemoryLayout<catena_log_api>.size), reserved: 0,
        enabled: { host, level in
            Instance.with(host) { $0.engine.isLogged(level, by: $0) } ?? false
        },
        write: { host, level, ticket, text, fields, count in
            guard let instance = Instance.of(host), instance.engine.isLogged(level, by: instance) else { return }
            var pairs: [(key: String, value: String)] = []
            // From another thread only while the hook is waited for: the call's loop must not touch the message meanwhile.
            if let call = instance.engine.calls.find(ticket), let id = call.whileHeld(ticket, by: instance, { call.idText }), !id.isEmpty {
                pairs.append(("connection", id))
            }
            for index in 0..<Int(count) {
                guard let field = fields?[index] else { break }
                pairs.append((String(field.key), String(field.value)))
            }
            instance.engine.write(LogLevel(rawValue: level) ?? .trace, instance.path, String(text), pairs)
        },
        set_level: { host, level in
            Instance.of(host)?.level.store(level, ordering: .relaxed)
        })
}
