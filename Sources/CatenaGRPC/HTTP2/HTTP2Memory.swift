// SPDX-License-Identifier: Apache-2.0
// nghttp2 takes more than a dozen small pieces of memory for each call, and gives back those of a hundred calls at a time: more than
// the C library keeps at hand, so each of them would be sought and merged anew. Here they lie ready for the next calls.
internal import CNghttp2
internal import Glibc

/// The memory of one session's nghttp2. On the session's loop only; must live until the session has been deleted.
@safe final class HTTP2Memory {
    /// Sizes are rounded up to a multiple of this.
    private static let step = 32
    /// Larger pieces than this are not kept: there are few of them, and they live long.
    private static let largest = 1024
    /// At most this much is kept: for about two hundred calls at a time.
    static let keptBytes = 256 << 10
    /// And no more than this for long.
    static let restingBytes = 8 << 10
    /// What lies before each piece: its size and, in a piece that is kept, the next one. Keeps the alignment of `malloc`.
    @unsafe private struct Header {
        var size: Int
        var next: UnsafeMutablePointer<Header>?
    }

    /// The first of the kept pieces of each size.
    private let kept: UnsafeMutablePointer<UnsafeMutablePointer<Header>?>
    /// How much is kept.
    @safe @exclusivity(unchecked) private(set) var bytes = 0

    init() {
        unsafe kept = .allocate(capacity: Self.largest / Self.step + 1)
        unsafe kept.initialize(repeating: nil, count: Self.largest / Self.step + 1)
    }

    deinit {
        giveBack()
        unsafe kept.deallocate()
    }

    /// Gives back all that is kept.
    func giveBack() {
        for index in 0...(Self.largest / Self.step) {
            while let header = unsafe kept[index] {
                unsafe kept[index] = header.pointee.next
                unsafe Glibc.free(header)
            }
        }
        bytes = 0
    }

    /// - Returns: nil when there is no memory, which nghttp2 knows how to report.
    private func take(_ size: Int) -> UnsafeMutableRawPointer? {
        let index = (size + Self.step - 1) / Self.step
        if size <= Self.largest, let header = unsafe kept[index] {
            unsafe kept[index] = header.pointee.next
            unsafe bytes -= header.pointee.size
            return unsafe UnsafeMutableRawPointer(header + 1)
        }
        let rounded = size <= Self.largest ? index * Self.step : size
        guard let memory = unsafe Glibc.malloc(MemoryLayout<Header>.size + rounded) else { return nil }
        let header = unsafe memory.bindMemory(to: Header.self, capacity: 1)
        unsafe header.initialize(to: Header(size: rounded, next: nil))
        return unsafe UnsafeMutableRawPointer(header + 1)
    }

    private func put(_ memory: UnsafeMutableRawPointer) {
        let header = unsafe memory.assumingMemoryBound(to: Header.self) - 1
        let size = unsafe header.pointee.size
        guard size <= Self.largest, bytes + size <= Self.keptBytes else { return unsafe Glibc.free(header) }
        let index = size / Self.step
        unsafe header.pointee.next = kept[index]
        unsafe kept[index] = header
        bytes += size
    }

    /// What nghttp2 calls; it copies this.
    var functions: nghttp2_mem {
        unsafe nghttp2_mem(
            mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
            malloc: { size, me in unsafe HTTP2Memory.with(me) { unsafe $0.take(size) } },
            free: { memory, me in
                guard let memory = unsafe memory else { return }
                unsafe HTTP2Memory.with(me) { unsafe $0.put(memory) }
            },
            calloc: { count, size, me in
                let (total, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow, let memory = unsafe HTTP2Memory.with(me, { unsafe $0.take(total) }) else { return nil }
                unsafe memset(memory, 0, total)
                return unsafe memory
            },
            realloc: { memory, size, me in
                unsafe HTTP2Memory.with(me) { me in
                    guard let memory = unsafe memory else { return unsafe me.take(size) }
                    guard let larger = unsafe me.take(size) else { return nil }
                    let old = unsafe (memory.assumingMemoryBound(to: Header.self) - 1).pointee.size
                    unsafe larger.copyMemory(from: memory, byteCount: min(old, size))
                    unsafe me.put(memory)
                    return unsafe larger
                }
            })
    }

    /// Lends the object behind nghttp2's user data, which the session holds.
    @inline(__always)
    private static func with<Result>(_ me: UnsafeMutableRawPointer?, _ body: (HTTP2Memory) -> Result) -> Result {
        guard let me = unsafe me else { preconditionFailure("nghttp2 asked for memory without the pool it was given") }
        return unsafe Unmanaged<HTTP2Memory>.fromOpaque(me)._withUnsafeGuaranteedRef(body)
    }
}
