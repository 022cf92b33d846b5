// SPDX-License-Identifier: Apache-2.0
//
// A chain between file and model: every element is read and checked once, where it is written, and splices are still splices.
// Two steps keep a mistake in a shared chain from being reported once for every chain that splices it.

/// A chain as written.
struct WrittenChain: Sendable {
    let name: String
    let place: Place
    var listen: [Listener] = []
    var open: [ConnectionDefinition] = []
    var elements: [Item] = []

    enum Item: Sendable {
        case element(WrittenElement)
        case splice(Splice)
    }

    /// `{ "chain": "name" }` among the elements; its place is the name.
    struct Splice: Sendable {
        let chain: String
        let place: Place
    }
}

/// An element as written, without the chain it will run in.
struct WrittenElement: Sendable {
    let type: String
    let explicitName: String?
    let module: String?
    let config: JSONNode?
    let place: Place
    let typePlace: Place
    let namePlace: Place
    let modulePlace: Place
    var pin: Pin?
    var onFault = OnFault.fail
}
