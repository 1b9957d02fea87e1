"""Applies a change of the rules to the pages of an area, in one commit.

Like `wiki.store.applying`, for every store alike: nothing here knows an engine.
"""

from __future__ import annotations

from collections import Counter

from wiki.model.audience import is_compound
from wiki.model.page import CommitResult
from wiki.model.rules import Rule, area_key

from .outcome import Stamp
from .rows import NewChange, NewTxn, Rows, Ruled


def effect(rows: Rows, rule: Rule | None, area: str) -> list[tuple[Ruled, str]]:
    """Return the pages whose audience a rule would change, with the new one."""
    rules = rows.all_rules().changed(rule, area)
    found = []
    for page in rows.below(area_key(area)):
        now = rules.audience(page.key, page.own)
        if now != page.audience:
            found.append((page, now))
    return found


def counted(changed: list[tuple[Ruled, str]]) -> dict[tuple[str, str], int]:
    """Return {(audience until now, new one): number of live and deleted pages}."""
    return dict(Counter((page.audience, now) for page, now in changed))


def change_rule(rows: Rows, rule: Rule | None, area: str, stamp: Stamp) -> int:
    """Put a rule in an area's place, or none; return how many pages it changed."""
    changed, seq = effect(rows, rule, area), rows.counter()
    rows.put_rule(area_key(area), rule)
    changes = [NewChange(seq + 1, "setting", None, None, "admins", {"area": area})]
    for at, (page, now) in enumerate(changed, seq + 2):
        detail = {"audience": [page.audience, now]}
        changes.append(NewChange(at, "audience", page.id, page.head_rev, now, detail))
    topics = {"rules", *_topics(rows, changed)}
    last = seq + len(changes)
    if changed:
        rows.set_audiences(changed, last)
    rows.set_topics(topics, last)
    result = CommitResult(tuple(it.seq for it in changes), (), ())
    rows.add_txn(_txn(stamp, seq + 1, result), changes)
    rows.set_counter(last)
    return len(changed)


def _topics(rows: Rows, changed: list[tuple[Ruled, str]]) -> set[str]:
    found = {f"records:{page.kind}" for page, _ in changed if page.kind}
    if changed:
        found.add("pages")
    compound = {now for _, now in changed if is_compound(now)}
    if any([rows.note_audience(one) for one in sorted(compound)]):
        found.add("audiences")
    return found


def _txn(stamp: Stamp, id_: int, result: CommitResult) -> NewTxn:
    return NewTxn(
        id_,
        stamp.ts,
        stamp.author.id,
        stamp.author.name,
        stamp.comment,
        stamp.origin,
        stamp.idem_key,
        stamp.sent,
        result,
    )
