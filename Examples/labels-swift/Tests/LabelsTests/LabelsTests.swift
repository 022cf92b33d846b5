// SPDX-License-Identifier: Apache-2.0
// What the element promises, asked of the type linked in and of the shared library that was built: the same test body for
// both. What the environment is to have is named here, as a chains.json would.
import CatenaElement
import CatenaElementTesting
import LabelsElement
import Testing

@Suite("labels")
struct LabelsTests {
    private let below = Neighbour("below")
    /// A variable that every environment has.
    private let config: ConfigText = ["labels": ["path": "PATH"]]

    @Test("a Request gets the label, over the caller's own, and the others stay", arguments: ElementForm.allCases)
    func labels(form: ElementForm) async throws {
        try await ChainBench.run([.element(LabelsElement.self, form, config: config), .neighbour(below)]) { bench in
            let answer = bench.request { message in
                message[label: "path"] = "the caller's"
                message[label: "app"] = "web"
            }
            let seen = try #require(below.sights(.request).first).message
            #expect(seen[label: "path"]?.contains("/") == true && seen[label: "app"] == "web")
            #expect(answer.message == seen)
            #expect(bench.close().isGood && bench.journal == [
                "labels request", "below request", "below request-reply", "below close", "below close-reply",
            ])
        }
    }

    @Test("a variable that is not set is a mistake of the config, at its place", arguments: ElementForm.allCases)
    func unset(form: ElementForm) async {
        let chain: [BenchElement] = [.element(LabelsElement.self, form, config: ["labels": ["zone": "NO_SUCH_VARIABLE"]])]
        let error = await #expect(throws: BenchError.self) { try await ChainBench.run(chain) { _ in } }
        #expect(error?.problems == [ConfigProblem(at: "/labels/zone", "the environment has no variable \"NO_SUCH_VARIABLE\"")])
    }
}
