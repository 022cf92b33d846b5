// SPDX-License-Identifier: Apache-2.0
// Every mistake that each module's config can have, as the host will print it. How a message is made is the kit's; which
// keys, defaults and ranges there are is each module's promise.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import ClientURLElement
internal import ConnectElement
internal import HealElement
internal import HealthCheckElement
internal import LoggingElement
internal import MonitorElement
internal import SerializeElement
internal import Testing
internal import UpdatePathElement

@Suite("Configs of the modules")
struct PluginConfigTests {
    @Test(
        "logging",
        arguments: ElementForm.allCases,
        [
            ("{}", nil as ConfigProblem?), (#"{"level":"trace","bodies":true,"maxBytes":64}"#, nil),
            (
                #"{"level":"inof"}"#,
                ConfigProblem(at: "/level", #"expected one of "error", "warning", "info", "debug", "trace", got "inof" (did you mean "info"?)"#)
            ),
            (#"{"bodies":1}"#, ConfigProblem(at: "/bodies", "expected true or false, got 1")),
            (#"{"maxBytes":63}"#, ConfigProblem(at: "/maxBytes", "expected a whole number from 64 to 1048576, got 63")),
            (#"{"maxbytes":64}"#, ConfigProblem(at: "/maxbytes", #"unknown key "maxbytes" (did you mean "maxBytes"?)"#)),
        ])
    func logging(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(LoggingElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test(
        "updatepath",
        arguments: ElementForm.allCases,
        [
            (#"{"name":"forwarder"}"#, nil), ("{}", ConfigProblem(at: "", #""name" is missing: expected a text that is not empty"#)),
            (#"{"name":""}"#, ConfigProblem(at: "/name", #"expected a text that is not empty, got """#)),
        ])
    func updatepath(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(UpdatePathElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test("clienturl", arguments: ElementForm.allCases)
    func clienturl(form: ElementForm) throws {
        let source = try ElementSource(ClientURLElement.self, form)
        #expect(source.problems(in: #"{"url":"unix:///run/a.sock"}"#).isEmpty)
        let message = #"expected a URL such as "tcp://127.0.0.1:5001", "unix:///run/catena.sock" or "inproc://chain", got "a:1""#
        #expect(source.problems(in: #"{"url":"a:1"}"#) == [ConfigProblem(at: "/url", message + " (there is no \"://\" in it)")])
        #expect(source.problems(in: "{}").map(\.pointer) == [""])
    }

    @Test(
        "healthcheck",
        arguments: ElementForm.allCases,
        [
            ("{}", nil), (#"{"service":""}"#, nil), (#"{"service":"networkservice.NetworkService"}"#, nil),
            (#"{"service":1}"#, ConfigProblem(at: "/service", "expected a text, got 1")),
        ])
    func healthcheck(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(HealthCheckElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test(
        "serialize",
        arguments: ElementForm.allCases,
        [
            ("{}", nil), (#"{"queue":65536}"#, nil), (#"{"queue":0}"#, ConfigProblem(at: "/queue", "expected a whole number from 1 to 65536, got 0")),
            (#"{"queue":"8"}"#, ConfigProblem(at: "/queue", #"expected a whole number from 1 to 65536, got "8""#)),
        ])
    func serialize(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(SerializeElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test(
        "monitor",
        arguments: ElementForm.allCases,
        [
            ("{}", nil), (#"{"queue":1048576}"#, nil),
            (#"{"queue":0}"#, ConfigProblem(at: "/queue", "expected a whole number from 1 to 1048576, got 0")),
            (#"{"que":1}"#, ConfigProblem(at: "/que", #"unknown key "que" (did you mean "queue"?)"#)),
        ])
    func monitor(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(MonitorElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test(
        "connect",
        arguments: ElementForm.allCases,
        [
            (#"{"client":"out"}"#, nil), (#"{"client":"out","dialTimeout":"1m"}"#, nil),
            ("{}", ConfigProblem(at: "", #""client" is missing: expected the name of a client chain"#)),
            (#"{"client":"out","dialTimeout":"0s"}"#, ConfigProblem(at: "/dialTimeout", #"expected a duration above zero such as "5s", got "0s""#)),
            (#"{"client":"out","keepalive":"10s","keepaliveTimeout":"1s","maxMessageSize":1024,"waitForReady":true}"#, nil),
            (#"{"client":"out","backoff":"1s","backoffMax":"1s"}"#, nil),
            (#"{"client":"out","keepalive":"0s"}"#, ConfigProblem(at: "/keepalive", #"expected a duration above zero such as "5s", got "0s""#)),
            (
                #"{"client":"out","keepaliveTimeout":20}"#,
                ConfigProblem(at: "/keepaliveTimeout", #"expected a duration above zero such as "5s", got 20"#)
            ),
            (
                #"{"client":"out","maxMessageSize":1023}"#,
                ConfigProblem(at: "/maxMessageSize", "expected a whole number from 1024 to 2147483647, got 1023")
            ),
            (#"{"client":"out","waitForReady":"yes"}"#, ConfigProblem(at: "/waitForReady", #"expected true or false, got "yes""#)),
            (
                #"{"client":"out","backoff":"2s","backoffMax":"1s"}"#,
                ConfigProblem(at: "/backoffMax", #"expected a duration not below "backoff" ("10s" if not written)"#)
            ),
            (
                #"{"client":"out","backoff":"20s"}"#,
                ConfigProblem(at: "/backoffMax", #"expected a duration not below "backoff" ("10s" if not written)"#)
            ),
            (#"{"client":"out","dialTimeuot":"5s"}"#, ConfigProblem(at: "/dialTimeuot", #"unknown key "dialTimeuot" (did you mean "dialTimeout"?)"#)),
        ])
    func connect(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(ConnectElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test(
        "heal",
        arguments: ElementForm.allCases,
        [
            ("{}", nil), (#"{"role":"client","reselectAfter":"1m","backoff":"1s","backoffMax":"1s","maxAttempts":0,"parallel":1}"#, nil),
            (#"{"liveness":{"command":["ping",""],"failures":1}}"#, nil),
            (#"{"liveness":{}}"#, ConfigProblem(at: "/liveness", #""command" is missing: expected a list of texts"#)),
            (#"{"liveness":{"command":[]}}"#, ConfigProblem(at: "/liveness/command", "expected a list that begins with a program")),
            (#"{"liveness":{"command":[""]}}"#, ConfigProblem(at: "/liveness/command", "expected a list that begins with a program")),
            (
                #"{"liveness":{"command":["a"],"failures":0}}"#,
                ConfigProblem(at: "/liveness/failures", "expected a whole number from 1 to 1000, got 0")
            ),
            (#"{"role":"forwader"}"#, ConfigProblem(at: "/role", #"expected one of "auto", "client", "forwarder", got "forwader" (did you mean "forwarder"?)"#)),
            (#"{"backoff":"6s"}"#, ConfigProblem(at: "/backoffMax", #"expected a duration not below "backoff" ("5s" if not written)"#)),
            (#"{"parallel":0}"#, ConfigProblem(at: "/parallel", "expected a whole number from 1 to 65536, got 0")),
        ])
    func heal(form: ElementForm, written: (json: String, problem: ConfigProblem?)) throws {
        #expect(try ElementSource(HealElement.self, form).problems(in: ConfigText(written.json)) == [written.problem].compactMap(\.self))
    }

    @Test("connect tells the host which chain it uses, and where that is written", arguments: ElementForm.allCases)
    func chains(form: ElementForm) throws {
        #expect(try ElementSource(ConnectElement.self, form).chains(in: #"{"client":"out"}"#) == [ConfigProblem(at: "/client", "out")])
    }

    @Test("only serialize is an anchor; connect and monitor need a connection's slot below one", arguments: ElementForm.allCases)
    func traits(form: ElementForm) throws {
        #expect(try ElementSource(SerializeElement.self, form).type.pointee.flags == CATENA_TYPE_ANCHOR)
        #expect(try ElementSource(MonitorElement.self, form).type.pointee.flags == CATENA_TYPE_NEEDS_ANCHOR)
        #expect(try ElementSource(MonitorElement.self, form).type.pointee.conn_slot_size == 16)
        #expect(try ElementSource(LoggingElement.self, form).type.pointee.conn_slot_size == 0)
        #expect(try ElementSource(ConnectElement.self, form).type.pointee.conn_slot_size == 16)
    }
}
