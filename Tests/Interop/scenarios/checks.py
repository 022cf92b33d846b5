# SPDX-License-Identifier: Apache-2.0
"""How a check is written down and run: a sentence and a function of the setting, registered in the order in which they run."""

import contextlib
import time
import traceback

PATIENCE = 15  # seconds; far above what anything here takes
CHECKS = []


def check(what, client=None, server=None):
    """Registers a check; `client` and `server` say for which kinds of peer it is, None for all."""
    def register(function):
        CHECKS.append((what, function, client, server))
        return function
    return register


def expect(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, not {expected!r}")


def expect_below(actual, bound, what):
    if not actual < bound:
        raise AssertionError(f"{what}: {actual!r}, not below {bound!r}")


def expect_above(actual, bound, what):
    if not actual > bound:
        raise AssertionError(f"{what}: {actual!r}, not above {bound!r}")


def until(condition, what, patience=PATIENCE):
    """Waits for something that another process does in its own time."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.02)


def run(name, function, *arguments):
    """Runs one check with a stack for what it starts, prints its line; gives whether it held."""
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        try:
            function(*arguments, stack)
        except Exception:
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
            return False
    print(f"ok      {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return True
