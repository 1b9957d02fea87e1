"""Changes of the feed, brought into an engine: only the newest of each page."""

from __future__ import annotations

from dataclasses import replace

from wiki.search.base import Engine, Remove, Source, Upsert

_ROWS = 500


def apply_next(engine: Engine, source: Source, limit: int) -> int:
    """Apply the next changes, of about ``limit`` pages; return how far it got."""
    applied, last = engine.applied_seq(), source.last_seq()
    newest: dict[int, int] = {}
    reached = applied
    while reached < last and len(newest) < limit:
        rows = source.changes(reached, min(_ROWS, limit))
        newest |= {id: seq for seq, id in rows if id}
        reached = rows[-1][0] if len(rows) == min(_ROWS, limit) else last
    if reached > applied:
        engine.apply(_batch(source, newest), reached)
    return reached


def _batch(source: Source, newest: dict[int, int]) -> list[Upsert | Remove]:
    documents = source.documents(list(newest))
    batch: list[Upsert | Remove] = []
    for id, seq in newest.items():
        document = documents.get(id)
        if document is None:
            batch.append(Remove(id, seq))
        else:
            batch.append(Upsert(replace(document, seq=max(seq, document.seq))))
    return batch
