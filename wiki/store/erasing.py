"""Erases a value from all texts, names and words of a store, old versions included.

Like `wiki.store.applying`, for every store alike: nothing here knows an engine, files
or locks. Numbers, times and the order of the history stay; hashes and sizes follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from wiki.errors import BadName, CorruptData, Expunged, NotErasable, NotFound
from wiki.model import names
from wiki.model.page import WARNING, CommitResult, Facts, Problem
from wiki.model.redaction import MARK, SHORT_MARK, Places, Redaction

from .base import MAX_PAGE_BYTES, Describe
from .derived import to_json
from .outcome import Stamp
from .ready import Ready, make_ready
from .rows import CURRENT, NO_FILE, NameRec, NewChange, NewTxn, PageRec, Rows, Sig

KIND = "expunge"
# Matches no text.
NO_HASH = bytes(32)

IN_A_RULE = (
    "This stands in the rule of an area, or in the name of a group that may read "
    "something. Change that first: erasing it would change who reads what."
)
CHANGES_READERS = (
    "Erasing this would change who can read the page “%(name)s”. Change that page "
    "first. Nothing was erased."
)
DAMAGED = (
    "Version %(n)d of the page with number %(page)d is damaged; it was not searched."
)
NEWEST = (
    "This is the newest version. Save another text first, then remove this version."
)


class Kept(NamedTuple):
    """A version as it is searched; ``text`` is None where it is gone or damaged."""

    id: int
    page: int
    n: int
    text: str | None
    author: str
    comment: str
    damaged: bool = False


class ErasableRows(Rows, Protocol):
    """The rows of one transaction, seen as a whole. ``under``: keys of pages, or ""."""

    def every_page(self, under: str) -> Iterator[PageRec]: ...
    def every_version(self, under: str) -> Iterator[Kept]: ...
    def old_names(self, under: str) -> Iterator[tuple[str, NameRec]]: ...
    def other_words(self, under: str) -> Iterator[tuple[int | None, str]]:
        """Yield (page, text) of what commits without a version say."""

    def audiences(self) -> list[str]:
        """Return the audiences that pages have."""

    def numbered(self, page_id: int, n: int) -> int | None:
        """Return the id of a version by its number, proposed ones too."""

    def put_text(self, version: Kept, raw: bytes) -> None:
        """Put a text in a version's place: hash, size and what differs follow."""

    def redact_words(self, redaction: Redaction, under: str) -> None:
        """Redact what is said about versions and changes."""

    def drop_text(self, rev_id: int) -> None:
        """Remove the text of a version, and what was said about it."""


@dataclass(slots=True)
class Plan:
    """What erasing a value will touch: versions by page, pages, names that lead on."""

    places: Places = field(default_factory=Places)
    versions: dict[int, list[Kept]] = field(default_factory=dict)
    rows: dict[int, PageRec] = field(default_factory=dict)
    old_names: list[str] = field(default_factory=list)

    @property
    def pages(self) -> list[int]:
        return sorted({*self.versions, *self.rows, *self.places.pages})


def make_plan(rows: ErasableRows, redaction: Redaction, under: str) -> Plan:
    """Look everywhere; raises NotErasable where erasing would change who reads what."""
    rules = rows.all_rules().all()
    words = [text for rule in rules for text in (rule.area, rule.read, rule.edit)]
    if any(map(redaction.hits, [*words, *rows.audiences()])):
        raise NotErasable(IN_A_RULE)
    plan = Plan()
    heads = _plan_versions(plan, rows.every_version(under), redaction)
    for rec in rows.every_page(under):
        if rec.head_rev in heads or any(map(redaction.hits, _words_of(rec))):
            plan.rows[rec.id] = rec
            plan.places.pages.add(rec.id)
            plan.places.count += redaction.count(rec.name)
    for key, name in rows.old_names(under):
        if redaction.hits(name.display) or redaction.hits(key):
            plan.old_names.append(key)
            plan.places.count += 1
            plan.places.pages.add(name.page)
    for page, text in rows.other_words(under):
        if count := redaction.count(text):
            plan.places.count += count
            plan.places.pages.update([page] if page else [])
    return plan


