// SPDX-License-Identifier: Apache-2.0
// Start and stop of an instance, which may take their time. The host waits for one answer; an async function that returns
// or throws gives exactly one.
internal import CatenaABI

/// The function that the host wants called once.
///
/// Unchecked, because it holds the host's context pointer, which is given back from whatever thread, as the header allows.
struct Finished: @unchecked Sendable {
    private let function: catena_finished
    private let context: UnsafeMutableRawPointer?

    init?(_ function: catena_finished?, _ context: UnsafeMutableRawPointer?) {
        guard let function else { return nil }
        self.function = function
        self.context = context
    }

    func answer(_ error: ElementError?) {
        guard let error else { return function(context, nil) }
        error.withC { function(context, $0) }
    }
}

extension Instance {
    func start(_ finished: Finished) {
        guard let start else { return finished.answer(nil) }
        Self.start(start, element, finished)
    }

    func stop(_ finished: Finished) {
        guard let stop else { return finished.answer(nil) }
        Self.stop(stop, element, finished)
    }

    // At once on this thread, until the element first waits: a function that does not wait is a plain call.

    private static func start<H: StartHook>(_ type: H.Type, _ element: UnsafeMutableRawPointer, _ finished: Finished) {
        let element = Unmanaged<H>.fromOpaque(element).takeUnretainedValue()
        Task.immediate {
            do throws(ElementError) {
                try await element.start()
                finished.answer(nil)
            } catch {
                finished.answer(error)
            }
        }
    }

    private static func stop<H: StopHook>(_ type: H.Type, _ element: UnsafeMutableRawPointer, _ finished: Finished) {
        let element = Unmanaged<H>.fromOpaque(element).takeUnretainedValue()
        Task.immediate {
            do throws(ElementError) {
                try await element.stop()
                finished.answer(nil)
            } catch {
                finished.answer(error)
            }
        }
    }
}
