"""The rows of a commit in plain dictionaries: the twin of `wiki.store.sql_rows`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from wiki.errors import NotFound
from wiki.model.page import CommitResult, Facts
from wiki.model.rules import Rule, Rules

from .derived import field_pairs, link_pairs, tag_pairs, to_json
from .ready import CODEC, unpacked
from .rows import NameRec, NewChange, NewRevision, NewTxn, PageRec, RevisionRec, Ruled


@dataclass(slots=True)
class State:
    """All there is at one change number; a commit works on a copy of it."""

    counter: int = 0
    last_page: int = 0
    pages: dict[int, PageRec] = field(default_factory=dict)
    names: dict[str, NameRec] = field(default_factory=dict)
    revisions: dict[int, NewRevision] = field(default_factory=dict)
    links: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    tags: dict[int, Mapping[str, str]] = field(default_factory=dict)
    values: dict[int, frozenset[tuple[str, str]]] = field(default_factory=dict)
    txns: dict[int, NewTxn] = field(default_factory=dict)
    answers: dict[str, tuple[CommitResult, str]] = field(default_factory=dict)
    changes: dict[int, tuple[NewChange, int]] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    audiences: dict[str, None] = field(default_factory=dict)

    def copy(self) -> State:
        """Return a copy whose containers are its own; what they hold never changes."""
        containers = {
            it.name: getattr(self, it.name).copy()
            for it in fields(self)
            if isinstance(getattr(self, it.name), dict)
        }
        return replace(self, **containers)


class MemoryRows:
    """Implements `wiki.store.rows.Rows` on a state that is this commit's own."""

    def __init__(self, state: State) -> None:
        self._state = state

    def counter(self) -> int:
        return self._state.counter

    def set_counter(self, n: int) -> None:
        self._state.counter = n

    def answered(self, idem_key: str) -> tuple[CommitResult, str] | None:
        return self._state.answers.get(idem_key)

    def page(self, page_id: int) -> PageRec | None:
        rec = self._state.pages.get(page_id)
        return None if rec is None else rec.copy()

    def held(self, key: str) -> NameRec | None:
        return self._state.names.get(key)

    def names_of(self, page_id: int) -> list[str]:
        return [key for key, it in self._state.names.items() if it.page == page_id]

    def park(self, page_ids: Sequence[int]) -> None:
        """Nothing to do: dictionaries have no constraint to run into."""

    def insert_page(self, rec: PageRec) -> int:
        self._state.last_page += 1
        return self._state.last_page

    def update_pages(self, recs: Sequence[PageRec]) -> None:
        for rec in recs:
            # Through JSON, so that both stores answer with the same types.
            meta = json.loads(to_json(rec.meta))
            self._state.pages[rec.id] = replace(rec, meta=meta)

    def set_name(self, key: str, name: NameRec) -> None:
        self._state.names[key] = name

    def drop_name(self, key: str) -> None:
        self._state.names.pop(key, None)

    def add_revision(self, revision: NewRevision) -> int:
        rev_id = len(self._state.revisions) + 1
        self._state.revisions[rev_id] = revision
        return rev_id

    def revision(self, rev_id: int) -> RevisionRec | None:
        it = self._state.revisions.get(rev_id)
        if it is None:
            return None
        return RevisionRec(rev_id, it.page, it.n, it.state, it.seq, it.text_hash)

    def text(self, rev_id: int) -> str:
        if rev_id not in self._state.revisions:
            raise NotFound
        return unpacked(CODEC, self._state.revisions[rev_id].body)

    def rules_on(self, key: str) -> Rules:
        return self.all_rules()

    def all_rules(self) -> Rules:
        return Rules(self._state.rules.values())

    def put_rule(self, key: str, rule: Rule | None) -> None:
        self._state.rules.pop(key, None)
        if rule is not None:
            self._state.rules[key] = rule

    def below(self, area_key: str) -> list[Ruled]:
        whole = area_key == "" or area_key.endswith("/")
        return [
            Ruled(it.id, it.name_key, it.kind, it.own, it.audience, it.head_rev)
            for it in self._state.pages.values()
            if it.name_key == area_key or (whole and it.name_key.startswith(area_key))
        ]

    def set_audiences(self, changed: Sequence[tuple[Ruled, str]], seq: int) -> None:
        state = self._state
        for it, to in changed:
            state.pages[it.id] = replace(state.pages[it.id], audience=to, moved=seq)
            head = state.revisions[it.head_rev]
            state.revisions[it.head_rev] = replace(head, audience=to)
        ids = {it.id for it, _ in changed}
        keys = [key for key, name in state.names.items() if name.page in ids]
        self.mark_moved(keys, seq)

    def note_audience(self, audience: str) -> bool:
        if audience in self._state.audiences:
            return False
        self._state.audiences[audience] = None
        return True

    def set_derived(self, rec: PageRec, facts: Facts | None, fresh: bool) -> None:
        state = self._state
        for kept in (state.links, state.tags, state.values):
            kept.pop(rec.id, None)
        if facts is not None:
            state.links[rec.id] = link_pairs(facts)
            state.tags[rec.id] = tag_pairs(facts.tags)
            state.values[rec.id] = frozenset(field_pairs(facts))

    def mark_moved(self, keys: Iterable[str], seq: int) -> None:
        moved = set(keys)
        for page_id, links in self._state.links.items():
            if any(key in moved and kind != "file" for key, kind in links):
                rec = self._state.pages[page_id]
                self._state.pages[page_id] = replace(rec, moved=seq)

    def set_topics(self, names: Iterable[str], seq: int) -> None:
        self._state.topics.update(dict.fromkeys(names, seq))

    def add_txn(self, txn: NewTxn, changes: Sequence[NewChange]) -> None:
        self._state.txns[txn.id] = txn
        if txn.idem_key:
            self._state.answers[txn.idem_key] = txn.result, txn.sent
        for change in changes:
            detail: dict[str, Any] = json.loads(to_json(change.detail))
            kept = change._replace(detail=detail)
            self._state.changes[change.seq] = (kept, txn.id)
