"""A thousand pages of real documentation: all are laid out, none is lost."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

from wiki.markup.facts import describe
from wiki.markup.front import split
from wiki.markup.parse import Parser
from wiki.markup.render import render
from wiki.markup.text import plain, summary
from wiki.model.parts import Link, PageContext


def test_every_page_is_laid_out(
    corpus: Path, parser: Parser, judge: Callable[[str], tuple[list[str], str]]
) -> None:
    pages = scripts = 0
    with tarfile.open(corpus) as archive:
        for member in archive:
            name = member.name.partition("/pages/")[2].removesuffix(".md")
            file = archive.extractfile(member)
            if not name or file is None:
                continue
            text = file.read().decode()
            front = split(text)
            tree = parser.parse(front.body)
            facts = describe(name, front, tree)
            page = PageContext(name, facts.title)
            shown = render(tree, page, lambda ts: {t: Link("/x") for t in ts})
            assert not front.problems, name
            assert [t["type"] for t in tree.tokens] != ["source"], name
            assert facts.title, name
            assert plain(tree.tokens)[0], name
            assert summary(tree.tokens), name
            assert "<script" not in shown.html.lower(), name
            if "<script" in text:
                scripts += 1
                faults, seen = judge(shown.html)
                assert faults == [], name
                assert "<script" in seen, name
            elif pages % 25 == 0:
                assert judge(shown.html)[0] == [], name
            pages += 1
    assert pages == 1000
    assert scripts == 7