def _plan_versions(
    plan: Plan, versions: Iterator[Kept], redaction: Redaction
) -> set[int]:
    """Note the versions whose text holds the value; return their ids."""
    found: set[int] = set()
    for version in versions:
        if version.damaged:
            said = {"n": version.n, "page": version.page}
            plan.places.left.append(Problem(WARNING, "", DAMAGED, params=said))
        in_text = redaction.count(version.text or "")
        count = in_text + redaction.count(version.author)
        count += redaction.count(version.comment)
        if count:
            plan.places.count += count
            plan.places.pages.add(version.page)
        if in_text:
            found.add(version.id)
            # The text is read again when it is written: all may not fit in memory.
            kept = version._replace(text=None)
            plan.versions.setdefault(version.page, []).append(kept)
    return found


def _words_of(rec: PageRec) -> Iterator[str]:
    yield from (rec.name, rec.path, rec.title, rec.kind, rec.lang, rec.mtime_author)
    yield from (*rec.tags, *rec.old_paths, to_json(rec.meta))


def new_heads(
    rows: ErasableRows, plan: Plan, redaction: Redaction, describe: Describe
) -> dict[int, Ready]:
    """Return {page id: what it will be}; NotErasable where readers would change."""
    given: set[str] = set()
    news: dict[int, Ready] = {}
    for rec in plan.rows.values():
        try:
            text = rows.text(rec.head_rev)
        except (Expunged, CorruptData, NotFound):
            text = ""
        name = _new_name(rows, rec, redaction, given)
        given.add(names.key(name))
        ready = make_ready(name, redaction.apply(text, MAX_PAGE_BYTES), describe)
        own = ready.facts.audience
        rules = rows.rules_on(names.key(name))
        if own != rec.own or rules.audience(names.key(name), own) != rec.audience:
            raise NotErasable(CHANGES_READERS, name=rec.name)
        news[rec.id] = replace(ready, facts=_redacted(ready.facts, redaction))
    return news


def _redacted(facts: Facts, redaction: Redaction) -> Facts:
    """Return facts without the value, however the text escapes it."""
    return replace(
        facts,
        title=redaction.apply(facts.title),
        tags=tuple(map(redaction.apply, facts.tags)),
        meta=redaction.inside(dict(facts.meta)),
    )


def _new_name(
    rows: ErasableRows, rec: PageRec, redaction: Redaction, given: set[str]
) -> str:
    """Return a page's name without the value, one that no other page has."""
    if not (redaction.hits(rec.name) or redaction.hits(rec.path)):
        return rec.name
    base = f"{SHORT_MARK} {rec.id}"
    for said in (redaction.apply(rec.name), redaction.apply(rec.name, 0)):
        try:
            base = names.clean(said)
            break
        except BadName:
            continue
    name, number = base, 1
    while names.key(name) in given or _is_held(rows, name, rec.id):
        number += 1
        name = f"{base} {number}"
    return name


def _is_held(rows: ErasableRows, name: str, page_id: int) -> bool:
    held = rows.held(names.key(name))
    return held is not None and held.page != page_id


