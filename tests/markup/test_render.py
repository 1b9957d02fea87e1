"""Tokens to HTML: passes, one look-up, outline, what a pass may add."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiki.markup.links import Target
from wiki.markup.outline import anchor, slug
from wiki.markup.parse import Parser
from wiki.markup.render import render
from wiki.model.page import WARNING, Problem
from wiki.model.parts import Link, OutlineItem, PageContext, RenderedPage, Token

Show = Callable[..., RenderedPage]


def test_links_are_looked_up_in_one_call(parser: Parser) -> None:
    calls: list[Sequence[Target]] = []

    def resolve(targets: Sequence[Target]) -> Mapping[Target, Link]:
        calls.append(targets)
        return {}

    page = PageContext("a/b")
    text = "[[x]] [y](y.md) ![z](z.png) [[term:w]] [v](#v) [u](https://u.example) [[x]]"
    render(parser.parse(text), page, resolve)
    assert [[(t.kind, t.name) for t in call] for call in calls] == [
        [("page", "x"), ("page", "a/y"), ("file", "a/z.png"), ("prefixed", "term:w")]
    ]
    render(parser.parse("no link"), page, resolve)
    assert len(calls) == 1


def test_a_link_that_does_not_exist_leads_to_writing_it(show: Show) -> None:
    def resolve(targets: Sequence[Target]) -> Mapping[Target, Link]:
        return {target: Link("/elsewhere", exists=False) for target in targets}

    html = show("[[a b/c]]", resolve=resolve).html
    assert html == (
        '<p dir="auto"><a href="/-/new?name=a%20b/c" class="missing">a b/c</a></p>\n'
    )


def test_passes_run_in_turn_on_a_copy(parser: Parser) -> None:
    tree = parser.parse("one *two*")

    def first(tokens: list[Token], page: PageContext) -> list[Token]:
        tokens[0]["children"][0]["raw"] = "changed "
        page.data["seen"] = [1]
        page.problems.append(Problem(WARNING, "text", "Look here."))
        return tokens

    def second(tokens: list[Token], page: PageContext) -> list[Token]:
        assert tokens[0]["children"][0]["raw"] == "changed "
        return [*tokens, {"type": "thematic_break"}]

    page = PageContext("a")
    shown = render(tree, page, lambda t: {}, [first, second], [lambda h, p: h + "<hr>"])
    assert shown.html == '<p dir="auto">changed <em>two</em></p>\n<hr>\n<hr>'
    assert shown.data == {"seen": [1]}
    assert [p.message for p in shown.problems] == ["Look here."]
    assert tree == parser.parse("one *two*")


def test_a_pass_may_mark_a_term(show: Show) -> None:
    def mark(tokens: list[Token], page: PageContext) -> list[Token]:
        attrs = {"url": "/terms/ally", "class": "term", "describedby": "t-ally"}
        word = [{"type": "text", "raw": "ally"}]
        tokens[0]["children"] = [{"type": "link", "children": word, "attrs": attrs}]
        return tokens

    html = show("ally", passes=[mark]).html
    assert html == (
        '<p dir="auto"><a href="/terms/ally" class="term" aria-describedby="t-ally">'
        "ally</a></p>\n"
    )


def test_links_in_links_and_unknown_tokens_do_no_harm(show: Show) -> None:
    def odd(tokens: list[Token], page: PageContext) -> list[Token]:
        text = {"type": "text", "raw": "x"}
        inner: dict[str, Any] = {"type": "link", "children": [text], "attrs": {}}
        inner["attrs"] = {"url": "/a"}
        outer = {"type": "link", "children": [inner], "attrs": {"url": "/b"}}
        return [outer, {"type": "new", "children": [text]}, {"type": "newer"}]

    assert show("y", passes=[odd]).html == '<a href="/b">x</a>x'


@pytest.mark.parametrize(
    "broken",
    [
        [{"type": "heading"}],
        [{"type": "heading", "attrs": {"level": "x"}, "children": []}],
        [{"type": "table_cell", "children": []}],
        [{"type": "table_cell", "attrs": {"align": 3}}],
        [{"type": "text"}],
        [{"type": "text", "raw": None}],
        [{"type": "link"}],
        [{"type": "link", "children": [], "attrs": {"url": 7}}],
        [{"type": "footnote_ref", "attrs": {}}],
        [{"type": "block_code", "raw": 1}],
        [{"type": "alert", "attrs": {"kind": "<script>"}, "children": []}],
        [{"type": "tag", "attrs": {"tag": "script"}, "children": []}],
        [{}],
        ["text"],
        [None],
    ],
    ids=repr,
)
def test_what_a_pass_breaks_is_shown_without_it(
    show: Show, judge: Callable[[str], tuple[list[str], str]], broken: list[Any]
) -> None:  # R17
    shown = show("# A\n\n*words*", passes=[lambda tokens, page: [*tokens, *broken]])
    assert "<em>words</em>" in shown.html
    assert judge(shown.html)[0] == []
    endless: dict[str, Any] = {"type": "emphasis"}
    endless["children"] = [endless]
    shown = show("*words*", passes=[lambda tokens, page: [endless]])
    assert "<em>words</em>" in shown.html
    assert "cannot be shown" in shown.problems[0].message


def test_outline(show: Show) -> None:
    shown = show("# The title\n\n## A *b*\n\n> ### C\n\n## A b\n", title="the  TITLE")
    assert shown.outline == (
        OutlineItem(2, "h-a-b", "A b"),
        OutlineItem(3, "h-c", "C"),
        OutlineItem(2, "h-a-b-1", "A b"),
    )
    assert "<h1" not in shown.html
    lower = show("# One\n\n###### Six\n\n# Two\n", title="Other")
    assert [(o.level, o.text) for o in lower.outline] == [
        (2, "One"),
        (6, "Six"),
        (2, "Two"),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("What to bring", "what-to-bring"),
        ("  ¿Por qué? (Sí!)  ", "por-qué-sí"),
        ("联盟 建设", "联盟-建设"),
        ("हिन्दी में", "हिन्दी-में"),
        ("a_b -- c", "a_b-c"),
        ("C++ & C#", "c-c"),
        ("🎉", ""),
        ("x" * 300, "x" * 100),
    ],
)
def test_slug(words: str, expected: str) -> None:
    assert slug(words) == expected
    assert slug(slug(words)) == slug(words)


def test_anchor() -> None:
    assert anchor("What to bring") == anchor("what-to-bring") == "h-what-to-bring"
    assert anchor("h-what-to-bring") == "h-what-to-bring"
    assert anchor("fn-1") == "fn-1"
    assert anchor("") == ""


def test_words_in_the_language_of_the_page(show: Show) -> None:
    text = "> [!NOTE]\n> a\n\n- [x] b\n\n[^1]\n\n[^1]: c\n"
    assert "Nota</p>" in show(text, lang="es").html
    assert "ملاحظة" in show(text, lang="ar-EG").html
    assert "Note</p>" in show(text, lang="xx").html


MARKS = (
    *"*_~`[]()!<>\\\"'&#|-+.:=1ax \n\t",
    *("\n\n", "    ", "> ", "- ", "[[", "]]", "](", "|-", "---\n", "```", "[!NOTE]"),
    *("<kbd>", "</kbd>", "<details>", "</details>", "<!--", "-->", "[^1]", "[^1]: "),
    *("http://", "www.", "a@b.c", "javascript:", "&lt;", "é联"),
)


@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
def test_any_text_is_laid_out_safely(  # R1
    show: Show, judge: Callable[[str], tuple[list[str], str]], text: str
) -> None:
    assert judge(show(text).html)[0] == []
