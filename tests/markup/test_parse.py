"""R3: what breaks a cap is shown, and the editor is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from wiki.markup import caps
from wiki.markup.parse import Parser, check
from wiki.markup.text import plain
from wiki.model.page import ERROR
from wiki.model.parts import RenderedPage

Show = Callable[..., RenderedPage]


def test_a_long_line_refuses_a_save_and_names_its_number() -> None:
    problems = check("a\n" + "x" * 11_000 + "\nb\n" + "é" * 6_000)
    assert [p.line for p in problems] == [2, 4]
    assert {p.level for p in problems} == {ERROR}
    assert str(problems[0]) == (
        "Line 2 is too long (11 of 10 kB). Break it into several lines."
    )
    assert check("x" * 10_240 + "\n" + "é" * 5_120) == ()


def test_an_outside_file_with_a_long_line_is_shown_as_text(
    parser: Parser, show: Show
) -> None:
    text = "# A\n" + "<b>" * 4000
    tree = parser.parse(text)
    assert tree.problems[0].line == 2
    html = show(text).html
    assert "This page has a line that is too long to lay out (line 2)." in html
    assert "# A\n&lt;b&gt;&lt;b&gt;" in html


def test_an_outside_file_that_is_too_long_is_shown_as_text(show: Show) -> None:
    shown = show("word\n" * 60_000)
    assert "too long to lay out (293 of 256 kB)" in shown.html
    assert shown.html.count("word") == 60_000
    assert shown.problems


def test_a_long_heading_is_a_paragraph(parser: Parser) -> None:
    long = "word " * 110
    tree = parser.parse(f"text\n\n# {long}\n\n{long}\n===\n\n{long}\n---\n\n## fine\n")
    kinds = [token["type"] for token in tree.tokens]
    assert kinds == ["paragraph"] * 4 + ["thematic_break", "heading"]
    assert tree.problems[0].line == 3
    assert "line 3" in str(tree.problems[0])
    assert parser.parse("# " + "x" * 500).tokens[0]["type"] == "heading"


@pytest.mark.parametrize("address", ["/" + "x" * 9000, "/" + "é" * 1500])
def test_uses_of_a_definition_are_bounded(
    parser: Parser, show: Show, address: str
) -> None:
    text = f"[a]: {address}\n\n" + "[a] \n" * 1000
    tree = parser.parse(text)
    assert "definitions so often" in tree.problems[0].message
    html = show(text).html
    assert len(html) < 3 * caps.REFERENCES
    assert "[a]" in html
    assert plain(tree.tokens)[0].count("a") == 1000


def test_few_uses_are_not(parser: Parser) -> None:
    assert not parser.parse("[a]: /b\n\n" + "[a] " * 1000).problems


@pytest.mark.parametrize("step", ["> ", "- ", "1. ", "> - "])
def test_deep_nesting_ends_as_text(parser: Parser, step: str) -> None:
    def depth(tokens: list[dict[str, object]]) -> int:
        below = (t["children"] for t in tokens if t.get("children"))
        return 1 + max((depth(b) for b in below), default=0)  # type: ignore[arg-type]

    tree = parser.parse(step * 300 + "end")
    assert depth(tree.tokens) <= 2 * caps.NESTING + 3
    assert plain(tree.tokens)[0].endswith("end")


@pytest.mark.parametrize("mark", ["*a ", "<sub>", "[", "![a"])
def test_deep_nesting_within_a_line_ends_as_text(parser: Parser, mark: str) -> None:
    end = {"*a ": " a*", "<sub>": "</sub>", "[": "](b)", "![a": "](b)"}[mark]
    tree = parser.parse(mark * 200 + "x" + end * 200)
    assert "x" in plain(tree.tokens)[0]


def test_output_is_bounded(show: Show) -> None:
    shown = show("|a|b|\n|-|-|\n" + "c\n" * 50_000)
    assert len(shown.html) < caps.output_limit(100_000)
    assert "grows too much" in shown.html
    assert shown.outline == ()
    assert "|a|b|" in shown.html


def test_ragged_rows_are_filled_within_a_budget(show: Show) -> None:
    head = "|a" * 1000 + "|\n" + "|-" * 1000 + "|\n"
    assert show(head + "|b|\n" * 200).html.count("<td") <= caps.EMPTY_CELLS + 1000


def test_line_ends_marks_and_bad_characters(parser: Parser) -> None:
    assert parser.parse("a\r\nb\r\n").tokens == parser.parse("a\nb").tokens
    assert plain(parser.parse("\ufeff# A\n\x00\ud800").tokens)[0] == "A\n\ufffd\ufffd"
    assert parser.parse("").tokens == parser.parse("\n \n").tokens == []


def test_an_unused_footnote_is_told(parser: Parser) -> None:
    tree = parser.parse("a\n\n[^1]: b\n")
    assert "never mentioned" in tree.problems[0].message


def test_one_parser_serves_all_threads(parser: Parser) -> None:
    part = "# {n}\n\n*a{n}* [^{n}] [x{n}]\n\n[^{n}]: n\n\n[x{n}]: /{n}\n"
    texts = [part.replace("{n}", str(n)) for n in range(99)]
    alone = [parser.parse(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(Parser().parse, texts * 3)) == alone * 3


def test_a_plugin_adds_its_syntax() -> None:
    def plugin(md: object) -> None:
        def read(inline: object, m: object, state: object) -> int:
            token = {"type": "mark", "raw": m.group("word")}  # type: ignore[attr-defined]
            state.append_token(token)  # type: ignore[attr-defined]
            return int(m.end())  # type: ignore[attr-defined]

        md.inline.register("at", r"@@(?P<word>\w+)", read, before="link")  # type: ignore[attr-defined]

    tokens = Parser([plugin]).parse("a @@b *c* x@y.example").tokens[0]["children"]
    kinds = [token["type"] for token in tokens]
    assert kinds == ["text", "mark", "text", "emphasis", "text", "link"]
