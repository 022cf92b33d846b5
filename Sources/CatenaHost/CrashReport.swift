// SPDX-License-Identifier: Apache-2.0
// When an element crashes the process, the last thing it writes is which one it was.

internal import CatenaCrash
internal import CatenaNSM
internal import NIOCore

/// The last line of a process that an element crashed.
enum CrashReport {
    /// Lets this process name the element that crashes it, on the calling thread and on the loops of `group`.
    static func install(on group: any EventLoopGroup) {
        catena_crash_install(MessageService.shared)
        catena_crash_prepare_thread()
        for eventLoop in group.makeIterator() { eventLoop.execute { catena_crash_prepare_thread() } }
    }
}
