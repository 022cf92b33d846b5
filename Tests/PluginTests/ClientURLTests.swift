// SPDX-License-Identifier: Apache-2.0
// The value that `connect` reads. T4.12 of the reference's list: it is set on Request and Close, over what was there.
internal import CatenaABI
internal import ClientURLElement
internal import ElementTestSupport
internal import Testing

@Suite("clienturl")
struct ClientURLTests {
    @Test("T4.12 the URL is set on Request and Close, over what an element above wrote", arguments: [true, false])
    func sets(close: Bool) throws {
        let element = try TestElement(ClientURLElement.self, config: #"{"url":"tcp://10.0.0.1:5002"}"#)
        let call = TestCall(FakeMessage())
        call.url = "inproc://longer-than-the-other-one"
        #expect((close ? element.close(call) : element.request(call)) == .next)
        #expect(call.url == "tcp://10.0.0.1:5002")
    }

    @Test("the value is kept with the connection, so that events have it too")
    func kept() throws {
        let type = try TestElement(ClientURLElement.self, config: #"{"url":"tcp://a:1"}"#).type.pointee
        #expect(type.n_values == 1 && type.values[0].flags == CATENA_VALUE_PROVIDES | CATENA_VALUE_KEPT)
    }
}
