"""What changed from one text to another, as rows that a page can draw.

Plain data, no HTML. The cost is bounded: texts and lines too far apart are shown as
removed and added whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Literal

from .align import Hunk, hunks, refined
from .blocks import split_body, split_front

CONTEXT = 3
# Rows of one comparison; the rest is counted.
MAX_ROWS = 3000

Kind = Literal["same", "added", "removed", "changed", "skip"]
# Pieces of a line in order: (text, whether it changed). Joined they are the line.
Spans = tuple[tuple[str, bool], ...]

_WORDS = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)
# Words of both lines beyond which a line is shown as changed whole.
_MAX_WORDS = 12_000
_ALL_WORDS = 60_000
# The share of a line that must be kept for its words to be worth showing.
_KEPT = 0.25


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison.

    ``a_line`` and ``b_line`` count from 1, 0 where that side has no line. A row of
    kind ``skip`` stands for ``count`` unchanged lines from these numbers on.
    """

    kind: Kind
    a_line: int = 0
    b_line: int = 0
    a: Spans = ()
    b: Spans = ()
    count: int = 0

    @property
    def a_text(self) -> str:
        return "".join(text for text, _ in self.a)

    @property
    def b_text(self) -> str:
        return "".join(text for text, _ in self.b)


# Stands for a row that is only counted, to save the time of making it.
_UNSEEN = Row("changed")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many paragraphs (or list items, headings, blocks of code) differ."""

    changed: int = 0
    added: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        return self.changed + self.added + self.removed


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts beside each other.

    ``newline`` says what became of the line end behind the last line. ``cut`` is how
    many rows were left out because there are too many; the last row, of kind
    ``skip``, stands for them.
    """

    rows: tuple[Row, ...]
    summary: Summary
    newline: Literal["", "added", "removed"] = ""
    cut: int = 0

    @property
    def same(self) -> bool:
        return not (self.newline or self.cut) and all(
            row.kind in ("same", "skip") for row in self.rows
        )


def compare(a: str, b: str, context: int = CONTEXT) -> Comparison:
    """Return what changed from ``a`` to ``b``, line by line and word by word.

    Unchanged stretches are folded, except ``context`` lines next to a change.
    """
    left, right = a.removesuffix("\n").split("\n"), b.removesuffix("\n").split("\n")
    words = _Words()
    found = _rows(left if a else [], right if b else [], context, words)
    rows = list(islice(found, MAX_ROWS + 1))
    cut = 0
    if len(rows) > MAX_ROWS:
        first = rows.pop()
        words.stop()
        cut = 1 + sum(1 for _ in found)
        rows.append(Row("skip", first.a_line, first.b_line, count=cut))
    return Comparison(tuple(rows), _summary(a, b), _newline(a, b), cut)


def _newline(a: str, b: str) -> Literal["", "added", "removed"]:
    if not a or not b or a.endswith("\n") == b.endswith("\n"):
        return ""
    return "added" if b.endswith("\n") else "removed"


def _rows(
    a: Sequence[str], b: Sequence[str], context: int, words: _Words
) -> Iterator[Row]:
    found = hunks(a, b)
    a_at = b_at = 0
    for hunk in found:
        before = context if a_at or b_at else 0
        yield from _same(a, a_at, b_at, hunk.a1 - a_at, before, context)
        for small in refined(hunk, a, b):
            yield from _changed(a, b, small, words)
        a_at, b_at = hunk.a2, hunk.b2
    before = context if found else 0
    yield from _same(a, a_at, b_at, len(a) - a_at, before, 0)


def _same(
    a: Sequence[str], a_at: int, b_at: int, count: int, before: int, after: int
) -> Iterator[Row]:
    """Give unchanged lines, the middle folded; a fold of one line is no gain."""
    fold_end = count - after
    fold = range(before, fold_end) if fold_end - before > 1 else range(0)
    for i in range(count):
        if i in fold:
            if i == fold.start:
                yield Row("skip", a_at + i + 1, b_at + i + 1, count=len(fold))
            continue
        spans = ((a[a_at + i], False),)
        yield Row("same", a_at + i + 1, b_at + i + 1, spans, spans)


def _changed(
    a: Sequence[str], b: Sequence[str], hunk: Hunk, words: _Words
) -> Iterator[Row]:
    if hunk.a2 - hunk.a1 == hunk.b2 - hunk.b1 == 1:
        old, new = a[hunk.a1], b[hunk.b1]
        if old.strip() and new.strip():
            if words.stopped:
                yield _UNSEEN
                return
            spans = words.spans(old, new)
            yield Row("changed", hunk.a1 + 1, hunk.b1 + 1, *spans)
            return
    if words.stopped:
        yield from repeat(_UNSEEN, hunk.a2 - hunk.a1 + hunk.b2 - hunk.b1)
        return
    for i in range(hunk.a1, hunk.a2):
        yield Row("removed", a_line=i + 1, a=((a[i], True),))
    for j in range(hunk.b1, hunk.b2):
        yield Row("added", b_line=j + 1, b=((b[j], True),))


class _Words:
    """Compares the words of lines until its budget for one page is used up."""

    def __init__(self) -> None:
        self._left = _ALL_WORDS
        self.stopped = False

    def stop(self) -> None:
        """Only count the lines from here on: nobody sees them."""
        self.stopped = True

    def spans(self, old: str, new: str) -> tuple[Spans, Spans]:
        whole = ((old, True),), ((new, True),)
        # Not even cut into words, to save the time.
        if len(old) + len(new) > _MAX_WORDS * 4:
            return whole
        a, b = _WORDS.findall(old), _WORDS.findall(new)
        size = len(a) + len(b)
        if size > _MAX_WORDS or size > self._left:
            return whole
        self._left -= size
        found = _closed(hunks(a, b), a)
        changed = sum(len(a[i]) for hunk in found for i in range(hunk.a1, hunk.a2))
        if len(old) - changed < _KEPT * min(len(old), len(new)):
            return whole
        return _spans(a, [(h.a1, h.a2) for h in found]), _spans(
            b, [(h.b1, h.b2) for h in found]
        )


def _closed(found: Sequence[Hunk], a: Sequence[str]) -> list[Hunk]:
    """Join changes with only space between them: two words read as one change."""
    out: list[Hunk] = []
    for hunk in found:
        if out and not "".join(a[out[-1].a2 : hunk.a1]).strip():
            last = out.pop()
            hunk = Hunk(last.a1, hunk.a2, last.b1, hunk.b2)
        out.append(hunk)
    return out


def _spans(words: Sequence[str], changed: Sequence[tuple[int, int]]) -> Spans:
    out = []
    at = 0
    for start, end in [*changed, (len(words), len(words))]:
        if at < start:
            out.append(("".join(words[at:start]), False))
        if start < end:
            out.append(("".join(words[start:end]), True))
        at = end
    return tuple(out)


def _summary(a: str, b: str) -> Summary:
    left, right = _paragraphs(a), _paragraphs(b)
    changed = added = removed = 0
    for hunk in hunks(left, right):
        for small in refined(hunk, left, right):
            gone, came = small.a2 - small.a1, small.b2 - small.b1
            both = min(gone, came)
            changed += both
            removed += gone - both
            added += came - both
    return Summary(changed, added, removed)


def _paragraphs(text: str) -> list[str]:
    front, rest = split_front(text)
    paragraphs = [block.text for block in split_body(rest).blocks]
    if front is None:
        return paragraphs
    keys = [front.raw] if front.keys is None else list(front.keys.values())
    return keys + paragraphs
