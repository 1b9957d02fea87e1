"""R1: nothing active survives, in any family, as Markdown or as a plugin's HTML."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wiki.markup import sanitize
from wiki.markup.facts import describe
from wiki.markup.front import split
from wiki.markup.parse import Parser
from wiki.markup.render import render
from wiki.model.parts import Link, PageContext, RenderedPage

FAMILIES = runpy.run_path(str(Path(__file__).with_name("active.py")))["FAMILIES"]
TEXTS = [
    pytest.param(text, id=f"{family}-{number}")
    for family, texts in FAMILIES.items()
    for number, text in enumerate(texts)
]
Show = Callable[..., RenderedPage]
Judge = Callable[[str], tuple[list[str], str]]


def test_every_family_has_at_least_fifteen_texts() -> None:
    assert {name for name, texts in FAMILIES.items() if len(texts) < 15} == set()


@pytest.mark.parametrize("text", TEXTS)
def test_as_markdown(text: str, show: Show, judge: Judge) -> None:  # R1
    for wrapped in (text, f"> {text}", f"- {text}", f"x {text} y", f"*{text}*"):
        assert judge(show(wrapped).html)[0] == []


@pytest.mark.parametrize("text", TEXTS)
def test_with_pages_that_are_missing(text: str, show: Show, judge: Judge) -> None:
    assert judge(show(text, resolve=lambda targets: {}).html)[0] == []


@pytest.mark.parametrize("text", TEXTS)
def test_as_the_html_of_a_plugin(text: str, show: Show, judge: Judge) -> None:  # R1
    assert judge(sanitize.clean(text))[0] == []
    html = show("x", html_passes=[lambda html, page: html + text]).html
    assert judge(html)[0] == []


@pytest.mark.parametrize("text", TEXTS)
def test_as_values_of_tokens_from_a_plugin(
    text: str, show: Show, judge: Judge
) -> None:  # R1
    def change(tokens: list[Any], page: PageContext) -> list[Any]:
        words = [{"type": "text", "raw": text}]
        link = {"url": text, "title": text, "class": text, "describedby": text}
        return [
            {"type": "link", "children": words, "attrs": link},
            {"type": "image", "children": words, "attrs": {"url": text}},
            {"type": "link", "children": words, "attrs": {"url": "", "wiki": text}},
            {"type": "tag", "children": words, "attrs": {"tag": "kbd", "html": link}},
            {"type": "unheard of", "raw": text},
            {"type": "block_code", "raw": text, "attrs": {"spans": [text, text]}},
            *tokens,
        ]

    assert judge(show("x", passes=[change]).html)[0] == []


@pytest.mark.parametrize("text", TEXTS)
def test_as_addresses_that_a_resolver_gives(
    text: str, show: Show, judge: Judge
) -> None:
    def resolve(targets: Any) -> Any:
        return {target: Link(text, text) for target in targets}

    html = show("[[a]] ![b](c.png) [[term:x]]", resolve=resolve).html
    assert judge(html)[0] == []


@pytest.mark.parametrize("text", TEXTS)
def test_whole_page_with_its_fields(text: str, parser: Parser, judge: Judge) -> None:
    front = split(text)
    tree = parser.parse(front.body)
    facts = describe("a/page", front, tree)
    assert set(facts.lang) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
    )
    page = PageContext("a/page", facts.title, facts.kind, facts.lang, facts.meta)
    assert judge(render(tree, page, lambda targets: {}).html)[0] == []


@pytest.mark.parametrize("text", FAMILIES["raw elements"])
def test_the_same_characters_are_shown(
    text: str, show: Show, judge: Judge
) -> None:  # R1
    shown = judge(show(f"x {text}").html)[1]
    for piece in ("alert(1)", "evil.example", "onclick", "onerror"):
        assert (piece in text) == (piece in shown)


@pytest.mark.parametrize("text", FAMILIES["schemes"])
def test_a_refused_address_stays_visible(
    text: str, show: Show, judge: Judge
) -> None:  # R1
    html = show(text).html
    assert 'href="java' not in html.lower()
    assert "is not allowed here" in html or "<a" not in html or 'href="/' in html
