// SPDX-License-Identifier: Apache-2.0
// floor PORT LOOPS: serves the echo on 127.0.0.1, until it is killed.

import NIOCore
import NIOPosix

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
precondition(numbers.count == 2, "usage: floor PORT LOOPS")
let group = MultiThreadedEventLoopGroup(numberOfThreads: numbers[1])
let server = try await ServerBootstrap(group: group)
    .serverChannelOption(.backlog, value: 1024)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
    }
    .bind(host: "127.0.0.1", port: numbers[0]).get()
print("ready")
try await server.closeFuture.get()
