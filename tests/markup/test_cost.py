"""R3: every family of text that costs gets an answer. Times are printed, not judged.

``pytest -s tests/markup/test_cost.py`` prints them.
"""

from __future__ import annotations

import math
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wiki.markup import caps
from wiki.markup.child import ParserPool
from wiki.markup.parse import Parser
from wiki.markup.quick import SHORT, is_quick
from wiki.markup.render import render
from wiki.markup.text import plain
from wiki.model.parts import Link, PageContext

HOSTILE = runpy.run_path(str(Path(__file__).with_name("hostile.py")))
ALL = {
    f"{group}: {name}": make
    for group, families in HOSTILE["FAMILIES"].items()
    for name, make in families.items()
}
# One of each kind that parsers have been slow on, at the full size of a page.
FULL = [
    "delimiters: open two then close one",
    "delimiters: backticks and letters",
    "brackets: open then close brackets",
    "brackets: links with an open title",
    "brackets: labels",
    "angles: angle letters",
    "angles: tags open and close",
    "nested: quote and list lines",
    "nested: list stairs",
    "amplified: one long reference",
    "amplified: many references",
    "amplified: notes in notes",
    "amplified: rules",
    "tables: rows without pipes",
]
Family = Callable[[int], str]


def answer(pool: ParserPool, name: str, size: int) -> None:
    text = ALL[name](size)
    start = time.monotonic()
    tree = pool.parse(text)
    parsed = time.monotonic()
    shown = render(tree, PageContext("a/b"), lambda targets: dict.fromkeys(targets, X))
    plain(tree.tokens)
    done = time.monotonic()
    stopped = bool(tree.tokens) and tree.tokens[0]["type"] == "source"
    print(
        f"{name:45} {len(text) // 1024:4} kB  parse {parsed - start:5.2f} s  "
        f"rest {done - parsed:5.2f} s  {'stopped' if stopped else ''}"
    )
    assert tree.tokens or any(word in name for word in HIDDEN)
    assert not stopped or tree.problems
    # Escaping makes at most five characters of one.
    assert len(shown.html) <= caps.output_limit(len(text)) + 1000


X = Link("/x")
HIDDEN = ("blank", "tabs", "definition", "comment", "note heads")


@pytest.mark.parametrize("name", ALL)
def test_a_page_of_24_kB(name: str, pool: ParserPool) -> None:  # R3
    answer(pool, name, 24 * 1024)


@pytest.mark.parametrize("name", FULL)
def test_a_page_of_full_size(name: str, pool: ParserPool) -> None:  # R3
    answer(pool, name, caps.PAGE - 1500)


def calls(parser: Parser, text: str) -> int:
    """Count the calls that a parse makes: its work, the same on every machine."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        parser.parse(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", ALL)
def test_work_grows_with_the_text_and_no_faster(name: str, parser: Parser) -> None:
    parser.parse(ALL[name](1000))  # what is set up once
    texts = [ALL[name](size) for size in (9_100, 18_100)]
    small, large = (calls(parser, text) for text in texts)
    times = len(texts[1]) / len(texts[0])
    exponent = math.log((large + 500) / (small + 500), times)
    print(f"{name:45} {small:8} {large:8} calls, exponent {exponent:.2f}")
    assert exponent <= 1.3


@pytest.mark.parametrize("name", ALL)
def test_what_counts_as_quick(name: str, parser: Parser) -> None:  # R3
    text = ALL[name](SHORT)[:SHORT]
    start = time.process_time()
    parser.parse(text)
    print(f"{name:45} {(time.process_time() - start) * 1000:6.1f} CPU ms")
    assert is_quick(text) or "`" in text or "~" in text
