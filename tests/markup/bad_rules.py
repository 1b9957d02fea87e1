"""mistune plugins that misbehave on the word of their name; for test_child.py."""

from __future__ import annotations

import os
import re
import time
from typing import Any


def spin(md: Any) -> None:
    """Catch a regular expression in backtracking."""
    md.before_parse_hooks.append(
        lambda md, state: "SPIN" in state.src and re.match("(a|aa)+$", "a" * 90 + "b")
    )


def eat(md: Any) -> None:
    md.before_parse_hooks.append(
        lambda md, state: "EAT" in state.src and len("x" * (1 << 30))
    )


def leave(md: Any) -> None:
    md.before_parse_hooks.append(lambda md, state: "LEAVE" in state.src and os._exit(3))


def sleep(md: Any) -> None:
    md.before_parse_hooks.append(
        lambda md, state: "SLEEP" in state.src and time.sleep(30)
    )


def fail(md: Any) -> None:
    md.before_parse_hooks.append(lambda md, state: "FAIL" in state.src and 1 / 0)


def chatter(md: Any) -> None:
    md.before_parse_hooks.append(
        lambda md, state: "PRINT" in state.src and print("x" * 9999)
    )


def odd(md: Any) -> None:
    """Leave what is no plain data in the tree."""

    def change(md: Any, tokens: Any, state: Any) -> Any:
        return (
            [*tokens, {"type": "text", "raw": object()}]
            if "ODD" in state.src
            else tokens
        )

    md.after_render_hooks.append(change)
