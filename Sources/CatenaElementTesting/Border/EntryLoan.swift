// SPDX-License-Identifier: Apache-2.0
// Element types reach the engine through a module's entry function, which is C and captures nothing. A type that a test has
// at hand is lent to such a function for as long as one handshake takes, so that the engine checks it as it checks every other.
internal import CatenaABI
internal import CatenaChain
internal import CatenaElement
internal import Synchronization

enum EntryLoan {
    typealias Entry = @convention(c) (UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int) -> UnsafePointer<catena_module>?

    private static let turn = Mutex(())
    /// Only whoever has the turn touches it.
    nonisolated(unsafe) private static var lent: (UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int) -> UnsafePointer<catena_module>? = {
        _, _, _ in nil
    }

    /// Shakes hands as the engine does.
    /// - Parameter answer: in place of an entry function; runs before this returns.
    static func module(
        _ name: String,
        _ answer: @escaping (UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int) -> UnsafePointer<catena_module>?
    ) throws(BenchError) -> CatenaChain.Module {
        try turn.withLock { _ throws(BenchError) in
            lent = answer
            defer { lent = { _, _, _ in nil } }
            do throws(ModuleError) {
                return try CatenaChain.Module(entry: { EntryLoan.lent($0, $1, $2) }, path: name)
            } catch {
                throw BenchError(error.message)
            }
        }
    }

    /// One type, as the engine sees it after its checks.
    static func type(_ pointer: UnsafePointer<catena_type>, of name: String) throws(BenchError) -> CatenaChain.ElementType {
        var list: [UnsafePointer<catena_type>?] = [pointer]
        let found = try list.withUnsafeMutableBufferPointer { list throws(BenchError) in
            var table = catena_module()
            table.struct_size = UInt32(MemoryLayout<catena_module>.size)
            table.abi_minor = UInt32(CATENA_ABI_MINOR)
            table.n_types = 1
            table.types = UnsafePointer(list.baseAddress)
            let place = UnsafeMutablePointer<catena_module>.allocate(capacity: 1)
            place.initialize(to: table)
            defer { place.deallocate() }
            return try module(name) { _, _, _ in UnsafePointer(place) }.types.first
        }
        guard let found else { throw BenchError("\(name): offers no element type") }
        return found
    }
}
