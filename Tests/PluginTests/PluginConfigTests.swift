// SPDX-License-Identifier: Apache-2.0
// Every mistake that each module's config can have, as the host will print it. How a message is made is the kit's; which
// keys, defaults and ranges there are is each module's promise.
internal import CatenaABI
internal import CatenaElement
internal import ClientURLElement
internal import ConnectElement
internal import ElementTestSupport
internal import LoggingElement
internal import SerializeElement
internal import Testing
internal import UpdatePathElement

@Suite("Configs of the modules")
struct PluginConfigTests {
    @Test(
        "logging",
        arguments: [
            ("{}", nil), (#"{"level":"trace","bodies":true,"maxBytes":64}"#, nil),
            (
                #"{"level":"inof"}"#,
                TestProblem("/level", #"expected one of "error", "warning", "info", "debug", "trace", got "inof" (did you mean "info"?)"#)
            ),
            (#"{"bodies":1}"#, TestProblem("/bodies", "expected true or false, got 1")),
            (#"{"maxBytes":63}"#, TestProblem("/maxBytes", "expected a whole number from 64 to 1048576, got 63")),
            (#"{"maxbytes":64}"#, TestProblem("/maxbytes", #"unknown key "maxbytes" (did you mean "maxBytes"?)"#)),
        ])
    func logging(json: String, problem: TestProblem?) {
        #expect(TestElement<LoggingElement>.validate(json).problems == [problem].compactMap(\.self))
    }

    @Test(
        "updatepath",
        arguments: [
            (#"{"name":"forwarder"}"#, nil), ("{}", TestProblem("", #""name" is missing: expected a text that is not empty"#)),
            (#"{"name":""}"#, TestProblem("/name", #"expected a text that is not empty, got """#)),
        ])
    func updatepath(json: String, problem: TestProblem?) {
        #expect(TestElement<UpdatePathElement>.validate(json).problems == [problem].compactMap(\.self))
    }

    @Test("clienturl")
    func clienturl() {
        #expect(TestElement<ClientURLElement>.validate(#"{"url":"unix:///run/a.sock"}"#).problems.isEmpty)
        let message = #"expected a URL such as "tcp://127.0.0.1:5001", "unix:///run/catena.sock" or "inproc://chain", got "a:1""#
        #expect(
            TestElement<ClientURLElement>.validate(#"{"url":"a:1"}"#).problems
                == [TestProblem("/url", message + " (there is no \"://\" in it)")])
        #expect(TestElement<ClientURLElement>.validate("{}").problems.map(\.pointer) == [""])
    }

    @Test(
        "serialize",
        arguments: [
            ("{}", nil), (#"{"queue":65536}"#, nil), (#"{"queue":0}"#, TestProblem("/queue", "expected a whole number from 1 to 65536, got 0")),
            (#"{"queue":"8"}"#, TestProblem("/queue", #"expected a whole number from 1 to 65536, got "8""#)),
        ])
    func serialize(json: String, problem: TestProblem?) {
        #expect(TestElement<SerializeElement>.validate(json).problems == [problem].compactMap(\.self))
    }

    @Test(
        "connect",
        arguments: [
            (#"{"client":"out"}"#, nil), (#"{"client":"out","dialTimeout":"1m"}"#, nil),
            ("{}", TestProblem("", #""client" is missing: expected the name of a client chain"#)),
            (#"{"client":"out","dialTimeout":"0s"}"#, TestProblem("/dialTimeout", #"expected a duration above zero such as "5s", got "0s""#)),
            (#"{"client":"out","dialTimeuot":"5s"}"#, TestProblem("/dialTimeuot", #"unknown key "dialTimeuot" (did you mean "dialTimeout"?)"#)),
        ])
    func connect(json: String, problem: TestProblem?) {
        #expect(TestElement<ConnectElement>.validate(json).problems == [problem].compactMap(\.self))
    }

    @Test("connect tells the host which chain it uses, and where that is written")
    func chains() {
        #expect(TestElement<ConnectElement>.validate(#"{"client":"out"}"#).chains == [TestProblem("/client", "out")])
    }

    @Test("only serialize is an anchor; only connect needs a connection's slot below one")
    func traits() throws {
        #expect(try TestElement(SerializeElement.self).type.pointee.flags == CATENA_TYPE_ANCHOR)
        #expect(try TestElement(LoggingElement.self).type.pointee.conn_slot_size == 0)
        #expect(try TestElement(ConnectElement.self, config: #"{"client":"out"}"#).type.pointee.conn_slot_size == 16)
    }
}
