# SPDX-License-Identifier: Apache-2.0
"""Peers that begin something and do not go on."""

import time

import hyperframe.frame as frames

from scenarios.checks import expect, expect_below

from .attacker import ENHANCE_YOUR_CALM
from .target import Target, check

SLOW = 1000  # milliseconds that the server gives a peer here; 10 s by itself
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def ended(stack, begin, drip=None, codes=()):
    """The server cuts a peer that begins so, within a few times its patience, though bytes go on to drip."""
    target = Target(stack, slowBegin=SLOW)
    attacker = target.attacker(settings=None)
    attacker.send(begin(attacker))
    began = time.monotonic()
    while not attacker.ended and time.monotonic() - began < 10:
        attacker.until(lambda: False, 0.1)
        if drip:
            attacker.send(drip)
    target.ends(attacker, *codes)
    expect_below(time.monotonic() - began, 5, "seconds until the end")
    target.survives()


@check("a connection that never says a word is ended")
def silent(stack):
    ended(stack, lambda attacker: b"")


@check("a preface that is never completed is ended")
def half_preface(stack):
    ended(stack, lambda attacker: PREFACE[:10])


@check("a preface without SETTINGS is ended")
def no_settings(stack):
    ended(stack, lambda attacker: PREFACE)


@check("a SETTINGS frame that is never completed is ended")
def half_settings(stack):
    ended(stack, lambda attacker: PREFACE + frames.SettingsFrame(0, {4: 65_535}).serialize()[:12])


def hello():
    return PREFACE + frames.SettingsFrame().serialize()


@check("a header block that is never completed is ended with ENHANCE_YOUR_CALM")
def half_block(stack):
    ended(
        stack, lambda attacker: hello() + frames.HeadersFrame(1, attacker.head(), flags=[]).serialize(), codes=(ENHANCE_YOUR_CALM,))


@check("a HEADERS frame that is never completed is ended, though a byte comes every 100 ms")
def half_frame(stack):
    ended(stack, lambda attacker: hello() + frames.HeadersFrame(1, b"\x00\x01a\x7f" + b"x" * 100).serialize()[:15], drip=b"x")


@check("a header block that drips in CONTINUATION frames is ended with ENHANCE_YOUR_CALM")
def dripping(stack):
    drip = frames.ContinuationFrame(1, b"\x00\x01a\x01b").serialize()
    ended(
        stack, lambda attacker: hello() + frames.HeadersFrame(1, attacker.head(), flags=[]).serialize(), drip=drip,
        codes=(ENHANCE_YOUR_CALM,))


@check("200 connections that never say a word are all ended")
def many(stack):
    target = Target(stack, slowBegin=SLOW)
    attackers = [target.attacker(settings=None) for _ in range(200)]
    end = time.monotonic() + 10
    while time.monotonic() < end and not all(attacker.ended for attacker in attackers):
        for attacker in attackers:
            if not attacker.ended:
                attacker.pump(0)
        time.sleep(0.05)
    expect(sum(attacker.ended for attacker in attackers), 200, "connections that were ended")
    target.survives()
