// SPDX-License-Identifier: Apache-2.0
// Files that are good, and yet cannot do what was meant: validate and serve both say so, at the place, and go on.

import Testing

@EndToEnd
@Suite("a chain that will not do what was meant")
struct ChainAdviceTests {
    private static func text(_ endpoint: String, _ forwarder: String) -> String {
        """
        {
          "chains": {
            "endpoint": { "listen": ["tcp://127.0.0.1:0"], "elements": [\(endpoint)] },
            "forwarder": { "listen": ["tcp://127.0.0.1:0"], "elements": [\(forwarder)] },
            "next": { "elements": [] }
          }
        }

        """
    }

    private static func to(_ url: String) -> String {
        #"\#(Chains.updatepath("a")), "serialize", { "element": "clienturl", "config": { "url": "\#(url)" } }, { "element": "connect", "config": { "client": "next" } }"#
    }

    /// The warnings, without excerpts.
    private static func warnings(_ config: String) throws -> [String] {
        try Workplace.with { place in
            try place.write(config, to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(0), "\(result.errors)")
            return result.errors.split(separator: "\n").map(String.init).filter { $0.contains(": warning: ") }
        }
    }

    @Test("because its client URL names a chain of this host that is not there or is not served", arguments: [
        ("inproc://endpiont", "there is no chain \"endpiont\" in this file (did you mean \"endpoint\"?): every call will fail with UNAVAILABLE"),
        ("inproc://next", "the chain \"next\" is not served: give it a \"listen\", or every call will fail with UNAVAILABLE"),
    ])
    func noChain(url: String, message: String) throws {
        let found = try Self.warnings(Self.text("", Self.to(url)))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("chains.json:4:") == true)
        #expect(found.first?.hasSuffix(": warning: /chains/forwarder/elements/2/config/url: \(url): \(message)") == true, "\(found)")
    }

    @Test("because its calls come back to it, by itself or by way of another chain")
    func circle() throws {
        let own = try Self.warnings(Self.text("", Self.to("inproc://forwarder")))
        #expect(own.count == 1)
        #expect(own.first?.hasSuffix("inproc://forwarder: the chain \"forwarder\" calls itself: every Request would wait for its own end, until its deadline") == true, "\(own)")
        let both = try Self.warnings(Self.text(Self.to("inproc://forwarder"), Self.to("inproc://endpoint")))
        #expect(both.count == 2)
        #expect(both.first?.hasSuffix("inproc://forwarder: a Request comes back to where it began: endpoint -> forwarder -> endpoint, until its deadline") == true, "\(both)")
    }

    @Test("because the id is set below what binds calls by it")
    func order() throws {
        let found = try Self.warnings(Self.text(#""serialize", \#(Chains.updatepath("a"))"#, ""))
        #expect(found.count == 1)
        #expect(found.first?.contains(": warning: /chains/endpoint/elements/1: stands below \"serialize\", ") == true, "\(found)")
    }

    @Test("is not told of one that will, and serve tells it too")
    func good() throws {
        #expect(try Self.warnings(Self.text(Chains.updatepath("a"), Self.to("inproc://endpoint"))) == [])
        try Workplace.with { place in
            try RunningHost.with(Self.text("", Self.to("inproc://forwarder")), in: place) { host in
                #expect(host.process.errors.contains("the chain \"forwarder\" calls itself"))
            }
        }
    }
}
