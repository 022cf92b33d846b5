// SPDX-License-Identifier: Apache-2.0
// The configs under test are the shipped ones, with nothing changed but where they listen and what they call.

import Foundation

/// Texts of chains files.
enum Chains {
    /// The shipped chains.json: an endpoint and a forwarder in one host.
    static func shipped(endpoint: String, forwarder: String, clientURL: String) throws -> String {
        try text("chains.json")
            .replacing("[\"tcp://127.0.0.1:5002\"]", with: "[\"\(endpoint)\"]")
            .replacing("[\"tcp://127.0.0.1:5001\"]", with: "[\"\(forwarder)\"]")
            .replacing("\"url\": \"tcp://127.0.0.1:5002\"", with: "\"url\": \"\(clientURL)\"")
    }

    /// One of Examples/two-hosts; the forwarder calls the endpoint's port.
    static func twoHosts(_ name: String, endpointPort: UInt16) throws -> String {
        let text = try text("Examples/two-hosts/\(name).json").replacing("127.0.0.1:5002", with: "127.0.0.1:\(endpointPort)")
        return name == "forwarder" ? try text.replacing("127.0.0.1:5001", with: "127.0.0.1:0") : text
    }

    /// A served chain of these elements, written as JSON, and an empty client chain `next`.
    static func chain(listen: String = "tcp://127.0.0.1:0", modulePath: String? = nil, _ elements: String...) -> String {
        """
        {\(modulePath.map { "\n  \"modulePath\": [\"\($0)\"]," } ?? "")
          "chains": {
            "chain": {
              "listen": ["\(listen)"],
              "elements": [
                \(elements.joined(separator: ",\n            "))
              ]
            },
            "next": { "elements": [] }
          }
        }

        """
    }

    static func updatepath(_ name: String) -> String { #"{ "element": "updatepath", "config": { "name": "\#(name)" } }"# }

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(Catena.package)/\(name)", encoding: .utf8)
    }
}

extension String {
    /// Fails when there is nothing to replace: the file has changed, and the test would test something else.
    fileprivate func replacing(_ text: String, with other: String) throws -> String {
        guard contains(text) else { throw Catena.Failed(description: "the file no longer has \(text)") }
        return replacingOccurrences(of: text, with: other)
    }
}
