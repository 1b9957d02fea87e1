"""Checks of a plugin's templates and catalogs: names, words, HTML shown as it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, TemplateSyntaxError

from .findings import Finding, Subject

LETTERS = re.compile(r"(?<!\w)(?!\w+://)[^\W\d_]{2}")
# Blocks of the wiki's frame that are words for browsers, and what is translated.
HIDDEN = frozenset({"frame", "robots", "trans"})
SHOWN = frozenset({"title", "alt", "placeholder", "aria-label", "label"})
# What stands in these is no sentence.
CODE = frozenset({"script", "style", "code", "kbd", "samp", "pre"})
AS_IT_IS = re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false")
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with templates, and with catalogs of translations."""
    own = subject.home / "templates" / subject.name
    for path in subject.templates():
        if not path.is_relative_to(own):
            yield subject.finding(
                "Another plugin may have a template of this name. Move it to "
                f"templates/{subject.name}/.",
                path,
            )
        if path.suffix == ".html":
            for line, text in _template(path.read_text("utf-8")):
                yield subject.finding(text, path, line)
    for path in subject.catalogs():
        if not _is_compiled(path):
            yield subject.finding(
                "It is not compiled, so nobody reads its words. Run: pybabel compile "
                f"-d {subject.at(subject.home / 'locale')}",
                path,
            )


def _template(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong) of a template."""
    try:
        html = without_jinja(text)
    except TemplateSyntaxError as error:
        yield error.lineno, f"It cannot be read: {error.message}"
        return
    for found in AS_IT_IS.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield line, "It shows HTML as it is. Give the template data instead."
    words = Words()
    words.feed(html)
    words.close()
    for line, said in words.found:
        short = said if len(said) <= 40 else said[:40] + "…"
        yield line, f'“{short}” cannot be translated. Write {{{{ _("…") }}}}.'


def without_jinja(text: str) -> str:
    """Return a template's HTML with neither code nor what {% trans %} holds."""
    kept: list[str] = []
    inside: list[str] = []
    tag: list[str] = []
    for _line, kind, value in ENVIRONMENT.lex(text):
        if kind == "block_begin":
            tag = []
        elif kind == "name":
            tag.append(value)
        elif kind == "block_end" and tag:
            if tag[0] in ("trans", "block"):
                inside.append("trans" if tag[0] == "trans" else tag[1])
            elif tag[0] in ("endtrans", "endblock"):
                inside = inside[:-1]
        shown = kind == "data" and not HIDDEN.intersection(inside)
        kept.append(value if shown else "\n" * value.count("\n"))
    return "".join(kept)


class Words(HTMLParser):
    """Collects (line, text) of what people read and nobody can translate."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._in_code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in CODE:
            self._in_code.append(tag)
        for name, value in attrs:
            if name in SHOWN and value and LETTERS.search(value):
                self.found.append((self.getpos()[0], value.strip()))

    def handle_endtag(self, tag: str) -> None:
        if self._in_code and self._in_code[-1] == tag:
            self._in_code.pop()

    def handle_data(self, data: str) -> None:
        if not self._in_code and LETTERS.search(data):
            above = data[: len(data) - len(data.lstrip())].count("\n")
            self.found.append((self.getpos()[0] + above, " ".join(data.split())))


def _is_compiled(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    if not compiled.is_file():
        return False
    said = {m.id: m.string for m in read_mo(io.BytesIO(compiled.read_bytes())) if m.id}
    written = read_po(io.BytesIO(path.read_bytes()))
    return all(
        said.get(one.id) == one.string
        for one in written
        if one.id and one.string and not one.fuzzy
    )
