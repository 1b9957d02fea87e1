"""Tokens to HTML: every text and attribute escaped, every element balanced.

Blocks of text carry ``dir="auto"``, so that each reads in its own direction. What a
table or a piece of code needs in width scrolls in its own box, by keyboard too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..model.page import Problem
from ..model.parts import Link, PageContext, Token
from .anchors import Anchors, escape, fnref, quoted
from .code import CLASSES as CODE_CLASSES
from .links import Target
from .notes import BACK_LINKS
from .outline import Outline
from .tags import PAIRED
from .words import words

Write = Callable[[Token], str]
# Returns the HTML of a directive, given that of its body; None where there is none.
Draw = Callable[[Token, str], str | None]


WRITTEN_HERE = (
    *("text", "codespan", "emphasis", "strong", "strikethrough"),
    *("linebreak", "softbreak", "wbr", "tag", "anchor"),
    *("paragraph", "block_text", "heading", "thematic_break", "block_code", "source"),
    *("block_quote", "alert", "list", "list_item", "task_list_item"),
    *("table", "table_head", "table_body", "table_row", "table_cell"),
    *("def_list", "def_list_head", "def_list_item", "details", "summary"),
    *("footnotes", "footnote_item", "directive"),
)


class TooLong(Exception):
    """The HTML grew past its bound."""


class Html:
    """Writes one page. ``problems`` holds what it found on the way."""

    def __init__(
        self,
        page: PageContext,
        known: Mapping[Target, Link],
        outline: Outline,
        limit: int,
        draw: Draw | None = None,
    ) -> None:
        self.words = words(page.lang)
        self.anchors = Anchors(page, known, self.words, self.many)
        self.outline, self.left, self.draw = outline, limit, draw
        self.drawn = 0  # characters that directives made of their own
        self.heading_words = ""
        self.tables: dict[str, int] = {}
        self.box = ""
        self._writers: dict[str, Write] = {
            name: getattr(self, name) for name in WRITTEN_HERE
        }
        for name in ("link", "image", "footnote_ref"):
            self._writers[name] = getattr(self.anchors, name)

    @property
    def problems(self) -> list[Problem]:
        return self.anchors.problems

    def write(self, tokens: Sequence[Token]) -> str:
        """Return the HTML of a whole page; raises TooLong."""
        limit, html = self.left, self.many(tokens)
        if len(html) > limit + self.drawn:
            raise TooLong
        return html

    def many(self, tokens: Sequence[Token]) -> str:
        if len(tokens) == 1 and tokens[0]["type"] == "text":
            return escape(tokens[0]["raw"])
        writers, other = self._writers, self.other
        return "".join([writers.get(t["type"], other)(t) for t in tokens])

    def inner(self, token: Token) -> str:
        """Return the HTML of what a token holds; stop early where it gets too long."""
        html = self.many(token.get("children") or ())
        # Counted again at each level, hence an eighth; "write" counts exactly.
        self.left -= len(html) >> 3
        if self.left < 0:
            raise TooLong
        return html

    def other(self, token: Token) -> str:
        """Write a token of an unknown kind: its text, so that nothing is lost."""
        if "children" in token:
            return self.many(token["children"])
        return escape(str(token.get("raw", "")))

    # Within a block

    def text(self, token: Token) -> str:
        return escape(token["raw"])

    def codespan(self, token: Token) -> str:
        return f'<code dir="ltr">{escape(token["raw"])}</code>'

    def emphasis(self, token: Token) -> str:
        return f"<em>{self.many(token['children'])}</em>"

    def strong(self, token: Token) -> str:
        return f"<strong>{self.many(token['children'])}</strong>"

    def strikethrough(self, token: Token) -> str:
        return f"<del>{self.many(token['children'])}</del>"

    def linebreak(self, token: Token) -> str:
        return "<br>\n"

    def softbreak(self, token: Token) -> str:
        return "\n"

    def wbr(self, token: Token) -> str:
        return "<wbr>"

    def tag(self, token: Token) -> str:
        if "children" not in token:
            return escape(token["raw"])
        name = token["attrs"]["tag"]
        if name not in PAIRED:
            return self.many(token["children"])
        html = token["attrs"].get("html", {})
        attributes = "".join(
            f' {key}="{quoted(str(html[key]))}"'
            for key in ("title", "lang", "dir")
            if key in html
        )
        return f"<{name}{attributes}>{self.many(token['children'])}</{name}>"

    def anchor(self, token: Token) -> str:
        place = self.outline.claim(token["attrs"]["name"])
        return f'<span id="{quoted(place)}"></span>' if place else ""

    # Blocks

    def paragraph(self, token: Token) -> str:
        box, self.box = self.box, ""
        return f'<p dir="auto">{box}{self.inner(token)}</p>\n'

    def block_text(self, token: Token) -> str:
        box, self.box = self.box, ""
        return box + self.inner(token)

    def heading(self, token: Token) -> str:
        place = self.outline.places[id(token)]
        self.heading_words = place.text
        name = f"h{place.level}"
        start = f'<{name} id="{quoted(place.id)}" dir="auto">'
        return f"{start}{self.inner(token)}</{name}>\n"

    def thematic_break(self, token: Token) -> str:
        return "<hr>\n"

    def block_code(self, token: Token) -> str:
        spans = (token.get("attrs") or {}).get("spans")
        code = _colored(spans) if spans else escape(token["raw"])
        self.left -= len(code)
        return f'<pre class="code" dir="ltr" tabindex="0"><code>{code}</code></pre>\n'

    def source(self, token: Token) -> str:
        notice = (token.get("attrs") or {}).get("notice", "")
        shown = f'<div class="notice" dir="auto">{escape(notice)}</div>\n'
        text = f'<pre class="source" dir="auto" tabindex="0">\n{escape(token["raw"])}'
        return (shown if notice else "") + text + "</pre>\n"

    def block_quote(self, token: Token) -> str:
        return f'<blockquote dir="auto">\n{self.inner(token)}</blockquote>\n'

    def alert(self, token: Token) -> str:
        kind = token["attrs"]["kind"]
        title = f'<p class="alert-title" dir="auto">{self.words[kind]}</p>\n'
        start = f'<div class="alert alert-{kind}" dir="auto">\n'
        return f"{start}{title}{self.inner(token)}</div>\n"

    def list(self, token: Token) -> str:
        attrs = token.get("attrs") or {}
        if attrs.get("ordered"):
            start = attrs.get("start")
            number = "" if start is None else f' start="{int(start)}"'
            return f'<ol{number} dir="auto">\n{self.inner(token)}</ol>\n'
        tasks = any(c["type"] == "task_list_item" for c in token["children"])
        css = ' class="tasks"' if tasks else ""
        return f'<ul{css} dir="auto">\n{self.inner(token)}</ul>\n'

    def list_item(self, token: Token) -> str:
        return f'<li dir="auto">{self.inner(token)}</li>\n'

    def task_list_item(self, token: Token) -> str:
        done = token["attrs"]["checked"]
        label = quoted(self.words["done" if done else "open"])
        checked = " checked" if done else ""
        self.box = f'<input type="checkbox" disabled{checked} aria-label="{label}"> '
        return f'<li class="task" dir="auto">{self.inner(token)}</li>\n'

    def table(self, token: Token) -> str:
        label = self.heading_words or self.words["table"]
        count = self.tables[label] = self.tables.get(label, 0) + 1
        if count > 1:
            label = f"{label} ({count})"
        return (
            '<div class="table-scroll" role="region" tabindex="0" '
            f'aria-label="{quoted(label)}">\n'
            f'<table dir="auto">\n{self.inner(token)}</table>\n</div>\n'
        )

    def table_head(self, token: Token) -> str:
        return f"<thead>\n<tr>{self.many(token['children'])}</tr>\n</thead>\n"

    def table_body(self, token: Token) -> str:
        return f"<tbody>\n{self.many(token['children'])}</tbody>\n"

    def table_row(self, token: Token) -> str:
        html = f"<tr>{self.many(token['children'])}</tr>\n"
        self.left -= len(html)
        if self.left < 0:
            raise TooLong
        return html

    def table_cell(self, token: Token) -> str:
        attrs, html = token["attrs"], self.many(token["children"])
        css = f' class="align-{attrs["align"]}"' if attrs.get("align") else ""
        if attrs.get("head"):
            return f'<th scope="col"{css} dir="auto">{html}</th>'
        return f'<td{css} dir="auto">{html}</td>'

    def def_list(self, token: Token) -> str:
        return f'<dl dir="auto">\n{self.inner(token)}</dl>\n'

    def def_list_head(self, token: Token) -> str:
        return f'<dt dir="auto">{self.inner(token)}</dt>\n'

    def def_list_item(self, token: Token) -> str:
        return f'<dd dir="auto">{self.inner(token)}</dd>\n'

    def details(self, token: Token) -> str:
        opened = " open" if token["attrs"].get("open") else ""
        return f'<details{opened} dir="auto">\n{self.inner(token)}</details>\n'

    def summary(self, token: Token) -> str:
        return f'<summary dir="auto">{self.inner(token)}</summary>\n'

    def directive(self, token: Token) -> str:
        inner = self.inner(token) if "children" in token else ""
        html = self.draw(token, inner) if self.draw else None
        if html is None:
            return self._as_written(token, inner)
        self.drawn += max(len(html) - len(inner), 0)
        return html

    def _as_written(self, token: Token, inner: str) -> str:
        """Write a directive that could not be drawn: what was typed, and why."""
        attrs = token.get("attrs") or {}
        text = str(attrs.get("head", ""))
        if "children" not in token:
            text = f"{text}{token.get('raw', '')}\n{attrs.get('fence', '')}"
        notice = f'<div class="notice" dir="auto">{escape(self.words["undrawn"])}</div>'
        pre = f'<pre class="source" dir="auto" tabindex="0">\n{escape(text)}</pre>'
        return f"{notice}\n{pre}\n{inner}"

    # Footnotes

    def footnotes(self, token: Token) -> str:
        label = quoted(self.words["footnotes"])
        start = f'<section class="footnotes" aria-label="{label}">\n<ol>\n'
        return f"{start}{self.inner(token)}</ol>\n</section>\n"

    def footnote_item(self, token: Token) -> str:
        number, mentions = token["attrs"]["number"], token["attrs"]["mentions"]
        label = quoted(self.words["back"])
        links = "".join(
            f' <a class="back" href="#{fnref(number, mention)}" '
            f'aria-label="{label}">↩{mention if mention > 1 else ""}</a>'
            for mention in range(1, min(mentions, BACK_LINKS) + 1)
        )
        html = self.inner(token)
        ending = "</p>\n" if html.endswith("</p>\n") else ""
        html = html.removesuffix(ending) + links + ending
        return f'<li id="fn-{number}" dir="auto">{html}</li>\n'


def _colored(spans: Sequence[str]) -> str:
    # Escaped as one text, which is much faster than one by one.
    texts = escape("\0".join(spans[1::2])).split("\0")
    if len(texts) * 2 != len(spans):
        return escape("".join(spans[1::2]))
    return "".join(
        [
            f'<span class="{css}">{text}</span>' if css in CODE_CLASSES else text
            for css, text in zip(spans[::2], texts, strict=True)
        ]
    )
