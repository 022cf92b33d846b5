// SPDX-License-Identifier: Apache-2.0
// CatenaGRPC as a program of its own, so that other implementations of gRPC can be held against it, process to process. The peers in
// Go and Python take the same arguments and the same lines, and the scenarios do not know which one they speak to.

import NIOPosix

/// `GRPCPeer server|client JSON`: settings as one argument, commands as lines of JSON on the standard input, a line of JSON for each
/// answer on the standard output. The end of the input is the end of the program.
@main
enum GRPCPeer {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let role = arguments.first, let text = arguments.last else {
            fail("usage: GRPCPeer server|client JSON")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        do {
            let settings = try PeerSettings(text)
            switch role {
            case "server": try await PeerServer(settings, group: group).run()
            case "client": try PeerClient(settings, group: group).run()
            default: fail("GRPCPeer is a server or a client, not \"\(role)\"")
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) -> Never {
        Lines.write(Answer(message: message))
        Lines.end(1)
    }
}
