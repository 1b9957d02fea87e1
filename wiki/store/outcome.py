"""What goes into a commit beside its operations, and what comes out of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from wiki.errors import BadRequest
from wiki.model.page import ANY, CommitResult, Op

from .base import MAX_OPS, Author
from .derived import sound
from .ready import Ready
from .rows import PUBLISHED, NewRevision, PageRec

TOO_MANY_OPS = "Too much at once: %(count)d of at most %(limit)d changes. Send less."


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who commits, when, how, and why."""

    author: Author
    ts: int
    comment: str = ""
    origin: str = "web"
    idem_key: str | None = None


def stamp_of(
    author: Author, comment: str, origin: str, key: str | None, ts: int | None
) -> Stamp:
    """Return the stamp of a commit; a key holds for the requests of one person."""
    own_key = key and sound(f"{author.id}:{key}")
    now = time.time_ns() // 1_000_000
    return Stamp(author, now if ts is None else ts, sound(comment), origin, own_key)


@dataclass(frozen=True, slots=True)
class Touched:
    """A page before and after a commit; ``raw`` is its text where that changed."""

    before: PageRec | None
    after: PageRec
    raw: bytes | None

    @property
    def moves_files(self) -> bool:
        """Tell whether the pages folder has to follow."""
        if not self.after.pending:
            return False
        if self.before is None or self.raw is not None:
            return True
        old, new = self.before, self.after
        return (old.path, old.deleted) != (new.path, new.deleted)


@dataclass(frozen=True, slots=True)
class Outcome:
    result: CommitResult
    touched: tuple[Touched, ...]


def check_ops(ops: Sequence[Op], origin: str) -> None:
    """Refuse what no store takes: too much at once, and overwriting unseen texts."""
    if len(ops) > MAX_OPS:
        raise BadRequest(TOO_MANY_OPS, count=len(ops), limit=MAX_OPS)
    if origin not in ("git", "import", "outside") and any(op.base == ANY for op in ops):
        raise BadRequest("Say which version you changed, so that nothing is lost.")


def written_at(ready: Ready, stamp: Stamp) -> int:
    """Return when a text was written: a file knows it better than the clock."""
    if ready.found is None:
        return stamp.ts
    return min(stamp.ts, ready.found.sig.mtime_ns // 1_000_000)


def new_revision(
    rec: PageRec,
    ready: Ready,
    stamp: Stamp,
    minor: bool,
    base: int | None,
    seq: int,
    delta: int,
) -> NewRevision:
    """Return the row of a page's next published revision."""
    return NewRevision(
        page=rec.id,
        n=rec.last_n,
        base=base,
        seq=seq,
        ts=written_at(ready, stamp),
        author_id=stamp.author.id,
        author_name=stamp.author.name,
        comment=stamp.comment,
        minor=minor,
        origin=stamp.origin,
        audience=ready.facts.audience,
        state=PUBLISHED,
        text_hash=ready.hash,
        size=ready.size,
        delta=delta,
        body=ready.body,
    )
