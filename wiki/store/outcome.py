"""What goes into a commit beside its operations, and what comes out of it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from wiki.errors import BadRequest, NotValid
from wiki.model import names
from wiki.model.page import ANY, CommitResult, Op, Put, Rename, Restore

from .base import MAX_OPS, Author
from .derived import sound
from .ready import Ready
from .rows import PUBLISHED, NewRevision, PageRec, Rows

TOO_MANY_OPS = "Too much at once: %(count)d of at most %(limit)d changes. Send less."
KEY_REUSED = "This Idempotency-Key was used for another request."


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who commits, when, how, and why; ``sent`` tells one request from another."""

    author: Author
    ts: int
    comment: str = ""
    origin: str = "web"
    idem_key: str | None = None
    sent: str = ""


def stamp_of(
    author: Author,
    comment: str,
    origin: str,
    key: str | None,
    ts: int | None,
    ops: Sequence[Op],
) -> Stamp:
    """Return the stamp of a commit; a key holds for the requests of one person."""
    own_key = key and sound(f"{author.id}:{key}")
    now = time.time_ns() // 1_000_000
    sent = sent_as(ops) if own_key else ""
    ts = now if ts is None else ts
    return Stamp(author, ts, sound(comment), origin, own_key, sent)


def sent_as(ops: Sequence[Op]) -> str:
    """Return a hash of what operations ask for.

    Without base and page: sent again, a request meets the page that it made or
    changed. That this is the same page is compared with the answer itself.
    """
    said = json.dumps([[type(op).__name__, _asked(op)] for op in ops])
    return hashlib.sha256(said.encode()).hexdigest()


def _asked(op: Op) -> str | int | None:
    match op:
        case Put():
            return op.text.replace("\r\n", "\n")
        case Rename():
            return op.new_name
        case Restore():
            return op.rev
    return None


def answered(rows: Rows, ops: Sequence[Op], stamp: Stamp) -> CommitResult | None:
    """Return what a request sent again was answered, None for a new one.

    Raises NotValid when its key was used for another request.
    """
    kept = rows.answered(stamp.idem_key) if stamp.idem_key else None
    if kept is None:
        return None
    result, sent = kept
    # Kept before the hash was: only the pages can be compared.
    if sent not in ("", stamp.sent) or result.pages != _pages(rows, ops):
        raise NotValid((), KEY_REUSED)
    return result


def _pages(rows: Rows, ops: Sequence[Op]) -> tuple[int, ...]:
    """Return the pages that operations name; 0 where there is none."""
    return tuple(
        op.page if isinstance(op.page, int) else _page_called(rows, op.page)
        for op in ops
    )


def _page_called(rows: Rows, name: str) -> int:
    held = rows.held(names.key(names.clean(name)))
    return held.page if held else 0


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
    audience: str,
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
        audience=audience,
        state=PUBLISHED,
        text_hash=ready.hash,
        size=ready.size,
        delta=delta,
        body=ready.body,
    )