class Eraser:
    """Writes a plan into the rows. ``sigs`` are stats of files that are done already.

    ``files``: texts also go to a folder.
    """

    def __init__(
        self,
        rows: ErasableRows,
        redaction: Redaction,
        stamp: Stamp,
        *,
        files: bool,
        sigs: Mapping[int, Sig],
    ) -> None:
        self._rows, self._redaction, self._stamp = rows, redaction, stamp
        self._files, self._sigs = files, sigs
        self._moved: set[str] = set()
        self._topics = {"pages"}

    def run(self, plan: Plan, news: Mapping[int, Ready], under: str) -> None:
        first = seq = self._rows.counter()
        changes = []
        for page_id in plan.pages:
            seq += 1
            for version in plan.versions.get(page_id, ()):
                text = self._redaction.apply(
                    self._rows.text(version.id), MAX_PAGE_BYTES
                )
                self._rows.put_text(version, text.encode())
            rec = self._rows.page(page_id)
            if rec is None:
                continue
            self._page(rec, news.get(page_id), seq)
            changes.append(NewChange(seq, KIND, page_id, None, rec.audience, {}))
        self._rows.redact_words(self._redaction, under)
        for key in plan.old_names:
            self._moved.add(key)
            self._rows.drop_name(key)
        if not changes:
            seq += 1
            changes.append(NewChange(seq, KIND, None, None, "admins", {}))
        self._rows.mark_moved(self._moved, seq)
        self._rows.set_topics(self._topics, seq)
        self._rows.add_txn(_txn(self._stamp, first + 1, changes), changes)
        self._rows.set_counter(seq)

    def _page(self, rec: PageRec, ready: Ready | None, seq: int) -> None:
        rec.mtime_author = self._redaction.apply(rec.mtime_author)
        rec.moved = seq
        if rec.kind:
            self._topics.add(f"records:{rec.kind}")
        if ready is not None:
            self._describe(rec, ready, seq)
        self._rows.update_pages([rec])

    def _describe(self, rec: PageRec, ready: Ready, seq: int) -> None:
        facts = ready.facts
        rec.text_hash, rec.size = ready.hash, ready.size
        rec.title, rec.kind, rec.lang = facts.title, facts.kind, facts.lang
        rec.tags, rec.meta = facts.tags, facts.meta
        if facts.kind:
            self._topics.add(f"records:{facts.kind}")
        self._moved.update(self._rows.names_of(rec.id))
        if rec.deleted:
            rec.file_hash, rec.sig, rec.old_paths = None, NO_FILE, ()
        elif self._files:
            self._file(rec, ready, seq)
        self._name(rec, ready)
        self._rows.set_derived(rec, None if rec.deleted else facts, fresh=False)

    def _file(self, rec: PageRec, ready: Ready, seq: int) -> None:
        if rec.id not in self._sigs:
            rec.pending = True
            return
        rec.sig, rec.file_hash, rec.file_seq = self._sigs[rec.id], ready.hash, seq
        rec.pending = bool(rec.old_paths)

    def _name(self, rec: PageRec, ready: Ready) -> None:
        path = names.to_path(ready.name)
        if ready.name == rec.name and not self._redaction.hits(rec.path):
            return
        old_key, rec.name, rec.name_key = (
            rec.name_key,
            ready.name,
            names.key(ready.name),
        )
        self._rows.drop_name(old_key)
        self._rows.set_name(rec.name_key, NameRec(rec.id, CURRENT, rec.name))
        self._moved.update((old_key, rec.name_key))
        if self._files and not rec.deleted and path != rec.path:
            rec.old_paths, rec.pending = (*rec.old_paths, rec.path), True
        rec.path = path


def _txn(stamp: Stamp, id_: int, changes: list[NewChange]) -> NewTxn:
    return NewTxn(
        id_,
        stamp.ts,
        stamp.author.id,
        stamp.author.name,
        "",
        "system",
        None,
        "",
        CommitResult(tuple(it.seq for it in changes), (), ()),
    )


def expunge(rows: ErasableRows, page_id: int, n: int, stamp: Stamp) -> None:
    """Remove the text of one version for good; raises NotErasable, NotFound."""
    rec = rows.page(page_id)
    found = rows.numbered(page_id, n)
    if rec is None or found is None:
        raise NotFound
    if found == rec.head_rev:
        raise NotErasable(NEWEST)
    rows.drop_text(found)
    seq = rows.counter() + 1
    rec.moved = seq
    rows.update_pages([rec])
    change = NewChange(seq, KIND, page_id, None, rec.audience, {"n": n})
    rows.add_txn(_txn(stamp, seq, [change]), [change])
    rows.set_counter(seq)


__all__ = ["KIND", "MARK", "Eraser", "Plan", "expunge", "make_plan", "new_heads"]
