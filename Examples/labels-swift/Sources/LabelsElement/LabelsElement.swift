// SPDX-License-Identifier: Apache-2.0
// Says where a connection has passed: on which node, in which zone, in whatever the environment knows. The environment is
// read once, when the chain is loaded, so that a missing variable is an error of chains.json and not of a Request.
import CatenaElement
import Glibc

/// Sets labels of each Request from environment variables.
public final class LabelsElement: ChainElement, RequestHook {
    public static let descriptor = ElementDescriptor("labels", summary: "sets labels from the environment")

    private let labels: [(key: String, value: String)]

    public init(config: LabelsConfig, host: Host) throws(ConfigProblem) {
        var labels: [(key: String, value: String)] = []
        for (key, variable) in config.labels.sorted(by: { $0.key < $1.key }) {
            guard let value = getenv(variable) else {
                throw ConfigProblem(at: ["labels", key], "the environment has no variable \"\(variable)\"")
            }
            labels.append((key, String(cString: value)))
        }
        self.labels = labels
    }

    public func request(_ hop: borrowing Hop<LabelsElement>) -> Verdict {
        for (key, value) in labels { hop.message[label: key] = value }
        return .next
    }
}
