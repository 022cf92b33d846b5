// SPDX-License-Identifier: Apache-2.0
// These tests wait for other processes. They do so on a thread of their own, one test after another, so that no thread of the
// cooperative pool is held while the suites of other targets run in the same process.

import Dispatch

/// Where end-to-end tests run.
@globalActor
actor EndToEnd {
    static let shared = EndToEnd()

    private let executor = OwnThread()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}

private final class OwnThread: SerialExecutor {
    private let queue = DispatchQueue(label: "end-to-end tests")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
