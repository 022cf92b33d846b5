// SPDX-License-Identifier: Apache-2.0
// What the client commands share: the host they speak to, how long they wait, and one call made there.

import ArgumentParser
import CatenaConfig
import CatenaGRPC
import Foundation
import NIOCore
import NIOPosix

struct NextHopOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The NSM server: tcp://host:port or unix:///path.", valueName: "url"))
    var url: String

    @Option(name: .long, help: ArgumentHelp("How long to wait for the answer, such as 500ms or 15s.", valueName: "duration"))
    var timeout = "15s"

    var target: GRPCAddress { get throws { try Self.target(url) } }

    /// What a URL of the option --url names.
    static func target(_ url: String) throws -> GRPCAddress {
        let parsed: EndpointURL
        do throws(EndpointURLError) {
            parsed = try EndpointURL(url)
        } catch {
            throw ValidationError("--url: \(error)")
        }
        switch parsed {
        case .tcp(let host, let port) where port > 0: return .tcp(host: host, port: Int(port))
        case .unix(let path): return .unix(path: path)
        default: throw ValidationError("--url: \"\(url)\" is nothing to call: write tcp://host:port or unix:///path")
        }
    }

    func validate() throws {
        _ = try target
        _ = try Self.duration(timeout, of: "--timeout")
    }

    static func duration(_ text: String, of option: String) throws -> Duration {
        guard let duration = DurationText.parse(text) else {
            throw ValidationError("\(option): expected a duration such as 500ms, 5s or 2m, got \"\(text)\": \(DurationText.rule)")
        }
        return duration
    }

    /// The same for the clock of an event loop.
    static func amount(_ text: String, of option: String) throws -> TimeAmount { TimeAmount(try duration(text, of: option)) }

    /// One unary call.
    ///
    /// - Returns: the answer's bytes.
    func call(_ method: String, _ payload: [UInt8]) async throws -> [UInt8] {
        let client = GRPCClient(target: try target, on: MultiThreadedEventLoopGroup.singleton.any())
        let deadline = NIODeadline.now() + (try Self.amount(timeout, of: "--timeout"))
        let result = await withCheckedContinuation { continuation in
            client.call(method, payload: ByteBuffer(bytes: payload), deadline: deadline) { continuation.resume(returning: $0) }
        }
        client.shutdown()
        switch result {
        case .success(let reply):
            return Array(reply.payload.readableBytesView)
        case .failure(let error):
            CommandOutput.note("catena: error: \(error.status)")
            throw ExitCode(1)
        }
    }
}
