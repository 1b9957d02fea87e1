"""The compiled glossary of one language for one set of readers, kept while it holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from wiki import Record, Sees

from .fold import key
from .index import languages
from .matcher import Matcher
from .terms import Term, read

KEPT = 16
Known = Mapping[tuple[str, int], Term | None]


class Lexicon:
    """Terms of one language; ``matcher`` finds them in text, by index into ``terms``.

    ``drafts`` is off for readers and on in a preview.
    """

    def __init__(
        self,
        records: Iterable[Record],
        lang: str,
        site_lang: str,
        drafts: bool = False,
        known: Known | None = None,
    ) -> None:
        self.lang = lang
        self.known = {
            (record.name, record.rev): _read(record, lang, site_lang, known or {})
            for record in records
        }
        self.terms = [
            term
            for term in self.known.values()
            if term is not None and (drafts or term.status != "draft")
        ]
        self.by_label: dict[str, list[Term]] = {}
        for term in self.terms:
            for label in term.keys:
                self.by_label.setdefault(label, []).append(term)

    @cached_property
    def matcher(self) -> Matcher:
        """Return the labels and their forms, compiled when first needed."""
        return Matcher(self.terms, self.lang)

    def named(self, text: str) -> list[Term]:
        """Return the terms that a label, a page name or its last part leads to."""
        by_name = [t for t in self.terms if text in (t.name, t.name.rpartition("/")[2])]
        return by_name or self.by_label.get(key(text), [])


def _read(record: Record, lang: str, site_lang: str, known: Known) -> Term | None:
    at = (record.name, record.rev)
    if record.rev and at in known:
        return known[at]
    return read(record, lang, site_lang)


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
        self._languages: tuple[int, dict[Sees, list[tuple[str, int]]]] = (-1, {})
        self._lock = threading.Lock()

    def languages(self, sees: Sees) -> list[tuple[str, int]]:
        """Return (language, number of terms that readers see in it), most first."""
        stamp = self._stamp()
        if self._languages[0] != stamp:
            self._languages = (stamp, {})
        kept = self._languages[1]
        if sees not in kept:
            kept[sees] = languages(self._records(sees), self.site_lang)
        return kept[sees]

    def get(self, lang: str, sees: Sees, drafts: bool = False) -> Lexicon:
        """Return the lexicon of a language for readers who see ``sees``."""
        stamp, at = self._stamp(), (lang, sees, drafts)
        with self._lock:
            kept = self._kept.get(at)
            if kept and kept[0] == stamp:
                self._kept.move_to_end(at)
                return kept[1]
        # What was read of terms that stayed as they were is not read again.
        known = kept[1].known if kept else None
        made = Lexicon(self._records(sees), lang, self.site_lang, drafts, known)
        with self._lock:
            self._kept[at] = (stamp, made)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
