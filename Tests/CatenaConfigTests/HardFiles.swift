// SPDX-License-Identifier: Apache-2.0
//
// Files that are hard on a parser by their shape: deep, long, or with one mistake again and again. A fuzzer seldom makes them, as
// it prefers short inputs.

/// Texts of up to half a megabyte: long enough for what grows with the square of the length to show.
enum HardFiles {
    static let all: [Input] = [
        input("deep arrays", many("[", 1 << 16)),
        input("deep objects", many("{\"a\":", 1 << 15)),
        input("commas", "[" + many(",", 1 << 16)),
        input("numbers in one line", "[" + many("1,", 1 << 16) + "1]"),
        input("line ends", many("\r\n", 1 << 16)),
        input("comments", "{" + many("//\n", 1 << 16)),
        input("a comment without an end", "{/*" + many("*", 1 << 16)),
        input("a long string", "\"" + many("é", 1 << 16) + "\""),
        input("a long key", "{\"" + many("k", 1 << 16) + "\": 1}"),
        input("a long key with mistakes inside", chains("\"" + many("k", 1 << 16) + "\":{" + list(200) { "\"a\($0)\":1" } + "}")),
        input("many keys", "{" + list(10_000) { "\"k\($0)\":0" } + "}"),
        input("one key again and again", "{" + list(10_000) { _ in "\"k\":0" } + "}"),
        input("many chains", chains(list(4_000) { "\"k\($0)\":{\"elements\":[\"a\"]}" })),
        input("many elements", chains(served(list(10_000) { _ in "\"a\"" }))),
        input("splices of splices", chains(list(2_000) { doubling($0) } + ",\"c2000\":{\"elements\":[\"a\"]}")),
        input("splices of nothing", chains(served(list(10_000) { _ in "{\"chain\":\"b\"}" }))),
        input("listeners of one address", chains("\"a\":{\"listen\":[" + list(10_000) { _ in "\"tcp://a:1\"" } + "],\"elements\":[]}")),
        input("listeners of one port", chains("\"a\":{\"listen\":[" + list(10_000) { "\"tcp://10.0.\($0 / 256).\($0 % 256):1\"" } + "]}")),
        input("variables", chains(served("\"" + many("${A}", 1 << 14) + "\""))),
        input("wide scalars", "{\"" + many("漢👍🏽", 1 << 13) + "\": x}"),
    ]

    private static func input(_ name: String, _ text: String) -> Input { Input(name: name, bytes: Array(text.utf8)) }

    private static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    private static func list(_ count: Int, _ item: (Int) -> String) -> String {
        (0..<count).map(item).joined(separator: ",")
    }

    private static func chains(_ members: String) -> String { "{\"chains\":{" + members + "}}" }

    private static func served(_ elements: String) -> String {
        "\"a\":{\"listen\":[\"tcp://a:1\"],\"elements\":[" + elements + "]}"
    }

    /// A chain that has the next one twice.
    private static func doubling(_ number: Int) -> String {
        let next = "{\"chain\":\"c\(number + 1)\"}"
        return "\"c\(number)\":{\"elements\":[" + next + "," + next + "]}"
    }
}
