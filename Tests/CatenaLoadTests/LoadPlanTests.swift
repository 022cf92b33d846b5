// SPDX-License-Identifier: Apache-2.0
// The rules that tie the options of a load together, each with the sentence that a user reads.

import CatenaGRPC
import CatenaLoad
import NIOCore
import Testing

@Suite("the plan of a load")
struct LoadPlanTests {
    private let target = GRPCAddress.tcp(host: "127.0.0.1", port: 1)

    @Test("has one connection for each call in flight, and takes ten seconds, unless told otherwise")
    func defaults() throws {
        let plan = try LoadPlan(target: target, size: .init(concurrency: 7))
        #expect(plan.connections == 7)
        #expect(plan.transports == 1)
        #expect(plan.limit == .duration(.seconds(10)))
        #expect(!plan.unchecked)
        #expect(try LoadPlan(target: target, size: .init(requests: 5)).limit == .requests(5))
        #expect(try LoadPlan(target: target, size: .init(duration: .seconds(1))).limit == .duration(.seconds(1)))
        #expect(try LoadPlan(target: target, size: .init(unchecked: true)).connections == 0)
    }

    @Test(
        "refuses numbers that make no sense, and names the option",
        arguments: [
            (LoadPlan.Size(connections: 4, concurrency: 5), "--connections: 4 are too few for --concurrency 5"),
            (.init(connections: 0), "--connections: expected 1 or more, got 0"),
            (.init(concurrency: 0), "--concurrency: expected 1 or more, got 0"),
            (.init(transports: 0), "--transports: expected 1 or more, got 0"),
            (.init(concurrency: 2, transports: 3), "--transports: 3 are more than --concurrency 2"),
            (.init(requests: 0), "--requests: expected 1 or more, got 0"),
            (.init(requests: 1, duration: .seconds(1)), "--duration and --requests"),
            (.init(duration: .zero), "--duration: expected more than 0s"),
            (.init(connections: 10, unchecked: true), "--connections and --unchecked"),
        ])
    func problems(size: LoadPlan.Size, text: String) {
        let problem = #expect(throws: LoadPlan.Problem.self) { try LoadPlan(target: target, size: size) }
        #expect(problem?.description.hasPrefix(text) == true, "\(problem?.description ?? "")")
    }
}
