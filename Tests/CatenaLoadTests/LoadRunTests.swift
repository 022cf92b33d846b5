// SPDX-License-Identifier: Apache-2.0
// A load against a server that sees all of it: what is sent, in which order, and what becomes of an answer that is not good.

import CatenaGRPC
import CatenaLoad
import CatenaNSM
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing

@Suite("a load", .timeLimit(.minutes(3)))
struct LoadRunTests {
    @Test("opens every connection once, refreshes them in turn as often as it was told, and closes them")
    func life() async throws {
        let (report, seen) = try await LoadServer.run(.init(connections: 25, concurrency: 4, requests: 107))
        #expect(report.opened.ok == 25 && report.requests.ok == 107 && report.closed.ok == 25)
        #expect(!report.hasErrors && !report.interrupted, "\(report.text)")
        #expect(report.bytesSent > 0 && report.bytesReceived > 0)
        let latency = try #require(report.latency)
        #expect(latency.min > 0 && latency.min <= latency.p50 && latency.p50 <= latency.p999 && latency.p999 <= latency.max)

        #expect(seen.requests.count == 25 + 107)
        #expect(seen.overlaps == 0)
        #expect(seen.mostInFlight <= 4 && seen.mostInFlight > 1)
        let opened = seen.requests.prefix(25).map(\.connection.id)
        #expect(Set(opened).count == 25)
        #expect(seen.requests.prefix(25).allSatisfy { $0.connection.path.pathSegments.count == 1 })
        #expect(seen.requests.dropFirst(25).allSatisfy { $0.connection.path.pathSegments.count == 2 })
        // In turn: of 107 each of 25 has four or five.
        #expect(opened.allSatisfy { (5...6).contains(seen.count(of: $0)) })
        #expect(Set(seen.closes.map(\.id)) == Set(opened) && seen.closes.count == 25)
        #expect(seen.closes.allSatisfy { $0.path.pathSegments.count == 2 })
        #expect(seen.peers.count == 1)
    }

    @Test("sends with each refresh what the last answer returned, and what it asks for")
    func refreshed() async throws {
        var template = Networkservice_NetworkServiceRequest()
        template.connection.networkService = "icmp"
        template.mechanismPreferences = [.with { $0.cls = "LOCAL"; $0.type = "KERNEL" }]
        let bytes: [UInt8] = try template.serializedBytes()
        let (report, seen) = try await LoadServer.run(
            .init(connections: 1, concurrency: 1, requests: 5), change: { $0.request.template = bytes },
            answer: { request, seen in
                var connection = LoadServer.good(request)
                connection.labels["answer"] = "\(seen.requests.count)"
                return .connection(connection)
            })
        #expect(!report.hasErrors, "\(report.text)")
        #expect(seen.requests.map { $0.connection.labels["answer"] } == [nil, "1", "2", "3", "4", "5"])
        #expect(seen.requests.allSatisfy { $0.connection.networkService == "icmp" && $0.mechanismPreferences == template.mechanismPreferences })
        #expect(seen.closes.map { $0.labels["answer"] } == ["6"])
    }

    @Test("spreads its calls over as many HTTP/2 connections as it was told")
    func transports() async throws {
        let (report, seen) = try await LoadServer.run(.init(connections: 6, concurrency: 3, transports: 3, requests: 30))
        #expect(!report.hasErrors, "\(report.text)")
        #expect(seen.peers.count == 3)
    }

    /// A way in which the answer to every second refresh is wrong.
    enum Wrong: CaseIterable, Sendable {
        case id, segment, index, segments, bytes

        var name: String {
            switch self {
            case .id: "wrong id"
            case .segment, .index: "wrong path"
            case .segments: "lost segments"
            case .bytes: "unreadable answer"
            }
        }

        func answer(_ request: Networkservice_NetworkServiceRequest) -> LoadServer.Answer {
            var connection = LoadServer.good(request)
            switch self {
            case .id: connection.id = "another"
            case .segment: connection.path.pathSegments[0].id = "another"
            case .index: connection.path.index = 1
            case .segments: connection.path.pathSegments.removeLast()
            case .bytes: return .bytes([0xff])
            }
            return .connection(connection)
        }
    }

    @Test(
        "counts an answer that breaks a rule as an error with a name of its own, and goes on with the last good one",
        arguments: Wrong.allCases)
    func wrong(_ wrong: Wrong) async throws {
        let (report, seen) = try await LoadServer.run(.init(connections: 2, concurrency: 1, requests: 8), answer: { request, seen in
            // A connection's first Request opens it; its first and third refresh are answered wrongly.
            seen.count(of: request.connection.id) % 2 == 1 ? .connection(LoadServer.good(request)) : wrong.answer(request)
        })
        #expect(report.failures.map(\.name) == [wrong.name])
        #expect(report.failures.first?.part == .request && report.failures.first?.count == 4)
        #expect(report.requests.ok == 4 && report.requests.failed == 4)
        #expect(seen.requests.dropFirst(2).allSatisfy { $0.connection.path.pathSegments.count == 2 && !$0.connection.id.isEmpty })
        #expect(report.closed.ok == 2 && seen.closes.allSatisfy { $0.path.pathSegments.count == 2 })
    }

