// SPDX-License-Identifier: Apache-2.0
// Makes the C table of an element type. The table and all it points to live as long as the process, as the header asks, and
// so does the factory behind its ctx, which is where C finds the way back to the Swift type.
internal import CatenaABI

/// Behind a type's ctx, without the element's type.
class ElementFactory {
    func validate(_ json: [UInt8], _ sink: UnsafePointer<catena_sink>) {}

    /// nil: told to the sink.
    func create(
        _ json: [UInt8], host: UnsafePointer<catena_host>, instance: String, offsets: UnsafePointer<UInt32>?,
        _ sink: UnsafePointer<catena_sink>
    ) -> Instance? { nil }

    /// A factory is never freed.
    @inline(__always)
    static func at(_ context: UnsafeMutableRawPointer) -> ElementFactory {
        Unmanaged<ElementFactory>.fromOpaque(context).takeUnretainedValue()
    }
}

final class TypedElementFactory<Element: ChainElement>: ElementFactory {
    override func validate(_ json: [UInt8], _ sink: UnsafePointer<catena_sink>) {
        let report = ConfigReport()
        _ = report.read(Element.Config.self, from: json)
        for use in report.uses { sink.use(use) }
        for problem in report.problems { sink.tell(problem) }
    }

    override func create(
        _ json: [UInt8], host: UnsafePointer<catena_host>, instance: String, offsets: UnsafePointer<UInt32>?,
        _ sink: UnsafePointer<catena_sink>
    ) -> Instance? {
        let report = ConfigReport()
        guard let config = report.read(Element.Config.self, from: json) else {
            for problem in report.problems { sink.tell(problem) }
            return nil
        }
        do throws(ConfigProblem) {
            let values = try Services(host: host, instance: instance, descriptor: Element.descriptor, offsets: offsets)
            let services = UnsafeMutablePointer<Services>.allocate(capacity: 1)
            services.initialize(to: values)
            do throws(ConfigProblem) {
                return Instance(try Element(config: config, host: Host(services)), services)
            } catch {
                services.deinitialize(count: 1)
                services.deallocate()
                throw error
            }
        } catch {
            sink.tell(error)
            return nil
        }
    }
}

extension catena_type {
    /// The table of an element type, for ever.
    static func forever<Element: ChainElement>(_ element: Element.Type, version: String) -> UnsafePointer<catena_type> {
        let descriptor = Element.descriptor
        var type = catena_type()
        type.struct_size = UInt32(MemoryLayout<catena_type>.size)
        type.flags = descriptor.traits.rawValue
        type.id = .forever(descriptor.id)
        type.version = .forever(version)
        type.summary = .forever(descriptor.summary)
        type.config_schema = .forever(ConfigSchema.text(of: element))
        type.ctx = Unmanaged.passRetained(TypedElementFactory<Element>() as ElementFactory).toOpaque()
        type.call_slot_size = UInt32(SlotMemory<Element.CallSlot>.size)
        type.conn_slot_size = UInt32(SlotMemory<Element.ConnectionSlot>.size)
        type.values = .forever(descriptor.values.map(\.c))
        type.n_values = UInt32(descriptor.values.count)
        type.validate = { context, config, sink in
            guard let context, let sink else { return }
            ElementFactory.at(context).validate(config.bytes ?? [], sink)
        }
        type.create = { context, host, instance, config, offsets, result, sink in
            guard let context, let host, let result, let sink else { return CATENA_MISUSE }
            let factory = ElementFactory.at(context)
            guard let made = factory.create(config.bytes ?? [], host: host, instance: instance.string, offsets: offsets, sink) else {
                return CATENA_INVALID_ARGUMENT
            }
            result.pointee = made.atRest()
            return CATENA_OK
        }
        type.enterHooks(of: element)
        type.enterAsyncHooks(of: element)
        return UnsafePointer.forever([type])
    }
}

extension ValueDeclaration {
    fileprivate var c: catena_value_decl {
        catena_value_decl(
            struct_size: UInt32(MemoryLayout<catena_value_decl>.size), flags: flags, key: .forever(key), size: UInt32(size),
            align: UInt32(alignment))
    }
}

extension UnsafePointer {
    /// An array that is never freed.
    static func forever(_ elements: [Pointee]) -> UnsafePointer<Pointee> {
        let copy = UnsafeMutablePointer<Pointee>.allocate(capacity: elements.count)
        for (index, element) in elements.enumerated() { (copy + index).initialize(to: element) }
        return UnsafePointer(copy)
    }
}

extension UnsafePointer<catena_sink> {
    fileprivate func tell(_ found: ConfigProblem) {
        withCText(found.pointer) { pointer in
            withCText(found.message) { pointee.problem(pointee.ctx, CATENA_SEVERITY_ERROR, pointer, $0) }
        }
    }

    fileprivate func use(_ use: ConfigReport.Use) {
        withCText(use.pointer) { pointer in
            withCText(use.chain) { pointee.uses_chain(pointee.ctx, pointer, $0, CATENA_USE_CLIENT) }
        }
    }
}
