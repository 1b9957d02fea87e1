"""The compiled glossary of one language for one set of readers, kept while it holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property

from wiki import Record, Sees

from .fold import key
from .matcher import Matcher
from .terms import Term, read_all

KEPT = 16


class Lexicon:
    """Terms of one language; ``matcher`` finds them in text, by index into ``terms``.

    ``drafts`` is off for readers and on in a preview.
    """

    def __init__(
        self, records: Iterable[Record], lang: str, site_lang: str, drafts: bool = False
    ) -> None:
        self.lang = lang
        self.terms = [
            term
            for term in read_all(records, lang, site_lang)
            if drafts or term.status != "draft"
        ]
        self.by_label: dict[str, list[Term]] = {}
        for term in self.terms:
            for label in dict.fromkeys(
                key(text) for text in (term.term, *term.aliases)
            ):
                self.by_label.setdefault(label, []).append(term)

    @cached_property
    def matcher(self) -> Matcher:
        """Return the labels and their forms, compiled when first needed."""
        return Matcher(self.terms, self.lang)

    def named(self, text: str) -> list[Term]:
        """Return the terms that a label, a page name or its last part leads to."""
        by_name = [t for t in self.terms if text in (t.name, t.name.rpartition("/")[2])]
        return by_name or self.by_label.get(key(text), [])


class Lexicons:
    """Keeps the lexicons last used. ``records`` and ``stamp`` are the wiki's."""

    def __init__(
        self,
        records: Callable[[Sees], list[Record]],
        stamp: Callable[[], int],
        site_lang: str,
    ) -> None:
        self._records, self._stamp, self.site_lang = records, stamp, site_lang
        self._kept: OrderedDict[tuple[str, Sees, bool], tuple[int, Lexicon]]
        self._kept = OrderedDict()
        self._lock = threading.Lock()

    def get(self, lang: str, sees: Sees, drafts: bool = False) -> Lexicon:
        """Return the lexicon of a language for readers who see ``sees``."""
        stamp, at = self._stamp(), (lang, sees, drafts)
        with self._lock:
            kept = self._kept.get(at)
            if kept and kept[0] == stamp:
                self._kept.move_to_end(at)
                return kept[1]
        made = Lexicon(self._records(sees), lang, self.site_lang, drafts)
        with self._lock:
            self._kept[at] = (stamp, made)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
