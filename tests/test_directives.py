"""The hook ``directives``: drawn by plugins, whatever they do, and found by readers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from wiki import Directive, Option, PageContext, Plugin, Problem, hookimpl
from wiki.app import create_app
from wiki.build import build
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.actor import VISITOR_ACTOR as VISITOR
from wiki.model.page import WARNING, WRITERS, Draft
from wiki.registry import BROKEN
from wiki.service import Wiki

TEMPLATES = {
    "odd/box.html": (
        '<div class="p-odd-box other" onclick="x"><b>{{ argument }}</b>{{ size }}'
        '{{ open }}{{ mood }}<i>{{ _("Search") }}</i>{{ body }}</div>'
    ),
    "odd/script.html": "<script>alert(1)</script><img src=x onerror=alert(1)>fine",
    "odd/open.html": "</div></article><div><em>fine",
    "odd/twice.html": "{{ body }}{{ body }}",
    "odd/wrong.html": "{{ 1 / 0 }}",
    "odd/large.html": "{{ 'x' * 10000000 }}",
    "odd/endless.html": "{% for _ in endless %}x{% endfor %}",
}
OPTIONS = (
    Option("size", "number", 3),
    Option("open", "boolean", False),
    Option("mood", "choice", "calm", ("calm", "brave")),
    Option("note", limit=20),
)


def box(argument: str, options: Any, body: str, page: PageContext) -> Any:
    page.data["odd"] = {"boxes": page.data.get("odd", {}).get("boxes", 0) + 1}
    return "odd/box.html", {"argument": argument, "body": body, **options}


class Odd(Plugin):
    """Draws boxes, and misbehaves as a test tells it to."""

    name = "odd"
    behave: Callable[..., Any] = staticmethod(box)

    @hookimpl
    def directives(self) -> list[Directive]:
        return [
            Directive("box", OPTIONS, box, body="markdown"),
            Directive("twice", (), self.twice, body="markdown"),
            Directive("raw", OPTIONS, box, argument="required"),
            Directive("seen", OPTIONS, box, argument="none", search=True),
            Directive("odd", (), self.odd),
        ]

    def odd(self, argument: str, options: Any, body: str, page: PageContext) -> Any:
        return type(self).behave(argument, options, body, page)

    def twice(self, argument: str, options: Any, body: str, page: PageContext) -> Any:
        return "odd/twice.html", {"body": body}


def make(folder: Path, *plugins: type[Plugin], strict: bool = False) -> Flask:
    for name, text in TEMPLATES.items():
        path = folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    config = load(folder, {})
    return create_app(config=config, plugins=plugins, memory=True, strict=strict)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = make(tmp_path, Odd)
    yield made
    made.extensions["wiki"].close()


@pytest.fixture
def wiki(app: Flask) -> Wiki:
    found: Wiki = app.extensions["wiki"]
    return found


@pytest.fixture
def write(wiki: Wiki) -> Callable[..., str]:
    """Return ``write(text)``: the page as a visitor is shown it."""
    count = itertools.count(1)

    def save(text: str) -> str:
        name = f"page{next(count)}"
        wiki.save(SYSTEM, Draft(name, text), 0)
        return wiki.view(VISITOR, name).rendered.html

    return save


def told(wiki: Wiki, text: str) -> list[str]:
    return [str(one) for one in wiki.preview(SYSTEM, "draft", text).problems]


def test_a_directive_is_drawn_by_the_plugins_template(
    write: Callable[..., str], wiki: Wiki
) -> None:
    html = write(
        "---\nlang: es\n---\n:::{box} A <b>\n:size: 7\n:open:\n:mood: brave\n\n"
        "*in* [[page1]]\n:::\n\n:::{box}\n:::\n"
    )
    assert html.startswith('<div class="p-odd-box">A &lt;b&gt;7TruebraveBuscar')
    assert '<p dir="auto"><em>in</em> <a href="/page1"' in html
    assert "3Falsecalm" in html
    assert "onclick" not in html
    rendered = wiki.view(VISITOR, "page1").rendered
    assert rendered.data["odd"] == {"boxes": 2}
    assert not rendered.problems


def test_a_text_body_is_shown_as_typed(write: Callable[..., str]) -> None:
    assert "*a* &lt;i&gt;{{ x }}" in write("```{raw} x\n*a* <i>{{ x }}\n```\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (":::{box}\n:sise: 3\n:::", "“box” in line 1 has no option “sise”"),
        (":::{box}\n:size: 3.5\n:::", "has to be a whole number"),
        (":::{box}\n:size: " + "9" * 500 + "\n:::", "has to be a whole number"),
        (":::{box}\n:size: ٣٤²\n:::", "has to be a whole number"),
        (":::{box}\n:open: perhaps\n:::", "is yes or no"),
        (":::{box}\n:mood: sad\n:::", "is one of: calm, brave"),
        (":::{box}\n:note: " + "x" * 21 + "\n:::", "can have 20 characters"),
        (":::{box}\n:size: 1\n:size: 2\n:::", "the option “size” twice"),
        ("```{raw}\nx\n```", "needs something behind it"),
        ("```{seen} more\nx\n```", "takes nothing behind it"),
        ("```{python}\nx\n```", "Nothing here is called “python”"),
    ],
)
def test_what_is_written_wrong_is_shown_and_said_to_who_writes(
    write: Callable[..., str], wiki: Wiki, app: Flask, text: str, sentence: str
) -> None:
    html = write(f"{text}\n\nafter")
    assert text.split("\n")[1] in html
    assert "after" in html
    found = told(wiki, text)
    assert len(found) == 1
    assert sentence in found[0]
    saved = wiki.save(SYSTEM, Draft("again", f"---\nlang: en\n---\n{text}"), 0)
    assert [(p.field, p.line) for p in saved.problems] == [(WRITERS, 4)]
    assert "line 4" in str(saved.problems[0])
    # Readers are not told what they cannot mend.
    page = app.test_client().get("/page1")
    assert page.status_code == 200
    assert sentence not in page.text


def failing(*_: Any) -> Any:
    raise ValueError("broken <b>")


def leaving(*_: Any) -> Any:
    raise SystemExit(3)


def deep(*_: Any) -> Any:
    return deep()


def html_text(*_: Any) -> Any:
    return "<b>bold</b><script>alert(1)</script>"


def nothing(*_: Any) -> Any:
    return None


def three(*_: Any) -> Any:
    return "odd/box.html", {}, {}


def no_context(*_: Any) -> Any:
    return "odd/box.html", ["x"]


def no_template(*_: Any) -> Any:
    return "odd/not-there.html", {}


def climbing(*_: Any) -> Any:
    return "../../wiki.toml", {}


def wrong_template(*_: Any) -> Any:
    return "odd/wrong.html", {}


def large(*_: Any) -> Any:
    return "odd/large.html", {}


def endless(*_: Any) -> Any:
    def pieces() -> Iterator[str]:
        yield from "x" * 2_000_000

    return "odd/endless.html", {"endless": pieces()}


def junk_data(argument: str, options: Any, body: str, page: PageContext) -> Any:
    page.data["odd"] = {1, 2}
    return "odd/box.html", {}


def junk_problems(argument: str, options: Any, body: str, page: PageContext) -> Any:
    page.problems.append("a word")  # type: ignore[arg-type]
    return "odd/box.html", {}


BAD = [
    *(failing, leaving, deep, html_text, nothing, three, no_context, no_template),
    *(climbing, wrong_template, large, endless, junk_data, junk_problems),
]


@pytest.mark.parametrize("behave", BAD, ids=lambda it: it.__name__)
def test_r17_a_directive_that_fails_is_shown_as_written(
    app: Flask, wiki: Wiki, behave: Any, monkeypatch: pytest.MonkeyPatch
) -> None:  # R17
    monkeypatch.setattr(Odd, "behave", staticmethod(behave))
    text = "before\n\n```{odd} an <argument>\nits <body>\n```\n\nafter\n"
    wiki.save(SYSTEM, Draft("page", text), 0)
    for _ in range(25):
        wiki.view(VISITOR, "page")
    answer = app.test_client().get("/page")
    assert answer.status_code == 200
    assert "```{odd} an &lt;argument&gt;\nits &lt;body&gt;\n```" in answer.text
    assert "before" in answer.text
    assert "after" in answer.text
    assert "alert(1)" not in answer.text
    fault = wiki.door.faults["odd", "directive odd"]
    assert fault.off
    assert "The plugin “odd” could not show “odd” in line 3" in told(wiki, text)[0]
    # Its other directives go on; mended and switched on, the page is whole again.
    assert "p-odd-box" in wiki.preview(SYSTEM, "x", ":::{box}\n:::").html
    monkeypatch.setattr(Odd, "behave", staticmethod(box_of_text))
    wiki.door.reset("odd")
    assert "p-odd-box" in wiki.view(VISITOR, "page").rendered.html


def box_of_text(argument: str, options: Any, body: str, page: PageContext) -> Any:
    return "odd/box.html", {"argument": argument, "body": body}


def script(*_: Any) -> Any:
    return "odd/script.html", {}


def opened(*_: Any) -> Any:
    return "odd/open.html", {}


@pytest.mark.parametrize("behave", [script, opened])
def test_what_a_template_makes_is_cleaned_alone(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch, behave: Any
) -> None:  # R1
    monkeypatch.setattr(Odd, "behave", staticmethod(behave))
    html = write("> ```{odd}\n> ```\n> within\n\nafter")
    assert "script" not in html
    assert "onerror" not in html
    assert "fine" in html
    # What it left open or closed too much ends with it.
    quote, _, after = html.partition("</blockquote>")
    assert "within" in quote
    assert after.strip() == '<p dir="auto">after</p>'


def note_it(argument: str, options: Any, body: str, page: PageContext) -> Any:
    page.problems.append(Problem(WARNING, "", "A word to think about."))
    page.title = "Mine now"
    page.data["another"] = {"plugin": 1}
    return "odd/box.html", {}


def test_a_directive_may_say_something_and_change_nothing_else(
    write: Callable[..., str], wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Odd, "behave", staticmethod(note_it))
    write("x\n\n```{odd}\n```\n")
    rendered = wiki.view(VISITOR, "page1").rendered
    assert [(p.field, p.line) for p in rendered.problems] == [(WRITERS, 3)]
    assert rendered.data == {}


def test_doubling_templates_within_each_other_stop_in_time(
    write: Callable[..., str],
) -> None:  # R3
    lines = [":" * (50 - depth) + "{twice}" for depth in range(45)]
    html = write("\n".join([*lines, "words " * 200]))
    assert "words" in html
    assert len(html) < 5_000_000


def test_the_words_of_a_directive_are_found_as_it_says(wiki: Wiki) -> None:
    text = (
        ":::{box}\nin markdownish [[far]]\n:::\n\n```{raw} x\nhiddenly\n```\n\n"
        "```{seen}\nvisibly\n```\n"
    )
    wiki.save(SYSTEM, Draft("far", "x"), 0)
    page = wiki.save(SYSTEM, Draft("page", text), 0).page

    def finds(words: str) -> bool:
        return any(hit.name == "page" for hit in wiki.search(VISITOR, words).hits)

    assert finds("markdownish")
    assert finds("visibly")
    assert not finds("hiddenly")
    far = wiki.page(SYSTEM, "far")
    assert [row.id for row in wiki.backlinks(far.id, VISITOR.sees, 5)] == [page.id]


def test_without_the_web_nothing_is_drawn_and_nothing_kept(tmp_path: Path) -> None:
    config = load(tmp_path, {})
    first = build(config, plugins=[Odd])
    first.save(SYSTEM, Draft("page", ":::{box}\nwords\n:::\n"), 0)
    assert "p-odd-box" not in first.view(VISITOR, "page").rendered.html
    first.close()
    make(tmp_path, Odd).extensions["wiki"].close()  # only for its templates
    app = create_app(config=config, plugins=[Odd])
    again: Wiki = app.extensions["wiki"]
    assert "p-odd-box" in again.view(VISITOR, "page").rendered.html
    again.close()


# -- declared wrong


def declares(name: str, *found: Any) -> type[Plugin]:
    def directives(self: Any) -> list[Any]:
        return list(found)

    body = {"name": name, "directives": hookimpl(directives)}
    return type(name.title(), (Plugin,), body)


def test_a_name_is_taken_once_and_both_plugins_are_named(tmp_path: Path) -> None:
    app = make(tmp_path, Odd, declares("zebra", Directive("box", (), box)))
    wiki: Wiki = app.extensions["wiki"]
    state = wiki.registry.states["zebra"]
    assert state.state == BROKEN
    assert "“box” is already taken by the plugin “odd”" in state.reason
    assert wiki.registry.directives["box"].plugin == "odd"
    wiki.close()


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([Directive("Box", (), box)], "a name that is not of small letters"),
        ([Directive("a b", (), box)], "a name that is not of small letters"),
        ([Directive("a", (Option("B"),), box)], "a name that is not of small letters"),
        ([Directive("a", (Option("b"), Option("b")), box)], "two options of one name"),
        ([Directive("a", (Option("b", "choice"),), box)], "has no choices"),
        ([Directive("a", (), box)] * 2, "two directives “a”"),
    ],
)
def test_what_is_declared_wrong_is_off_and_says_why(
    tmp_path: Path, found: list[Directive], reason: str
) -> None:
    app = make(tmp_path, declares("wrong", *found))
    wiki: Wiki = app.extensions["wiki"]
    assert wiki.registry.states["wrong"].state == BROKEN
    assert reason in wiki.registry.states["wrong"].reason
    assert "wrong" not in {one.plugin for one in wiki.registry.directives.values()}
    wiki.close()


@pytest.mark.parametrize(
    "item",
    [
        Directive("a", ("b",), box),  # type: ignore[arg-type]
        Directive("a", (), "not callable"),  # type: ignore[arg-type]
        Directive("a", (), box, body="html"),  # type: ignore[arg-type]
        Directive(7, (), box),  # type: ignore[arg-type]
        "a",
    ],
)
def test_what_is_no_directive_is_missing(tmp_path: Path, item: Any) -> None:
    app = make(tmp_path, declares("wrong", item))
    wiki: Wiki = app.extensions["wiki"]
    assert ("wrong", "directives") in wiki.door.faults
    assert "a" not in wiki.registry.directives
    wiki.close()


class Seer(Plugin):
    """Remembers the subject of each view."""

    name = "seer"
    seen: list[tuple[str, Any]] = []  # noqa: RUF012

    @hookimpl
    def assets(self, view: str, subject: Any) -> list[Any]:
        self.seen.append((view, subject))
        return []


def test_assets_know_what_a_page_holds(tmp_path: Path) -> None:
    app = make(tmp_path, Odd, Seer, strict=True)
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("page", ":::{box}\n:::\n"), 0)
    for url in ("/page", "/-/search", "/not-there"):
        app.test_client().get(url)
    shown, *others = Seer.seen
    assert shown[1].rendered.data["odd"] == {"boxes": 1}
    assert [subject for _, subject in others] == [None, None]
    wiki.close()
