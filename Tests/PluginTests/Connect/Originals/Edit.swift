// SPDX-License-Identifier: Apache-2.0
// Elements of the originals that change something: what a server makes of a Request, and the choice of the next hop.
internal import CatenaElement
internal import Synchronization

@testable internal import CatenaElementTesting

/// Chooses a mechanism and adds to the context, as the server at the other end.
final class Edit: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("edit", summary: "chooses a mechanism and adds to the context")

    struct Config: ElementConfig {
        var key = "", value = "", mechanism = ""
        static let fields: [ConfigField<Config>] = [
            .required("key", \.key, .text, "of the context's map"), .required("value", \.value, .text, "of that key"),
            .required("mechanism", \.mechanism, .text, "the type that is chosen"),
        ]
    }

    private let config: Config
    init(config: Config, host: CatenaElement.Host) { self.config = config }

    func request(_ hop: borrowing Hop<Edit>) -> Verdict {
        var message = TestMessage(at: hop.message.pointer)
        var extra = (try? message.extraContext()) ?? [:]
        extra[config.key] = config.value
        message.setContext(ip: "", extra: extra)
        message.mechanism = config.mechanism
        message.put(at: hop.message.pointer)
        return .next
    }
}

/// Says where the client side goes, as the test does meanwhile.
final class Choose: ChainElement, RequestHook, CloseHook {
    static let descriptor = ElementDescriptor("choose", summary: "says where to go", values: [.provides(.clientURL, kept: true)])
    private static let choices = Mutex<[String: ClientURL]>([:])

    private let place: String
    private let url: LinkedValue<ClientURL>

    init(config: PlaceConfig, host: CatenaElement.Host) throws(ConfigProblem) {
        place = config.place
        url = try host.linked(.clientURL)
    }

    /// From now on; nil: nowhere.
    static func go(to text: String?, at place: String) throws {
        let url = try text.map { try ClientURL($0) }
        choices.withLock { $0[place] = url }
    }

    func request(_ hop: borrowing Hop<Choose>) -> Verdict { choose(hop) }
    func close(_ hop: borrowing Hop<Choose>) -> Verdict { choose(hop) }

    private func choose(_ hop: borrowing Hop<Choose>) -> Verdict {
        hop[url] = Self.choices.withLock { $0[place] } ?? ClientURL()
        return .next
    }
}
