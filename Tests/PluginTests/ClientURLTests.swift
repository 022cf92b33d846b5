// SPDX-License-Identifier: Apache-2.0
// The value that `connect` reads. T4.12 of the reference's list: it is set on Request and Close, over what was there.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import ClientURLElement
internal import Testing

@Suite("clienturl")
struct ClientURLTests {
    @Test("T4.12 the URL is set on Request and Close, over what an element above wrote", arguments: ElementForm.allCases)
    func sets(form: ElementForm) async throws {
        let above = Neighbour("above", values: [.provides(.clientURL, try ClientURL("inproc://longer-than-the-other-one"))])
        let below = Neighbour("below", values: [.consumes(.clientURL)])
        let url = try ClientURL("tcp://10.0.0.1:5002")
        let chain: [BenchElement] = [
            .neighbour(above), .anchor, .element(ClientURLElement.self, form, config: ["url": "tcp://10.0.0.1:5002"]), .neighbour(below),
        ]
        try await ChainBench.run(chain) { bench in
            #expect(bench.request().isGood && bench.close().isGood)
            #expect(below.sights(.request).map { $0.value(.clientURL) } == [url] && below.sights(.close).map { $0.value(.clientURL) } == [url])
        }
    }

    @Test("the value is kept with the connection, so that events have it too", arguments: ElementForm.allCases)
    func kept(form: ElementForm) throws {
        let type = try ElementSource(ClientURLElement.self, form).type.pointee
        #expect(type.n_values == 1 && type.values[0].flags == CATENA_VALUE_PROVIDES | CATENA_VALUE_KEPT)
    }
}
