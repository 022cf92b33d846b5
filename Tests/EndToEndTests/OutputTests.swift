// SPDX-License-Identifier: Apache-2.0
// What a command was asked for is there whole, or the command says that it is not.

import Testing

@EndToEnd
@Suite("standard output")
struct OutputTests {
    /// Runs a command of the shell, in which $catena is the program.
    private static func shell(_ command: String, in place: Workplace) throws -> Catena.Result {
        let child = try ChildProcess("bash", ["-c", command], in: place.path, environment: ["catena": Catena.path])
        defer { child.end() }
        let exit = try child.awaitExit()
        return Catena.Result(exit: exit, output: child.output, errors: child.errors)
    }

    @Test("that cannot be written ends a command with status 69 and one line; one whose reader has gone ends it quietly")
    func unwritable() throws {
        try Workplace.with { place in
            try RunningHost.with(Chains.chain(Chains.updatepath("chain"), "\"serialize\""), in: place) { host in
                let url = try host.url(of: "chain")
                for command in [
                    "request --url \(url) --service icmp", "status --control \(host.control)", "status --control \(host.control) --format json",
                    "validate --format json", "graph", "inspect", "inspect connect --format json", "schema",
                ] {
                    let full = try Self.shell("\"$catena\" \(command) > /dev/full", in: place)
                    #expect(full.exit == .status(69), "\(command)")
                    #expect(full.errors == "catena: error: cannot write to standard output: No space left on device\n", "\(command)")
                    // The pipe has no reader from the start, so that nobody has to be quick.
                    let gone = try Self.shell("exec {w}> >(:); wait $!; \"$catena\" \(command) >&$w", in: place)
                    #expect(gone.exit == .status(141), "\(command)")
                    #expect(gone.errors == "", "\(command)")
                }
            }
        }
    }
}
