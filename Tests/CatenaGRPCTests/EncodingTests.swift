// SPDX-License-Identifier: Apache-2.0
// The small encodings of gRPC, by table. Each row is a promise to a peer in another language.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Encodings of gRPC on HTTP/2")
struct EncodingTests {
    @Test("base64 is sent without padding and decodes to the same bytes", arguments: [
        ([UInt8](), ""), ([0x66], "Zg"), ([0x66, 0x6f], "Zm8"), ([0x66, 0x6f, 0x6f], "Zm9v"), ([0xff, 0xfe, 0xfb, 0x00], "//77AA"),
    ])
    func base64(bytes: [UInt8], text: String) {
        #expect(Base64.encode(bytes) == text)
        #expect(decode(text) == bytes)
    }

    @Test("base64 is accepted with padding too", arguments: [("Zg==", [UInt8](arrayLiteral: 0x66)), ("Zm8=", [0x66, 0x6f])])
    func padded(text: String, bytes: [UInt8]) {
        #expect(decode(text) == bytes)
    }

    @Test("what is not base64 is refused", arguments: ["Z", "Zm9vY", "Zg=", "Zg===", "=", "Zm 9", "Zm-_", "Z===", "Zm=v"])
    func notBase64(text: String) {
        #expect(decode(text) == nil)
    }

    @Test("a status message is percent-encoded outside printable ASCII", arguments: [
        ("", ""), ("all is well", "all is well"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("größer", "gr%C3%B6%C3%9Fer"), ("😀", "%F0%9F%98%80"),
    ])
    func percent(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test("a garbled status message is kept as it is", arguments: [
        ("100%", "100%"), ("%", "%"), ("%4", "%4"), ("%zz!", "%zz!"), ("%c3%b6", "ö"), ("%FF", "\u{FFFD}"),
    ])
    func garbled(encoded: String, text: String) {
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test("a timeout is sent in the finest unit of eight digits, rounded up", arguments: [
        (0, "1n"), (-5, "1n"), (1, "1n"), (99_999_999, "99999999n"), (100_000_000, "100000u"), (100_000_001, "100001u"),
        (15_000_000_000, "15000000u"), (99_999_999_001, "100000m"), (100_000_000_000_001, "100001S"),
        (Int64.max, "2562048H"),
    ])
    func timeout(nanoseconds: Int64, text: String) {
        let encoded = String(unsafeUninitializedCapacity: 16) { GRPCTimeout.write(.nanoseconds(nanoseconds), to: $0) }
        #expect(encoded == text)
    }

    @Test("a timeout is read in every unit", arguments: [
        ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000), ("6n", 6),
        ("00000001S", 1_000_000_000), ("99999999H", Int64.max),
    ])
    func readTimeout(text: String, nanoseconds: Int64) {
        #expect(GRPCTimeout.decode(Array(text.utf8).span) == .nanoseconds(nanoseconds))
    }

    @Test("what is not a timeout is refused", arguments: ["", "S", "1", "123456789S", "1s", "-1S", "1.5S", " 1S", "1S "])
    func notTimeout(text: String) {
        #expect(GRPCTimeout.decode(Array(text.utf8).span) == nil)
    }

    @Test("a timeout beyond the end of time is the end of time")
    func farDeadline() {
        #expect(NIODeadline.after(.nanoseconds(.max), from: .now()) == .distantFuture)
    }

    @Test("an address is read from a URL and printed as one", arguments: [
        ("tcp://127.0.0.1:5002", GRPCAddress.tcp(host: "127.0.0.1", port: 5002)), ("tcp://[::1]:0", .tcp(host: "::1", port: 0)),
        ("tcp://some.host:65535", .tcp(host: "some.host", port: 65535)), ("unix:///run/a.sock", .unix(path: "/run/a.sock")),
    ])
    func address(url: String, address: GRPCAddress) {
        #expect(GRPCAddress(url: url) == address)
        #expect(address.description == url)
    }

    @Test("what is not an address is refused", arguments: [
        "", "127.0.0.1:1", "tcp://", "tcp://:1", "tcp://h", "tcp://h:", "tcp://h:65536", "tcp://::1:1", "tcp://h/x:1", "unix://", "unix://a",
        "unix:///", "http://h:1",
    ])
    func notAddress(url: String) {
        #expect(GRPCAddress(url: url) == nil)
    }

    @Test("an HTTP status without a grpc-status is mapped by the specification's table", arguments: [
        (400, GRPCStatus.Code.internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
        (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown), (302, .unknown),
    ])
    func httpStatus(status: Int, code: GRPCStatus.Code) {
        #expect(GRPCStatus.Code(httpStatus: status) == code)
    }

    @Test("a stream reset is mapped by the specification's table", arguments: [
        (HTTP2ErrorCode.noError, GRPCStatus.Code.internal), (.protocolError, .internal), (.internalError, .internal),
        (.flowControlError, .internal), (.settingsTimeout, .internal), (.frameSizeError, .internal), (.refusedStream, .unavailable),
        (.cancel, .cancelled), (.compressionError, .internal), (.connectError, .internal), (.enhanceYourCalm, .resourceExhausted),
        (.inadequateSecurity, .permissionDenied), (HTTP2ErrorCode(rawValue: 0x99), .internal),
    ])
    func reset(by code: HTTP2ErrorCode, status: GRPCStatus.Code) {
        #expect(GRPCStatus.Code(resetBy: code) == status)
    }

    @Test("a grpc-status that is not one of the 17 is UNKNOWN", arguments: [
        ("0", GRPCStatus.Code.ok), ("16", .unauthenticated), ("17", .unknown), ("99", .unknown), ("", .unknown), ("x", .unknown), ("-1", .unknown),
        ("100", .unknown),
    ])
    func statusCode(text: String, code: GRPCStatus.Code) {
        #expect(GRPCStatus.Code(wire: Array(text.utf8).span) == code)
    }

    private func decode(_ text: String) -> [UInt8]? { Base64.decode(Array(text.utf8).span) }
}
