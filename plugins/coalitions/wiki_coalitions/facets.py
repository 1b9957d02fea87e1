"""The list of the directory: text filter, facets with counts, pages of fifty.

Facets narrow each other; several values of one facet widen it. Counts come from what
the reader sees, each facet's under the choices of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from .directory import Directory
from .projection import Projection

FACETS = ("type", "issue", "scope", "status")
PER_PAGE = 50
MAX_QUERY = 100
MAX_VALUES = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader asked for; ``ended`` shows ended groups among the others."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ended: bool = False
    page: int = 1

    def query(self, **changes: str | int | tuple[str, ...]) -> str:
        """Return the query string of this choice with some of it changed."""
        state: dict[str, str | int | tuple[str, ...]] = {"q": self.text, **self.chosen}
        state |= {"ended": "1" if self.ended else "", **changes}
        pairs = [
            (key, one)
            for key, value in state.items()
            for one in (value if isinstance(value, tuple) else (value,))
            if one
        ]
        return "?" + urlencode(pairs)

    def without(self, facet: str, value: str) -> str:
        """Return the query string without one value of a facet."""
        left = tuple(v for v in self.chosen.get(facet, ()) if v != value)
        return self.query(**{facet: left})

    @property
    def cache_key(self) -> tuple[object, ...]:
        return (self.text, tuple(sorted(self.chosen.items())), self.ended)


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet with the number of records that have it."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The answer: all matching records, and the facets under them."""

    found: Sequence[Projection]
    facets: Mapping[str, Sequence[Value]]
    hidden_ended: int = 0

    def page(self, number: int) -> Sequence[Projection]:
        return self.found[(number - 1) * PER_PAGE : number * PER_PAGE]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.found) // PER_PAGE))


def read_choice(args: Mapping[str, Sequence[str]]) -> Choice:
    """Return the choice that an address states; unknown parts are left aside."""
    page = (args.get("page") or ["1"])[0]
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Choice(
        (args.get("q") or [""])[0].strip()[:MAX_QUERY],
        {
            facet: tuple(dict.fromkeys(v for v in args[facet] if v))[:MAX_VALUES]
            for facet in FACETS
            if any(args.get(facet, ()))
        },
        (args.get("ended") or [""])[0] == "1",
        max(1, number),
    )


def listing(directory: Directory, choice: Choice) -> Listing:
    """Return the records that match a choice; kept with the directory."""
    kept = directory.answers
    if choice.cache_key not in kept:
        if len(kept) > 64:
            kept.clear()
        kept[choice.cache_key] = _listing(directory, choice)
    answer: Listing = kept[choice.cache_key]
    return answer


def _listing(directory: Directory, choice: Choice) -> Listing:
    rows = directory.rows()
    wanted = choice.text.casefold().split()
    if wanted:
        rows = [row for row in rows if all(w in _haystack(row) for w in wanted)]
    chosen = {facet: frozenset(values) for facet, values in choice.chosen.items()}
    found: list[Projection] = []
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    ended = 0
    for row in rows:
        values = values_of(row)
        missed = [
            facet for facet in chosen if not chosen[facet].intersection(values[facet])
        ]
        left_out = row.ended and not choice.ended and "status" not in chosen
        if not missed:
            ended += left_out
            if not left_out:
                found.append(row)
        for facet in FACETS:
            # Under the choices of the other facets; an ended one under its status.
            if (not missed or missed == [facet]) and (
                not left_out or facet == "status"
            ):
                counts[facet].update(values[facet])
    return Listing(found, _facets(counts, chosen), ended)


def _facets(
    counts: Mapping[str, Counter[str]], chosen: Mapping[str, frozenset[str]]
) -> dict[str, list[Value]]:
    facets = {}
    for facet, count in counts.items():
        picked = chosen.get(facet, frozenset())
        for value in picked:
            count.setdefault(value, 0)
        ordered = sorted(count.items(), key=lambda one: (-one[1], one[0]))
        facets[facet] = [Value(value, n, value in picked) for value, n in ordered]
    return facets


def values_of(row: Projection) -> dict[str, tuple[str, ...]]:
    """Return the values of a record in each facet."""
    return {
        "type": (row.kind,),
        "issue": row.issues,
        "scope": (row.scope,) if row.scope else (),
        "status": (row.status,),
    }


def _haystack(row: Projection) -> str:
    aka = row.fields.get("aka")
    names = " ".join(map(str, aka)) if isinstance(aka, list) else ""
    return f"{row.title} {names} {row.summary} {row.text('area')}".casefold()
