// SPDX-License-Identifier: Apache-2.0
// What "catena inspect" prints, from descriptions made by hand: what real modules say is shown by the end-to-end tests.

@testable import CatenaChain
@testable import CatenaHost
import Testing

@Suite("the inspection")
struct InspectionReportTests {
    private static let type = TypeDescription(
        id: "limit", version: "2.1.0", summary: "limits", configSchema: #"{"required":["rate"],"properties":{"rate":{"type":"number","exclusiveMinimum":0,"description":"Requests in a second"},"burst":{"type":"integer","default":1}}}"#,
        traits: [.guard_, .needsAnchor], hooks: [.request, .close, .closeReply, .connectionDropped], callSlotSize: 8, connectionSlotSize: 48,
        values: [
            ValueDescription(key: "a.up", size: 4, align: 4, roles: [.provides, .up]),
            ValueDescription(key: "a.both", size: 8, align: 8, roles: [.provides, .consumes, .optional, .kept]),
            ValueDescription(key: "a.must", size: 16, align: 8, roles: [.consumes]),
        ], stateSchema: 3, oldestState: 2)

    private static func module(_ types: [TypeDescription]) -> ModuleDescription {
        ModuleDescription(name: "limits", version: "2.1.0", builtWith: "clang 19", abiMinor: 0, services: ["timer/1"], types: types)
    }

    private static func report(_ entries: ModuleCatalog.Entry...) -> InspectionReport { InspectionReport(entries, searchPath: ["/m", "/bin"]) }

    @Test("a page tells all about a type")
    func page() {
        let report = Self.report(ModuleCatalog.Entry(path: "/m/liblimit.so", result: .success(Self.module([Self.type]))))
        #expect(
            report.pages == """
                limit 2.1.0: limits

                  module      limits 2.1.0, /m/liblimit.so
                  built with  clang 19, for minor 0 of the element ABI
                  services    timer/1
                  traits      guard: may refuse a Close on the way in
                              needs-anchor: stands below an anchor such as "serialize"
                  state       version 3, reads from version 2

                  config
                    key    default   value             meaning
                    rate   required  a number above 0  Requests in a second
                    burst  1         a whole number

                  values
                    provides a.up, 4 bytes, to elements above, on the way out
                    provides a.both, 8 bytes, to elements below, kept with the connection
                    consumes a.both, 8 bytes, from an element above: does without
                    consumes a.must, 16 bytes, from an element above: required

                  cost
                    Request     request
                    Close       close, close-reply
                    else        connection-dropped
                    call        8 bytes
                    connection  48 bytes

                """)
        #expect(!report.hasProblems)
    }

    @Test("the table has a line for each type, and says what is hidden, what cannot be used and what is no module")
    func table() {
        var second = Self.type
        (second.id, second.version, second.hooks, second.summary) = ("null", "1.0.0", [], "forwards\u{1b}[31m")
        var hidden = ModuleCatalog.Entry(path: "/bin/liblimit.so", result: .success(Self.module([Self.type])), isOnSearchPath: true)
        hidden.hiddenBy = "/m/liblimit.so"
        let report = Self.report(
            ModuleCatalog.Entry(path: "/m/liblimit.so", result: .success(Self.module([Self.type, second])), isOnSearchPath: true), hidden,
            ModuleCatalog.Entry(path: "/m/libbad.so", result: .failure(ModuleError(.malformed, "/m/libbad.so: offers no element type")), isOnSearchPath: true),
            ModuleCatalog.Entry(path: "/bin/libswiftCore.so", result: .failure(ModuleError(.entryMissing, "/bin/libswiftCore.so: exports nothing")), isOnSearchPath: true),
            ModuleCatalog.Entry(path: "/x/libmine.so", result: .failure(ModuleError(.entryMissing, "/x/libmine.so: exports nothing")), writtenAs: ["libmine.so"]))
        #expect(
            report.table == """
                type   version  hooks  per call  per connection  module                     summary
                limit  2.1.0    3      8 bytes   48 bytes        /m/liblimit.so             limits
                null   1.0.0    0      8 bytes   48 bytes        /m/liblimit.so             forwards\\u{1b}[31m
                limit  2.1.0    3      8 bytes   48 bytes        /bin/liblimit.so (hidden)  limits

                hidden: /bin/liblimit.so by /m/liblimit.so, which is searched first

                cannot be used:
                  /m/libbad.so: offers no element type
                  /x/libmine.so: exports nothing

                no modules:
                  /bin/libswiftCore.so: exports nothing

                """)
        #expect(report.hasProblems)
    }

    @Test("a config schema that cannot be read is a problem of its module, and the type is shown without it")
    func badSchema() {
        var type = Self.type
        type.configSchema = "[]"
        let report = Self.report(ModuleCatalog.Entry(path: "/m/liblimit.so", result: .success(Self.module([type]))))
        #expect(report.problems.map(\.reason) == [#"the config schema of "limit" is of no use: it is an array: a schema is an object"#])
        #expect(report.pages.contains("  config\n    the module gives no schema of it\n"))
    }

    @Test("without any module it says where it looked")
    func nothing() {
        #expect(Self.report().table == "no modules in /m, /bin\n")
    }
}
