// SPDX-License-Identifier: Apache-2.0
// What stands in a bench's chains, as a list that reads like the chain: elements under test, neighbours, an anchor.
public import CatenaElement

/// One place in a chain of a bench.
public struct BenchElement {
    enum Kind {
        case neighbour(Neighbour)
        case element(() throws(BenchError) -> ElementSource, ConfigText)
    }

    /// nil: the type's.
    let name: String?
    let kind: Kind

    /// An element of the kit.
    /// - Parameters:
    ///   - form: linked into the test, or from its built module.
    ///   - name: of the instance; nil: the type's.
    public static func element<Element: ChainElement>(
        _ type: Element.Type, _ form: ElementForm = .linked, config: ConfigText = .empty, name: String? = nil
    ) -> BenchElement {
        BenchElement(name: name, kind: .element({ () throws(BenchError) in try ElementSource(type, form) }, config))
    }

    /// An element from anywhere: a C entry function, a file.
    public static func element(_ source: ElementSource, config: ConfigText = .empty, name: String? = nil) -> BenchElement {
        BenchElement(name: name, kind: .element({ source }, config))
    }

    /// An element of the test.
    public static func neighbour(_ neighbour: Neighbour) -> BenchElement {
        BenchElement(name: neighbour.name, kind: .neighbour(neighbour))
    }

    /// The smallest anchor there can be: one call of a connection at a time, in the order they came, under the name `anchor`.
    /// What stands below it has connections, slots, events and the executor. In its place `serialize` may stand.
    public static var anchor: BenchElement { .element(TestAnchor.self, name: "anchor") }
}
