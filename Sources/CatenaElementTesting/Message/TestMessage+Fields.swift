// SPDX-License-Identifier: Apache-2.0
// The fields of a test's message by the names that elements use for them, so that a test reads like the element it tests.
public import CatenaElement
internal import CatenaNSM

extension TestMessage {
    /// The connection's id.
    public var id: String {
        get { model.text(.id) }
        set { set(.id, newValue) }
    }

    /// The name of the network service.
    public var networkService: String {
        get { model.text(.networkService) }
        set { set(.networkService, newValue) }
    }

    /// The name of the chosen endpoint; empty: not chosen.
    public var endpoint: String {
        get { model.text(.endpoint) }
        set { set(.endpoint, newValue) }
    }

    /// What the connection carries; empty: not said.
    public var payload: String {
        get { model.text(.payload) }
        set { set(.payload, newValue) }
    }

    /// Whether the connection is up.
    public var state: ConnectionState {
        get { ConnectionState(rawValue: model.number(.state)) }
        set { change { (message) throws(MessageError) in try message.setNumber(.state, to: newValue.rawValue) } }
    }

    /// Which segment is ours.
    public var pathIndex: Int {
        get { Int(model.number(.pathIndex)) }
        set { change { (message) throws(MessageError) in try message.setNumber(.pathIndex, to: UInt32(clamping: newValue)) } }
    }

    /// All path segments, in order.
    public var segments: [CatenaElement.PathSegment] {
        get {
            let model = model
            return (0..<model.segmentCount).compactMap { model.segment($0) }.map {
                CatenaElement.PathSegment(name: $0.name, id: $0.id, token: $0.token, expires: $0.expires)
            }
        }
        set {
            change { (message) throws(MessageError) in
                try message.cutSegments(to: newValue.count)
                for (number, segment) in newValue.enumerated() {
                    let own = CatenaNSM.PathSegment(name: segment.name, id: segment.id, token: segment.token, expires: segment.expires)
                    try message.setSegment(number, to: own)
                }
            }
        }
    }

    /// A label; nil: there is none of that key.
    public subscript(label key: String) -> String? {
        get { model.value(of: key, in: .labels) }
        set { change { (message) throws(MessageError) in try message.setValue(newValue, of: key, in: .labels) } }
    }

    /// A parameter of the mechanism; nil: there is none of that key.
    public subscript(parameter key: String) -> String? {
        get { model.value(of: key, in: .parameters) }
        set { change { (message) throws(MessageError) in try message.setValue(newValue, of: key, in: .parameters) } }
    }

    /// The type of the mechanism, `KERNEL`; nil: none was chosen. Setting it forgets class and parameters.
    public var mechanism: String? {
        get { model.bytes(.mechanism).map(MechanismWire.type) }
        set {
            change { (message) throws(MessageError) in
                if let newValue {
                    try message.set(.mechanism, to: MechanismWire.bytes(newValue))
                } else {
                    try message.set(.mechanism, to: nil)
                }
            }
        }
    }

    /// The types of the mechanisms that a Request would accept.
    public var preferences: [String] {
        get { MechanismWire.fields(model.bytes(.preferences) ?? []).map { MechanismWire.type($0.bytes) } }
        set {
            let bytes = newValue.flatMap { MechanismWire.field(2, MechanismWire.bytes($0)) }
            change { (message) throws(MessageError) in try message.set(.preferences, to: bytes) }
        }
    }

    private mutating func set(_ field: CatenaNSM.MessageField, _ text: String) {
        change { (message) throws(MessageError) in try message.set(field, to: text) }
    }
}
