// SPDX-License-Identifier: Apache-2.0
// The thread sanitizer of Swift 6.3 on Linux does not understand Synchronization.Mutex, which waits on a futex itself: it reports
// whatever a contended one guards. .ci/sanitize.sh puts this file into each module that names a Mutex, where it hides the library's.

internal import Glibc

/// `Synchronization.Mutex` on a lock of the C library, which the sanitizer knows.
// Sendable: the value is read and written under the lock only, and both pointers never change.
struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    init(_ initialValue: consuming sending Value) {
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        value.initialize(to: initialValue)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}
