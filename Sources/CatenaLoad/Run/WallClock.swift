// SPDX-License-Identifier: Apache-2.0
// The time of day, which a path segment's end is told in; everything that is measured uses the clock of the loop.

internal import CatenaNSM
internal import Glibc

enum WallClock {
    static var now: UnixNanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixNanoseconds(time.tv_sec) * 1_000_000_000 + UnixNanoseconds(time.tv_nsec)
    }
}
