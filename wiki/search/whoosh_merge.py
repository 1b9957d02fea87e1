"""Which segments of a Whoosh index are merged, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from whoosh.reading import SegmentReader

# Equal in size are segments within the same power of this; so many make one.
FACTOR = 8
# A segment is written anew when more than this part of it is deleted.
WASTE = 0.3
# Above so many segments a save waits for a merge.
URGENT = 48

Sizes = Sequence[tuple[int, int]]


def chosen(sizes: Sizes) -> list[int]:
    """Return the segments to merge into one, given (live, deleted) of each."""
    tiers: dict[int, list[int]] = defaultdict(list)
    for number, (live, _) in enumerate(sizes):
        tiers[_tier(live)].append(number)
    for _, numbers in sorted(tiers.items()):
        if len(numbers) >= FACTOR:
            return numbers
    for number, (live, deleted) in enumerate(sizes):
        if deleted > FACTOR and deleted > WASTE * (live + deleted):
            return [number]
    return []


def _tier(live: int) -> int:
    tier = 0
    while live >= FACTOR:
        live //= FACTOR
        tier += 1
    return tier


def needs_merge(sizes: Sizes) -> bool:
    return bool(chosen(sizes))


def merge_policy(*, urgent: bool = False) -> Callable[[Any, list[Any]], list[Any]]:
    """Return the function a Whoosh commit asks; ``urgent`` waits for many segments."""

    def merge(writer: Any, segments: list[Any]) -> list[Any]:
        # A segment without live pages only costs time.
        kept = [s for s in segments if s.doc_count_all() > s.deleted_count()]
        if urgent and len(kept) < URGENT:
            return kept
        sizes = [
            (s.doc_count_all() - s.deleted_count(), s.deleted_count()) for s in kept
        ]
        numbers = set(chosen(sizes))
        for number in sorted(numbers):
            reader = SegmentReader(writer.storage, writer.schema, kept[number])
            try:
                writer.add_reader(reader)
            finally:
                reader.close()
        return [s for number, s in enumerate(kept) if number not in numbers]

    return merge
