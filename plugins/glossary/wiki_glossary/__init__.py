"""Glossary: one page a term, marked and explained where pages use the word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Blueprint

import wiki
from wiki import (
    Actor,
    Asset,
    Draft,
    Link,
    NavItem,
    Node,
    PageContext,
    PageType,
    Panel,
    Problem,
    Record,
    Sees,
    Setting,
    Token,
    hookimpl,
)

from . import problems
from .fields import TERM
from .lexicon import Lexicon, Lexicons
from .marks import FIRST, MODES, OFF, Pass, rules_of
from .panels import bottom_panels, top_panels, word_panels
from .search import Expander, words
from .terms import Term, language
from .views import blueprint

INDEX = "/-/p/glossary/"
MOST = 8  # languages whose words a search takes in


class Glossary(wiki.Plugin):
    """Plain definitions of the words that pages use."""

    name = "glossary"
    title = "Glossary"
    description = "One page a term; its words are marked and explained on every page."
    version = "1"
    api = (1, 1)
    uses = frozenset({"routes", "guards"})
    stores = "Nothing of its own; the words are pages."
    settings = (
        Setting("language", str, "en", "Language of pages that name none", "A code."),
        Setting(
            "marks",
            str,
            FIRST,
            "Which words are marked",
            "The first of each term on a page, under each heading, all, or none.",
            choices=MODES,
        ),
        Setting("most", int, 25, "Marks on a page", "All words are listed below it."),
        Setting(
            "quotations",
            bool,
            False,
            "Mark words in quotations",
            "Also in what is quoted from others.",
        ),
    )

    def __init__(self, wiki: Any, options: Any) -> None:
        super().__init__(wiki, options)
        self.lexicons = Lexicons(
            self._records,
            lambda: self.wiki.stamp("records:term"),
            language(self.options["language"]),
        )
        self._expander = lru_cache(maxsize=8)(self._make_expander)

    def _records(self, sees: Sees) -> list[Record]:
        return self.wiki.all_records("term", sees)

    # -- pages

    @hookimpl
    def page_types(self) -> list[PageType]:
        return [TERM]

    @hookimpl
    def page_problems(
        self, draft: Draft, kind: str, meta: dict[str, Any], actor: Actor
    ) -> list[Problem]:
        if kind != TERM.name and not isinstance(meta.get("glossary"), dict):
            return []
        lang = problems.page_language(meta, self.lexicons.site_lang)
        lexicon = self.lexicons.get(lang, actor.sees, drafts=True)
        found = problems.pin_problems(meta, lexicon)
        if kind == TERM.name:
            found += problems.term_problems(
                draft.name, meta, lexicon, lambda name: self._find(name, actor.sees)
            )
        return found

    def _find(self, name: str, sees: Sees) -> Record | None:
        return self.wiki.record(name, sees)

    # -- markup

    @hookimpl
    def page_tree(self, tokens: list[Token], page: PageContext) -> list[Token] | None:
        rules = rules_of(
            page.meta,
            self.options["marks"],
            self.options["most"],
            self.options["quotations"],
        )
        if rules.mode == OFF:
            return None
        lexicon = self._lexicon_of(page)
        if not lexicon.terms:
            return None
        walk = Pass(lexicon.terms, lexicon.matcher, rules, page.name, url_of)
        changed = walk.run(tokens)
        if walk.found:
            page.data[self.name] = walk.found
        return changed

    @hookimpl
    def resolve_link(self, prefix: str, target: str, page: PageContext) -> Link | None:
        if prefix != "term":
            return None
        meant = self._lexicon_of(page).named(target.strip())
        if not meant:
            return Link(f"/-/new?name={quote(f'terms/{target.strip()}')}", exists=False)
        return Link(url_of(meant), meant[0].term)

    def _lexicon_of(self, page: PageContext) -> Lexicon:
        lang = language(page.lang) or self.lexicons.site_lang
        return self.lexicons.get(lang, page.sees, drafts=page.preview)

    # -- screen

    @hookimpl
    def blueprints(self) -> list[Blueprint]:
        return [blueprint(self.lexicons)]

    @hookimpl
    def nav_items(self) -> list[NavItem]:
        return [NavItem("Words", "glossary.index", weight=60)]

    @hookimpl
    def panels(self, slot: str, subject: Any, actor: Actor) -> list[Panel]:
        if slot == "page.bottom":
            return [*bottom_panels(subject, actor, self.wiki), *word_panels(subject)]
        if slot == "page.top":
            return top_panels(subject, actor, self.wiki, self.lexicons)
        return []

    @hookimpl
    def assets(self, view: str) -> list[Asset]:
        if view.startswith("page") or view == "plugin":
            return [Asset("css", "glossary.css"), Asset("js", "glossary.js")]
        return []

    # -- search

    @hookimpl
    def search_query(self, query: Node, sees: Sees) -> Node | None:
        known = self.lexicons.languages(sees)
        if not known:
            return None
        lexicons = tuple(self.lexicons.get(lang, sees) for lang, _ in known[:MOST])
        return self._expander(lexicons).expand(query)

    @staticmethod
    def _make_expander(lexicons: tuple[Lexicon, ...]) -> Expander:
        return Expander(lexicons, words)


def url_of(meant: Sequence[Term]) -> str:
    """Return where a mark leads: the term's page, or the index for two meanings."""
    if len(meant) == 1:
        return str(wiki.page_url(meant[0].name))
    return f"{INDEX}?q={quote(meant[0].term)}"
