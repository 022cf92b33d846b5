// SPDX-License-Identifier: Apache-2.0
// A shared library as a host opens it: one symbol, asked once. It is never closed, as the ABI has it.
public import CatenaABI
internal import Glibc

public enum OpenedModule {
    /// The first type that a module offers; nil: it cannot be opened, or refuses.
    public static func type(in path: String) -> UnsafePointer<catena_type>? {
        typealias Entry = @convention(c) (
            UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int
        ) -> UnsafePointer<catena_module>?
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE), let symbol = dlsym(library, "catena_module_v1") else {
            return nil
        }
        var offer = catena_offer(struct_size: UInt32(MemoryLayout<catena_offer>.size), minor_min: 0, minor_max: 0, reserved: 0)
        var why = [CChar](repeating: 0, count: 200)
        return unsafeBitCast(symbol, to: Entry.self)(&offer, &why, why.count)?.pointee.types[0]
    }
}
