// SPDX-License-Identifier: Apache-2.0
// What an instance's host table offers besides calls: the services by their ids, and the log.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Host services")
struct ServiceTests {
    @Test("services are found by id and revision; what this host does not offer is NULL")
    func ids() throws {
        let a = ScriptedElement("a")
        try Bench.with(.served("chain", a)) { bench in
            let host = a.instance.host
            for id in ServiceTable.ids { #expect(host.pointee.service(host, id) != nil) }
            for id in ["anchor/2", "monitor/2", "log/2", "log", ""] { #expect(host.pointee.service(host, id) == nil) }
            #expect(host.pointee.struct_size == MemoryLayout<catena_host>.size && host.pointee.abi_minor == CATENA_ABI_MINOR)
            #expect(a.instance.path == "chain/a")
        }
    }

    @Test("a line carries its instance, the connection of a live ticket, and its fields")
    func log() throws {
        let a = ScriptedElement("a", hooks: [], [.request: [.run { instance, hop in
            Self.write(instance, CATENA_LOG_INFO, hop.call)
            return .next
        }]])
        try Bench.with(.served("chain", a)) { bench in
            bench.call(.request, "one")
            Self.write(a.instance, CATENA_LOG_WARNING, a.instance.tickets[0])
            #expect(bench.log.lines == ["info chain/a: told connection=one key=value", "warning chain/a: told key=value"])
        }
    }

    @Test("a next hop that says its time is over, or that it was cancelled, may have opened the connection all the same")
    func indefiniteCodes() {
        let indefinite = (1...16).filter { TransportFailure.isIndefinite(catena_status($0)) }
        #expect(indefinite == [Int(CATENA_CANCELLED), Int(CATENA_DEADLINE_EXCEEDED)])
    }

    @Test("a line from another thread names the connection while its hook is waited for, and not when it has been answered")
    func lineFromElsewhere() throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.call(.request, "one")
            let instance = b.instance
            let ticket = instance.held[0]
            bench.deferred.onThread { Self.write(instance, CATENA_LOG_INFO, ticket) }
            bench.run()
            instance.release()
            bench.deferred.onThread { Self.write(instance, CATENA_LOG_INFO, ticket) }
            bench.run()
            #expect(bench.log.lines == ["info chain/b: told connection=one key=value", "info chain/b: told key=value"])
        }
    }

    @Test("an instance writes what its level allows; the operator may ask for more, and put it back")
    func levels() throws {
        let a = ScriptedElement("a")
        try Bench.with(.served("chain", a)) { bench in
            let log = Self.service(a.instance)
            let written = { [CATENA_LOG_ERROR, CATENA_LOG_INFO, CATENA_LOG_DEBUG, CATENA_LOG_TRACE].filter { log.enabled(a.instance.host, $0) }.count }
            #expect(written() == 2)
            log.set_level(a.instance.host, CATENA_LOG_ERROR)
            #expect(written() == 1)
            bench.engine.setLogLevel(.debug)
            #expect(written() == 3)
            Self.write(a.instance, CATENA_LOG_TRACE, 0)
            #expect(bench.log.lines == [])
            bench.engine.setLogLevel(nil)
            #expect(written() == 1)
        }
    }

    @Test("when the host waits no more, every call ends soon, and what was begun is still undone and closed")
    func abort() throws {
        let patient: [Hook: [Act]] = [.request: [.next, .held], .cancel: [.run { instance, _ in
            instance.release(.fail(CATENA_CANCELLED, "told to stop"))
            return .next
        }]]
        let c = ScriptedElement("c", patient)
        try Bench.with(.served("chain", .anchor(), ScriptedElement("b", [.close: [.later(.next)]]), c)) { bench in
            bench.open("one")
            bench.call(.request, "one", as: "refresh")
            bench.call(.request, "two", as: "first")
            bench.call(.close, "one", as: "close")
            bench.engine.abort()
            bench.advance(1)
            #expect(bench.engine.underWay.counts.outside == 0)
            #expect(
                Set(bench.journal.lines).isSuperset(of: [
                    "refresh CANCELLED", "first CANCELLED", "close OK", "b.close PENDING", "b.close ROLLBACK PENDING", "c.close",
                ]))
            #expect(bench.connectionCount == 0)
        }
    }

    private static func service(_ instance: ScriptedInstance) -> catena_log_api {
        guard let table = instance.host.pointee.service(instance.host, "log/1") else { fatalError("no log") }
        return table.assumingMemoryBound(to: catena_log_api.self).pointee
    }

    private static func write(_ instance: ScriptedInstance, _ level: UInt32, _ ticket: catena_call) {
        catena_str.with("told") { text in
            catena_str.with("key") { key in
                catena_str.with("value") { value in
                    var field = catena_field(key: key, value: value)
                    service(instance).write(instance.host, level, ticket, text, &field, 1)
                }
            }
        }
    }
}
