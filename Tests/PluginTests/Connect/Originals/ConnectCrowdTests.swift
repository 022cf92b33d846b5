// SPDX-License-Identifier: Apache-2.0
// The originals with many connections at once, T4.2 and the last of T4.9, with their numbers: callers come from four threads, and the next
// hop is behind a real socket.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

@Suite("connect: originals, many at once", .serialized, .timeLimit(.minutes(5)))
struct ConnectCrowdTests {
    /// Calls of the connections 0..<count at once, which have to succeed.
    private func all(_ verb: HookName, _ count: Int, _ forwarder: Forwarder, _ messages: [Int: TestMessage] = [:]) async -> [Int: TestMessage] {
        await withTaskGroup { group in
            for number in 0..<count {
                group.addTask {
                    let message = messages[number] ?? TestMessage(id: "id-\(number)", service: "icmp")
                    let (error, answer) = await forwarder.call(verb, message, on: number)
                    #expect(error == nil)
                    return (number, answer)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test(
        "T4.2: connections to one URL share a transport, and each call passes each element once", arguments: ElementForm.allCases, [100, 1_000])
    func parallel(form: ElementForm, count: Int) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a")), seen = [forwarder.client, a.captured, forwarder.next]
            try forwarder.go(to: a.url)
            let open = await all(.request, count, forwarder)
            #expect(open.count == count)
            for captured in seen { #expect(captured.counts == [count, 0] && captured.now.open.count == count) }
            #expect(forwarder.legs == count && forwarder.transports == 1)

            let again = await all(.request, count, forwarder, open)
            _ = await all(.close, count, forwarder, again)
            for captured in seen { #expect(captured.counts == [2 * count, count] && captured.now.open.isEmpty) }
            #expect(forwarder.legs == 0 && forwarder.transports == 0 && forwarder.made == 1)
            try await a.end()
        }
    }

    @Test("T4.9: ten connections, each requested and closed ten times at once, leave nothing", arguments: ElementForm.allCases)
    func overlapping(form: ElementForm) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a"))
            try forwarder.go(to: a.url)
            await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let message = TestMessage(id: "id-\(number % 10)", service: "icmp")
                        let (error, answer) = await forwarder.call(.request, message, on: number)
                        // One that waits behind another one's Close is refused by serialize.
                        #expect(error == nil || error?.text == "the connection is being closed: \(message.id)")
                        #expect(await forwarder.call(.close, answer ?? message, on: number / 2).0 == nil)
                    }
                }
            }
            await forwarder.idle()
            #expect(forwarder.legs == 0 && forwarder.transports == 0)
            for captured in [forwarder.client, a.captured, forwarder.next] { #expect(captured.now.open.isEmpty) }
            try await a.end()
        }
    }
}
