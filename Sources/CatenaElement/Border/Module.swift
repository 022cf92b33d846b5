// SPDX-License-Identifier: Apache-2.0
// The door of a shared library. A module's only exported function hands its arguments to `answer`, which checks that host
// and module speak the same minor before any other word is exchanged.
public import CatenaABI

/// What a shared library offers; a global constant of its entry file.
///
///     private let module = Module("ratelimit", version: "1.0.0", types: [RateLimit.self])
///
///     @c(catena_module_v1)
///     public func entry(offer: UnsafePointer<catena_offer>?, why: UnsafeMutablePointer<CChar>?, size: Int) -> UnsafePointer<catena_module>? {
///         module.answer(offer, why, size)
///     }
///
/// Unchecked, because it holds a pointer: what that points to is made once, never changed and never freed.
public struct Module: @unchecked Sendable {
    private let name: String
    private let table: UnsafePointer<catena_module>
    private let mistake: String?

    /// - Parameters:
    ///   - version: of the module and its elements, for people.
    ///   - types: the element types it offers, at least one.
    public init(_ name: String, version: String, types: [any ChainElement.Type]) {
        self.name = name
        mistake = types.lazy.compactMap { Self.mistake(in: $0) }.first
        var module = catena_module()
        module.struct_size = UInt32(MemoryLayout<catena_module>.size)
        module.abi_minor = UInt32(CATENA_ABI_MINOR)
        module.name = .forever(name)
        module.version = .forever(version)
        module.built_with = .forever("swift")
        module.n_types = UInt32(types.count)
        module.types = .forever(types.map { Self.table(of: $0, version: version) })
        let further = types.flatMap { Services.further(of: $0.descriptor) }
        let needed = Services.ids + further.indices.filter { further.firstIndex(of: further[$0]) == $0 }.map { further[$0] }
        module.services = .forever(needed.map { UnsafePointer(catena_str.forever($0 + "\0").ptr) } + [nil])
        table = .forever([module])
    }

    /// Answers the host, or refuses with a sentence in `why`.
    public func answer(
        _ offer: UnsafePointer<catena_offer>?, _ why: UnsafeMutablePointer<CChar>?, _ size: Int
    ) -> UnsafePointer<catena_module>? {
        guard let offer else { return refuse("the host has offered nothing", why, size) }
        let minor = UInt32(CATENA_ABI_MINOR), oldest = offer.pointee.minor_min, newest = offer.pointee.minor_max
        if minor < oldest || minor > newest {
            let remedy = minor < oldest ? "rebuild the module with a newer kit" : "use a newer host"
            return refuse("\(name) speaks catena \(CATENA_ABI_MAJOR).\(minor), this host \(Self.range(oldest, newest)): \(remedy)", why, size)
        }
        if let mistake { return refuse("\(name): \(mistake)", why, size) }
        return table
    }

    private static func range(_ oldest: UInt32, _ newest: UInt32) -> String {
        let first = "\(CATENA_ABI_MAJOR).\(oldest)"
        return oldest == newest ? first : "\(first) to \(CATENA_ABI_MAJOR).\(newest)"
    }

    private func refuse(_ sentence: String, _ why: UnsafeMutablePointer<CChar>?, _ size: Int) -> UnsafePointer<catena_module>? {
        guard let why, size > 0 else { return nil }
        let bytes = sentence.utf8.prefix(size - 1)
        for (index, byte) in bytes.enumerated() { why[index] = CChar(bitPattern: byte) }
        why[bytes.count] = 0
        return nil
    }

    private static func table<Element: ChainElement>(of type: Element.Type, version: String) -> UnsafePointer<catena_type>? {
        catena_type.forever(type, version: version)
    }

    /// What the header forbids and Swift's types do not.
    private static func mistake<Element: ChainElement>(in type: Element.Type) -> String? {
        let id = Element.descriptor.id
        if let mistake = ConfigMistake.first(in: Element.Config.self) { return "the config of \"\(id)\": \(mistake)" }
        if let mistake = hookMistake(in: type) { return "\"\(id)\" \(mistake)" }
        let asyncSize = AsyncPlace.isNeeded(by: type) ? AsyncPlace.size : 0
        for (slot, size, alignment) in [
            ("call", SlotMemory<Element.CallSlot>.size + asyncSize, MemoryLayout<Element.CallSlot>.alignment),
            ("connection", SlotMemory<Element.ConnectionSlot>.size, MemoryLayout<Element.ConnectionSlot>.alignment),
        ] {
            if size > 65536 { return "the \(slot) slot of \"\(id)\" has \(size) bytes, at most 65536 are allowed: keep a class in it" }
            if alignment > 16 { return "the \(slot) slot of \"\(id)\" is aligned to \(alignment), at most 16 is allowed: keep a class in it" }
        }
        return nil
    }

    /// An async hook takes the place of a sync one, and of the cancel hook.
    private static func hookMistake(in type: any ChainElement.Type) -> String? {
        if type is any RequestHook.Type, type is any AsyncRequestHook.Type { return "has a sync and an async request hook: choose one" }
        if type is any CloseHook.Type, type is any AsyncCloseHook.Type { return "has a sync and an async close hook: choose one" }
        if type is any CancelHook.Type, AsyncPlace.isNeeded(by: type) { return "has a cancel hook beside async hooks, whose tasks are cancelled" }
        return nil
    }
}
