"""What a text says about its page."""

from __future__ import annotations

import pytest

from wiki.markup.facts import describe
from wiki.markup.front import split
from wiki.markup.parse import Parser
from wiki.model.page import Facts, LinkTo


def read(text: str, name: str = "guides/big-tent") -> Facts:
    front = split(text)
    return describe(name, front, Parser().parse(front.body))


def test_title() -> None:
    assert read("---\ntitle: ' From\n the fields '\n---\n# Heading").title == (
        "From the fields"
    )
    assert read("---\ntitle: 2026\n---\nx").title == "2026"
    assert read("# The *heading* `x`\n\ntext").title == "The heading x"
    assert read("text first\n\n# Heading").title == "Big tent"
    assert read("## Second level").title == "Big tent"
    assert read("---\ntitle: [a]\n---\nx").title == "Big tent"
    assert read("x", "联盟_建设").title == "联盟 建设"
    assert len(read(f"---\ntitle: {'x' * 500}\n---\n").title) == 200


def test_kind_and_language() -> None:
    assert read("---\ntype: Guide\nlang: pt-BR\n---\n").kind == "guide"
    assert read("---\ntype: Guide\nlang: pt-BR\n---\n").lang == "pt-BR"
    assert read("---\ntype: ../x\nlang: 'en\" x'\n---\n").kind == ""
    assert read("---\ntype: ../x\nlang: 'en\" x'\n---\n").lang == ""
    assert read("---\ntype: 3\nlang: [en]\n---\n").kind == ""


@pytest.mark.parametrize(
    ("value", "audience"),
    [
        ("public", "public"),
        ("Members", "members"),
        ("admins", "admins"),
        ("group:core team", "group:core team"),
        ("everyone", "admins"),
        ("group:", "admins"),
        ("'public '", "public"),
        ("[public]", "admins"),
        ("group:b, group:a", "group:a|group:b"),
        ("[group:a, group:b]", "group:a|group:b"),
        ("members, group:b", "admins"),
        ("group:a|group:b", "admins"),
        ("true", "admins"),
        ("", ""),
    ],
)
def test_audience(value: str, audience: str) -> None:
    """A word that nobody knows never opens a page."""
    assert read(f"---\naudience: {value}\n---\n").audience == audience
    assert read("text").audience == ""


def test_tags() -> None:
    assert read("---\ntags: [b, ' a  b ', b, 3, '', null]\n---\n").tags == (
        "b",
        "a b",
        "3",
    )
    assert read("---\ntags: one, two ,one\n---\n").tags == ("one", "two")
    assert read("---\ntags: 7\n---\n").tags == ("7",)
    assert read("---\ntags: {a: b}\n---\n").tags == ()
    assert len(read(f"---\ntags: [{'x' * 90}]\n---\n").tags[0]) == 60
    many = ",".join(f"t{n}" for n in range(90))
    assert len(read(f"---\ntags: {many}\n---\n").tags) == 50


def test_links() -> None:
    facts = read(
        "[a](../Terms/Ally.md) [[terms/ally]] [b](x.pdf) [c](https://a.example) [d](#e)"
        " [[-/reserved|x]]"
    )
    assert facts.links == (LinkTo("terms/ally"), LinkTo("guides/x.pdf", "file"))


def test_the_fields_are_kept_as_they_are() -> None:
    facts = read("---\nlayout: post\nunknown: {a: [1]}\n---\n")
    assert facts.meta == {"layout": "post", "unknown": {"a": [1]}}


def test_fields_that_cannot_be_read_open_nothing() -> None:
    facts = read("---\naudience: *x\n---\n# T\n")
    assert (facts.title, facts.audience, facts.meta) == ("T", "admins", {})
    facts = read("---\naudience: admins\na: 1\na: 2\n---\n# T\n")
    assert facts.audience == "admins"
    assert read("---\na: 1\na: 2\n---\n# T\n").audience == ""
