# SPDX-License-Identifier: Apache-2.0
"""Status, text and metadata of unary calls."""

from .checks import check, expect

TEXT = 'nothing: "é", 100 %, %41, 中, line\nfeed, \U0001f980'
PAIRS = [
    ["blob-bin", "00ff10"], ["blob-bin", "deadbeef"], ["key", "first"], ["key", "second"], ["one", "with spaces, and a comma"],
    ["padded-bin", "01"], ["padded-bin", "0102"],
]


@check("a unary call's message comes back as it was sent, from nothing to 100 KiB")
def echo(setting, stack):
    for size in (0, 1, 4, 16_383, 16_384, 16_385, 65_535, 65_536, 100_000):
        answer = setting.common.ask("call", size=size)
        expect((answer.code, answer.size, answer.intact), (0, size, True), f"code, size and sameness of {size} bytes")


@check("every status code arrives with its text, in any script, and with trailers")
def every_code(setting, stack):
    for code in range(1, 17):
        pairs = [["why", f"as {code}"], ["why-bin", "00"]]
        answer = setting.common.ask("call", method="Fail", payload=f"{code} {TEXT}", metadata=pairs)
        expect((answer.code, answer.message), (code, TEXT), "code and text")
        expect(sorted(answer.trailers), pairs, f"trailers of {code}")
    expect(setting.common.ask("call", method="Fail", payload="0 ").code, 0, "code of OK")


@check("a status without a text has none, and one of 2,000 characters all of them")
def texts(setting, stack):
    for text in ("", "x" * 2000):
        answer = setting.common.ask("call", method="Fail", payload=f"9 {text}")
        expect((answer.code, answer.message), (9, text), "code and text")


@check("metadata arrives and comes back, text and binary, each value of a repeated name in its order")
def metadata(setting, stack):
    answer = setting.common.ask("call", metadata=PAIRS)
    expect(answer.code, 0, f"code ({answer.message})")
    expect(sorted(answer.metadata, key=lambda pair: pair[0]), PAIRS, "response metadata")
    expect(sorted(answer.trailers, key=lambda pair: pair[0]), PAIRS, "trailers")


@check("a method or service that nobody offers is UNIMPLEMENTED")
def unimplemented(setting, stack):
    for method in ("NoSuch", "../no.Such/Service"):
        expect(setting.common.ask("call", method=method).code, 12, f"code for {method}")