    @Test("counts errors by their code, with what the first one said")
    func codes() async throws {
        let (report, _) = try await LoadServer.run(.init(connections: 2, concurrency: 2, requests: 10), answer: { request, seen in
            guard seen.requests.count > 2 else { return .connection(LoadServer.good(request)) }
            let number = seen.requests.count
            return .status(GRPCStatus(number.isMultiple(of: 5) ? .aborted : .resourceExhausted, "number \(number)"))
        })
        #expect(
            report.failures == [
                .init(part: .request, name: "RESOURCE_EXHAUSTED", count: 8, message: "number 3"),
                .init(part: .request, name: "ABORTED", count: 2, message: "number 5"),
            ])
        #expect(report.requests.ok == 0 && report.requests.failed == 10)
        #expect(report.latency == nil)
        #expect(report.closed.ok == 2)
    }

    @Test("that can open nothing refreshes nothing, and closes nothing")
    func refused() async throws {
        let (report, seen) = try await LoadServer.run(
            .init(connections: 5, concurrency: 2), answer: { _, _ in .status(GRPCStatus(.permissionDenied)) })
        #expect(report.opened.failed == 5 && report.requests == .init() && report.closed.ok == 0)
        #expect(report.failures.map(\.name) == ["PERMISSION_DENIED"])
        #expect(seen.requests.count == 5 && seen.closes.isEmpty)
    }

    @Test("opens in its turn what could not be opened before")
    func openedLater() async throws {
        let (report, seen) = try await LoadServer.run(.init(connections: 2, concurrency: 1, requests: 4), answer: { request, seen in
            seen.requests.count == 1 ? .status(GRPCStatus(.aborted)) : .connection(LoadServer.good(request))
        })
        #expect(report.opened.ok == 1 && report.opened.failed == 1)
        #expect(report.requests.ok == 4 && report.closed.ok == 2)
        #expect(seen.requests.map { $0.connection.path.pathSegments.count } == [1, 1, 1, 2, 2, 2])
    }

    @Test("sets the end of its own segment anew when half of the time has passed")
    func renewed() async throws {
        // Half of the time is less than a call takes, so that it is always due.
        let (report, seen) = try await LoadServer.run(
            .init(connections: 1, concurrency: 1, requests: 5), change: { $0.request.lifetime = .microseconds(2) })
        #expect(!report.hasErrors, "\(report.text)")
        let ends = seen.requests.map { $0.connection.path.pathSegments[0].expires }
        let nanoseconds = ends.map { $0.seconds * 1_000_000_000 + Int64($0.nanos) }
        #expect(nanoseconds.count == 6 && Set(nanoseconds).count == 6)
        #expect(nanoseconds == nanoseconds.sorted())
    }

    @Test("closes what may be open at a server that did not answer in time")
    func unanswered() async throws {
        let (report, seen) = try await LoadServer.run(
            .init(connections: 3, concurrency: 3), change: { $0.timeout = .milliseconds(200) }, answer: { _, _ in .never })
        #expect(report.failures.map(\.name).first == "DEADLINE_EXCEEDED" && report.opened.failed == 3, "\(report.text)")
        #expect(Set(seen.closes.map(\.id)) == Set(seen.requests.map(\.connection.id)))
    }

    @Test("that is stopped closes its connections and tells what it measured so far")
    func stopped() async throws {
        let run = Handle()
        let (report, seen) = try await LoadServer.run(
            .init(connections: 10, concurrency: 3, duration: .hours(1)), begins: { run.set($0) }, answer: { request, seen in
                if seen.requests.count == 50 { run.stop() }
                return .connection(LoadServer.good(request))
            })
        #expect(report.interrupted && !report.hasErrors, "\(report.text)")
        #expect(report.opened.ok == 10 && report.requests.ok >= 40)
        #expect(report.closed.ok == 10 && Set(seen.closes.map(\.id)).count == 10)
    }

    @Test("that is stopped while it opens closes what it has opened, and refreshes nothing")
    func stoppedEarly() async throws {
        let run = Handle()
        let (report, seen) = try await LoadServer.run(
            .init(connections: 500, concurrency: 3, requests: 5), begins: { run.set($0) }, answer: { request, seen in
                if seen.requests.count == 20 { run.stop() }
                return .connection(LoadServer.good(request))
            })
        #expect(report.interrupted && report.requests == .init())
        #expect(report.opened.ok >= 20 && report.opened.ok < 500)
        #expect(report.closed.ok == report.opened.ok && seen.closes.count == report.opened.ok)
    }

    @Test("that is unchecked repeats one Request, whatever the answer, and opens and closes nothing")
    func unchecked() async throws {
        let (report, seen) = try await LoadServer.run(
            .init(concurrency: 4, requests: 50, unchecked: true), answer: { _, _ in .bytes([0xff]) })
        #expect(report.requests.ok == 50 && !report.hasErrors && report.unchecked)
        #expect(report.opened == .init() && report.closed == .init())
        #expect(seen.requests.count == 50 && Set(seen.requests).count == 1 && seen.closes.isEmpty)
    }

    @Test("fails when there is no server, with the status that a call would have")
    func noServer() async throws {
        let plan = try LoadPlan(target: .unix(path: "/nonexistent/socket"), size: .init())
        let run = LoadRun(plan, on: MultiThreadedEventLoopGroup.singleton.any())
        let error = await #expect(throws: GRPCStatus.self) { try await run.start().get() }
        #expect(error?.code == .unavailable)
    }
}
