"""Lists of the memory store: the queries of `wiki.store.listing` in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from wiki.model import names
from wiki.model.actor import Sees, may_see
from wiki.model.page import Change, PageRow, Revision

from .base import Counted, PageRows
from .derived import tag_key
from .listing import PAGE_KINDS, checked
from .memory_rows import State
from .rows import PUBLISHED, PageRec


def page_row(rec: PageRec) -> PageRow:
    return PageRow(
        rec.id,
        rec.name,
        rec.name_key,
        rec.title,
        rec.kind,
        rec.lang,
        rec.audience,
        rec.tags,
        rec.meta,
        rec.mtime,
        rec.mtime_author,
        rec.head_rev,
        rec.head_n,
        rec.deleted,
    )


def live(state: State, sees: Sees) -> list[PageRec]:
    """Return live pages that may be seen, in key order."""
    recs = (it for it in state.pages.values() if not it.deleted)
    return sorted(
        (it for it in recs if may_see(sees, it.audience)), key=lambda it: it.name_key
    )


def _paged(recs: Iterable[PageRec], limit: int) -> tuple[PageRows, str | None]:
    rows = [page_row(rec) for rec in recs]
    found = rows[: checked(limit)]
    return found, found[-1].key if len(rows) > limit else None


def pages(
    state: State,
    *,
    prefix: str,
    tag: str | None,
    kind: str | None,
    after_key: str,
    limit: int,
    include_deleted: bool,
    sees: Sees,
) -> tuple[PageRows, str | None]:
    start = names.key(prefix)
    recs = [
        rec
        for rec in state.pages.values()
        if may_see(sees, rec.audience)
        and rec.name_key > after_key
        and rec.name_key.startswith(start)
        and (include_deleted or not rec.deleted)
        and (kind is None or rec.kind == kind)
        and (tag is None or tag_key(tag) in state.tags.get(rec.id, {}))
    ]
    return _paged(sorted(recs, key=lambda rec: rec.name_key), limit)


def ids(state: State, after: int, limit: int) -> list[int]:
    found = sorted(rec.id for rec in live(state, None) if rec.id > after)
    return found[: checked(limit)]


def find_titles(state: State, text: str, limit: int, sees: Sees) -> PageRows:
    folded = names.key(text)
    found = [
        page_row(rec)
        for rec in live(state, sees)
        if folded in names.key(rec.title) or folded in rec.name_key
    ]
    return found[: checked(limit)]


def records(
    state: State,
    kind: str,
    where: Mapping[str, str],
    *,
    after_key: str,
    limit: int,
    sees: Sees,
) -> tuple[PageRows, str | None]:
    wanted = {(field, str(value)) for field, value in where.items()}
    recs = [
        rec
        for rec in live(state, sees)
        if rec.kind == kind
        and rec.name_key > after_key
        and wanted <= state.values.get(rec.id, frozenset())
    ]
    return _paged(recs, limit)


def _links(state: State, sees: Sees) -> Iterator[tuple[PageRec, str]]:
    for rec in live(state, sees):
        for key in {key for key, kind in state.links.get(rec.id, ()) if kind != "file"}:
            yield rec, key


def backlinks(
    state: State, page_id: int, *, after_key: str, limit: int, sees: Sees
) -> PageRows:
    keys = {key for key, name in state.names.items() if name.page == page_id}
    found = {
        rec.name_key: rec
        for rec, key in _links(state, sees)
        if key in keys and rec.id != page_id and rec.name_key > after_key
    }
    return [page_row(found[key]) for key in sorted(found)][: checked(limit)]


def using_file(state: State, key: str, limit: int, sees: Sees) -> PageRows:
    found = (
        page_row(rec)
        for rec in live(state, sees)
        if (key, "file") in state.links.get(rec.id, ())
    )
    return list(found)[: checked(limit)]


def wanted(state: State, limit: int, sees: Sees) -> Counted:
    ids = {rec.id for rec in live(state, sees)}
    there = {key for key, name in state.names.items() if name.page in ids}
    counted = Counter(key for _, key in _links(state, sees) if key not in there)
    return _most_first(counted, limit)


def _most_first(counted: Mapping[str, int], limit: int) -> Counted:
    order = sorted(counted.items(), key=lambda it: (-it[1], it[0]))
    return order[: checked(limit)]


def orphans(state: State, limit: int, sees: Sees) -> PageRows:
    linked = set()
    for rec, key in _links(state, sees):
        name = state.names.get(key)
        if name is not None and name.page != rec.id:
            linked.add(name.page)
    found = [page_row(rec) for rec in live(state, sees) if rec.id not in linked]
    return found[: checked(limit)]


def tags(state: State, limit: int, sees: Sees) -> Counted:
    counted: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for rec in live(state, sees):
        for key, tag in state.tags.get(rec.id, {}).items():
            counted[key] += 1
            spelled[key] = min(spelled.get(key, tag), tag)
    return [(spelled[key], n) for key, n in _most_first(counted, limit)]


def audience_counts(state: State, limit: int) -> Counted:
    return _most_first(Counter(rec.audience for rec in live(state, None)), limit)


def history(
    state: State, page_id: int, before: int | None, limit: int, sees: Sees
) -> list[Revision]:
    found = [
        Revision(
            rev_id,
            it.page,
            it.n,
            it.seq,
            it.ts,
            it.author_name,
            it.author_id,
            it.comment,
            it.origin,
            it.size,
            it.delta,
            it.minor,
            it.body is None,
        )
        for rev_id, it in state.revisions.items()
        if it.page == page_id
        and it.state == PUBLISHED
        and (before is None or it.n < before)
        and may_see(sees, it.audience)
    ]
    return sorted(found, key=lambda it: -it.n)[: checked(limit)]


def change_at(state: State, seq: int) -> Change:
    change, txn_id = state.changes[seq]
    txn, rec = state.txns[txn_id], state.pages.get(change.page or 0)
    revision = state.revisions.get(change.rev or 0)
    return Change(
        seq=seq,
        kind=change.kind,
        page=change.page,
        rev=change.rev,
        ts=revision.ts if revision else txn.ts,
        author=txn.author_name,
        author_id=txn.author_id,
        comment=txn.comment,
        origin=txn.origin,
        detail=change.detail,
        # Empty for a change that is not about a page.
        name=rec.name if rec else "",
        title=rec.title if rec else "",
        audience=rec.audience if rec else "",
        delta=revision.delta if revision else 0,
        txn=txn_id,
    )


def changes(state: State, after_seq: int, limit: int, sees: Sees) -> list[Change]:
    seqs = range(max(0, after_seq) + 1, state.counter + 1)
    if sees is not None:
        seen = (change_at(state, seq) for seq in seqs if _was_seen(state, seq, sees))
        now = (it for it in seen if may_see(sees, it.audience))
        return list(islice(now, checked(limit)))
    return [change_at(state, seq) for seq in seqs[: checked(limit)]]


def _was_seen(state: State, seq: int, sees: Sees) -> bool:
    return may_see(sees, state.changes[seq][0].audience)


def recent(
    state: State,
    *,
    before_seq: int | None,
    limit: int,
    prefix: str,
    author: str | None,
    sees: Sees,
) -> list[Change]:
    found: list[Change] = []
    start, last = names.key(prefix), checked(limit)
    for seq in range(min(state.counter, (before_seq or 2**62) - 1), 0, -1):
        change = change_at(state, seq)
        if (
            change.kind in PAGE_KINDS
            and may_see(sees, change.audience)
            and _was_seen(state, seq, sees)
            and names.key(change.name).startswith(start)
            and author in (None, change.author)
        ):
            found.append(change)
        if len(found) == last:
            break
    return found
