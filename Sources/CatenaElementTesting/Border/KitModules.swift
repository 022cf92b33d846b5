// SPDX-License-Identifier: Apache-2.0
// A type of the kit with its table, made once for each type: tables live as long as the process, and tests are many.
internal import CatenaABI
internal import CatenaElement
internal import Synchronization

enum KitModules {
    private static let made = Mutex<[ObjectIdentifier: CatenaElement.Module]>([:])

    static func entry<Element: ChainElement>(
        of type: Element.Type
    ) -> (UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int) -> UnsafePointer<catena_module>? {
        let module = made.withLock { made in
            if let module = made[ObjectIdentifier(type)] { return module }
            let module = CatenaElement.Module(Element.descriptor.id, version: "0", types: [type])
            made[ObjectIdentifier(type)] = module
            return module
        }
        return { module.answer($0, $1, $2) }
    }
}
