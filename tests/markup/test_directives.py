"""Directives as they are read: which text is one, its parts, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wiki.markup import caps
from wiki.markup.child import ParserPool
from wiki.markup.directives import Form
from wiki.markup.facts import describe
from wiki.markup.front import Front
from wiki.markup.outline import headings
from wiki.markup.parse import Parser, Tree
from wiki.markup.render import render
from wiki.markup.text import plain
from wiki.model.page import WRITERS
from wiki.model.parts import PageContext, RenderedPage, Token

FORMS = {
    "text": Form(),
    "found": Form(search=True),
    "box": Form("markdown"),
    "chart": Form(fence=True),
}
PARSER = Parser((), FORMS)
PLAIN = Parser()


def only(text: str) -> Token:
    """Return the one directive that a text is."""
    tree = PARSER.parse(text)
    assert [token["type"] for token in tree.tokens] == ["directive"], tree.tokens
    return tree.tokens[0]


def kinds(tokens: list[Token]) -> list[str]:
    return [token["type"] for token in tokens]


def shown(tree: Tree, **given: Any) -> RenderedPage:
    return render(tree, PageContext("a/page"), lambda targets: {}, **given)


@pytest.mark.parametrize("fence", ["```", "~~~", ":::", "````", "::::::"])
def test_each_fence_opens_a_directive(fence: str) -> None:
    token = only(
        f"{fence}{{text}} An *argument*\n:key: a value\n:on:\n\nbody\n{fence}\n"
    )
    attrs = token["attrs"]
    assert (attrs["name"], attrs["argument"]) == ("text", "An *argument*")
    assert attrs["options"] == [["key", "a value"], ["on", ""]]
    assert token["raw"] == "body"
    assert attrs["head"] == f"{fence}{{text}} An *argument*\n:key: a value\n:on:\n\n"
    assert (attrs["fence"], attrs["line"]) == (fence, 1)


def test_options_end_with_the_first_other_line() -> None:
    token = only(":::{text}\n:a: 1\nnot one\n:b: 2\n:::\n")
    assert token["attrs"]["options"] == [["a", "1"]]
    assert token["raw"] == "not one\n:b: 2"


def test_only_a_fence_as_long_closes() -> None:
    tree = PARSER.parse("::::{text}\n:::\n:::: no\n:::::\nafter\n")
    assert tree.tokens[0]["raw"] == ":::\n:::: no"
    assert kinds(tree.tokens) == ["directive", "paragraph"]


def test_a_body_of_markdown_is_read_like_the_page() -> None:
    inner = ":::{box}\n*deep*[^1]\n:::\n"
    text = f"::::{{box}}\n# Head\n\n- a [[link]]\n\n{inner}::::\n\n[^1]: x\n"
    outer, notes = PARSER.parse(text).tokens
    assert kinds(outer["children"]) == ["heading", "list", "directive"]
    assert kinds(outer["children"][2]["children"]) == ["paragraph"]
    assert notes["type"] == "footnotes"


def test_directives_stand_in_lists_and_quotations() -> None:
    text = "> ```{text} q\n> b\n> ```\n\n- :::{text} l\n  c\n  :::\n"
    quote, items = PARSER.parse(text).tokens
    assert quote["children"][0]["raw"] == "b"
    inner = items["children"][0]["children"][0]
    assert (inner["raw"], inner["attrs"]["line"]) == ("c", 5)


def test_a_directive_ends_a_paragraph() -> None:
    assert kinds(PARSER.parse("words\n:::{text}\n:::\n").tokens) == [
        "paragraph",
        "directive",
    ]


def test_a_plain_fence_can_be_a_directive() -> None:
    token = only("```chart A title\na\n```\n")
    assert (token["attrs"]["name"], token["attrs"]["argument"]) == ("chart", "A title")
    assert kinds(PARSER.parse("```text\na\n```\n").tokens) == ["block_code"]


@pytest.mark.parametrize(
    "text",
    [
        "```{python}\nprint(1)\n```\n",
        "```{r, echo=FALSE}\nx <- 1\n```\n",
        "~~~{.haskell}\nx = 1\n~~~\n",
        "``` {text\na\n```\n",
        "```{text}`a`\n```\n",
        ":::{unknown} x\n\nbody\n\n:::\n",
        "::: box\nbody\n:::\n",
        "::{text}\n::\n",
        "    :::{text}\n",
        "a :::{text}\n",
        "Term\n: definition\n",
    ],
)
def test_what_is_no_directive_stays_what_it_was(text: str) -> None:
    assert PARSER.parse(text).tokens == PLAIN.parse(text).tokens
    assert "directive" not in kinds(PARSER.parse(text).tokens)


def test_an_unknown_name_is_told_to_those_who_write_once() -> None:
    tree = PARSER.parse("x\n\n```{python}\n```\n\n```{python}\n```\n\n:::{lost}\n")
    assert [(p.line, p.field, p.params["name"]) for p in tree.problems] == [
        (3, WRITERS, "python"),
        (9, WRITERS, "lost"),
    ]


def test_lines_are_those_of_the_page() -> None:
    text = (
        "- ```{text}\n  ```\n\n" + "```{text}\n```\n\n" * 3 + "> :::{box}\n> a\n> :::\n"
    )
    found: list[int] = []

    def note(tokens: list[Token]) -> None:
        for token in tokens:
            if token["type"] == "directive":
                found.append(token["attrs"]["line"])
            note(token.get("children", []))

    note(PARSER.parse(text).tokens)
    assert found == [1, 4, 7, 10, 13]


def test_one_that_is_not_closed_takes_the_rest_and_says_so() -> None:
    tree = PARSER.parse("a\n\n:::{box}\n\nb\n\n- c\n")
    assert kinds(tree.tokens[1]["children"]) == ["paragraph", "list"]
    assert "is not closed" in str(tree.problems[0])


def test_too_deep_is_shown_as_written() -> None:
    lines = [":" * (60 - depth) + "{box}" for depth in range(55)]
    tree = PARSER.parse("\n".join([*lines, "the words"]))
    depth, tokens = 0, tree.tokens
    while tokens and tokens[-1]["type"] == "directive":
        depth, tokens = depth + 1, tokens[-1]["children"]
    assert depth == caps.NESTING - 1
    assert any("too many others" in str(p) for p in tree.problems)
    assert "the words" in shown(tree).html


def test_too_many_are_shown_as_written() -> None:
    tree = PARSER.parse(":::{text}\nwords\n:::\n\n" * 230)
    made = [token for token in tree.tokens if token["type"] == "directive"]
    assert len(made) == caps.DIRECTIVES
    assert [p.line for p in tree.problems] == [801]
    assert shown(tree).html.count("words") == 230


def test_links_and_words_of_a_body_are_the_pages() -> None:
    tree = PARSER.parse(
        ":::{box}\n# Head\n\n[[far]] words\n:::\n\n```{text}\nhidden\n```\n\n"
        "```{found} named\nseen\n```\n"
    )
    assert plain(tree.tokens) == ("Head\nfar words\nnamed\nseen", ("Head",))
    assert [link.key for link in describe("p", Front(), tree).links] == ["far"]
    assert len(list(headings(tree.tokens))) == 1


def test_the_child_reads_what_the_parent_reads() -> None:
    pool = ParserPool(forms=FORMS)
    text = "```{python}\n```\n\n:::{box} a\n:k: v\n\n```chart\nb\n```\n:::\n\n" * 30
    try:
        assert pool.parse(text) == PARSER.parse(text)
        assert pool.parse(text).directives == 60
    finally:
        pool.close()


# -- shown


def test_undrawn_is_shown_as_written_and_escaped(
    judge: Callable[[str], tuple[list[str], str]],
) -> None:
    text = '```{text} <script>\n:o: "><img onerror=x>\n\n</pre><b>&\n```\n'
    faults, words = judge(shown(PARSER.parse(text)).html)
    assert not faults
    assert text.strip() in words
    assert "cannot be shown as it was meant" in words


def test_what_is_drawn_is_cleaned_and_its_body_kept() -> None:
    tree = PARSER.parse(":::{box} t\n*in*\n:::\n\nafter\n")

    def draw(token: Token, inner: str) -> str:
        return (
            f'<div class="p-x-frame p-y-no" onclick="x">{inner}</div><script>1</script>'
        )

    html = shown(tree, draw=draw, classes={"p-x-"}).html
    assert html.startswith('<div class="p-x-frame"><p dir="auto"><em>in</em></p>')
    assert "script" not in html
    assert "onclick" not in html
    assert "after" in html
    # Where nothing was drawn, no class of a plugin is known.
    assert 'class="p-x' not in shown(tree, html_passes=[lambda h, p: draw({}, h)]).html


def test_what_is_drawn_does_not_count_as_growth_of_the_text() -> None:
    tree = PARSER.parse("```{text}\n```\n")
    drawn = "<p>" + "x" * 300_000 + "</p>"
    assert shown(tree, draw=lambda token, inner: drawn).html == drawn
