"""All records of the plugin as one set of readers sees them, and who refers to whom.

Records are indexed by what refers to them without regard to readers; what is shown
is projected on demand and kept until a record changes or the day ends.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wiki import Record, Sees

from . import words
from .checks import maps
from .projection import Projection, project, short_name

KINDS = ("group", "coalition", "resource", "concept")
KEPT = 16
MAX_RENAMED = 500


def folded(name: Any) -> str:
    """Return what two spellings of a page name have in common."""
    return str(name or "").strip().strip("/").casefold()


Projected = dict[tuple[int, int], Projection]


class Catalog:
    """Every record whoever may see it, by name, with the references between them."""

    def __init__(self, wiki: Any) -> None:
        self._wiki = wiki
        self.records: dict[str, tuple[str, Record]] = {}
        for kind in KINDS:
            for record in wiki.all_records(kind, None):
                self.records[folded(record.name)] = (kind, record)
        self._aliases: dict[str, str] = {}
        self.concepts = {
            short_name(record.name).casefold(): key
            for key, (kind, record) in self.records.items()
            if kind == "concept"
        }
        self._renamed = 0
        self._refer()

    def key(self, reference: Any) -> str:
        """Return the key of the record that a reference leads to, renames followed.

        A reference to nothing is its own key.
        """
        name = folded(reference)
        if name in self.records or not name:
            return name
        if name not in self._aliases:
            self._aliases[name] = self._moved(name)
        return self._aliases[name]

    def _moved(self, name: str) -> str:
        if self._renamed >= MAX_RENAMED:
            return name
        self._renamed += 1
        record = self._wiki.record(name, None)
        return folded(record.name) if record else name

    def concept_key(self, reference: Any) -> str:
        """Return the key of a concept by its page name or its short name."""
        short = short_name(reference).casefold()
        return self.concepts.get(short, folded(reference))

    def _refer(self) -> None:
        # (group, coalition): both sides' items; kinds of relation by the page meant.
        self.by_group: dict[str, list[str]] = {}
        self.by_coalition: dict[str, list[str]] = {}
        self.related_by: dict[str, list[str]] = {}
        self.opposed_by: dict[str, list[str]] = {}
        for key, (kind, record) in self.records.items():
            fields = record.fields
            for item in maps(fields.get("memberships")):
                self._member(key, self.key(item.get("in")))
            for item in maps(fields.get("members")):
                self._member(self.key(item.get("group")), key)
            for item in maps(fields.get("relations")):
                _add(self.related_by, self.key(item.get("to")), key)
            if kind == "concept":
                for item in maps(fields.get("opposes")):
                    other = self.concept_key(item.get("concept"))
                    _add(self.opposed_by, other, key)

    def _member(self, group: str, coalition: str) -> None:
        if group and coalition:
            _add(self.by_group, group, coalition)
            _add(self.by_coalition, coalition, group)


def _add(index: dict[str, list[str]], key: str, value: str) -> None:
    known = index.setdefault(key, [])
    if value not in known:
        known.append(value)


@dataclass(frozen=True, slots=True)
class Named:
    """A page that is referred to; ``name`` is empty where there is none."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Side:
    """What one page says of another, and whether these readers may see that."""

    item: Mapping[str, Any]
    visible: bool


class Directory:
    """The catalog as some readers see it on one day."""

    def __init__(
        self,
        catalog: Catalog,
        sees: Sees,
        today: date,
        earlier: Projected | None = None,
    ) -> None:
        self.catalog, self.sees, self.today = catalog, sees, today
        # What was projected before the last change, for the records that stayed.
        self._earlier = earlier or {}
        self._seen: dict[str, Projection | None] = {}
        self._rows: list[Projection] | None = None
        self._sides: dict[tuple[str, str], dict[str, list[Side]]] = {}
        self.answers: dict[Any, Any] = {}

    def get(self, reference: Any) -> Projection | None:
        """Return what readers see of a record, None where they see nothing."""
        return self.at(self.catalog.key(reference))

    def at(self, key: str) -> Projection | None:
        if key not in self._seen:
            kind, record = self.catalog.records.get(key, ("", None))
            visible = record is not None and _page_visible(record, self.sees)
            self._seen[key] = self._project(kind, record) if visible else None
        return self._seen[key]

    def _project(self, kind: str, record: Record | None) -> Projection | None:
        if record is None:
            return None
        kept = self._earlier.get((record.id, record.rev)) if record.rev else None
        if kept is not None and (kept.name, kept.kind) == (record.name, kind):
            return kept
        return project(record, kind, self.sees, self.today)

    def projected(self) -> Projected:
        """Return what was projected so far, by record and revision."""
        return {
            (record.id, record.rev): seen
            for key, seen in self._seen.items()
            if seen is not None and (record := self.catalog.records[key][1])
        }

    def is_hidden(self, reference: Any) -> bool:
        """Tell whether a record is there that these readers do not see."""
        key = self.catalog.key(reference)
        return key in self.catalog.records and self.at(key) is None

    def concept(self, reference: Any) -> Projection | None:
        return self.at(self.catalog.concept_key(reference))

    def rows(self) -> list[Projection]:
        """Return groups, coalitions and resources that readers see, by title."""
        if self._rows is None:
            found = [
                self.at(key)
                for key, (kind, _) in self.catalog.records.items()
                if kind in words.TYPES
            ]
            self._rows = sorted(
                (one for one in found if one is not None),
                key=lambda one: (one.title.casefold(), one.name),
            )
        return self._rows

    def named(self, references: Iterable[Any]) -> list[Named]:
        """Return the pages that references lead to; hidden ones are left out."""
        found: list[Named] = []
        for one in references:
            if not self.is_hidden(one):
                page = self.get(one)
                found.append(
                    Named(page.name, page.title) if page else Named("", str(one))
                )
        return found

    def concepts(self, references: Iterable[Any]) -> list[Named]:
        """Return concepts by page name or short name, those without a page too."""
        return self.named(self.catalog.concept_key(one) for one in references)

    def sides(self, key: str, name: str, points: str) -> Mapping[str, list[Side]]:
        """Return the items of a list field by the page they point to, oldest first."""
        at = (key, name)
        if at not in self._sides:
            self._sides[at] = self._read_sides(key, name, points)
        return self._sides[at]

    def _read_sides(self, key: str, name: str, points: str) -> dict[str, list[Side]]:
        _, record = self.catalog.records.get(key, ("", None))
        page = self.at(key)
        shown = page.list(name) if page else []
        found: dict[str, list[Side]] = {}
        every = maps(record.fields.get(name)) if record else []
        at = 0
        for item in every:
            bare = {k: v for k, v in item.items() if k != "audience"}
            # What is shown keeps the order of the field.
            visible = at < len(shown) and shown[at] == bare
            at += visible
            side = Side(bare, visible)
            found.setdefault(self.catalog.key(item.get(points)), []).append(side)
        for sides in found.values():
            sides.sort(key=lambda side: str(side.item.get("since") or ""))
        return found

    def concept_title(self, reference: Any) -> str:
        found = self.concept(reference)
        return found.title if found else short_name(reference)


def _page_visible(record: Record, sees: Sees) -> bool:
    return sees is None or record.audience in sees


class Directories:
    """Keeps the directories last used, until a record changes or the day ends."""

    def __init__(self, wiki: Any, time_zone: str) -> None:
        self._wiki, self._zone = wiki, ZoneInfo(time_zone)
        self._lock = threading.Lock()
        self._stamps: tuple[int, ...] = ()
        self._catalog: Catalog | None = None
        self._kept: OrderedDict[tuple[Sees, date], Directory] = OrderedDict()
        self._before: dict[tuple[Sees, date], Projected] = {}

    def today(self) -> date:
        """Return the day in the time zone of the site."""
        return datetime.now(self._zone).date()

    def get(self, sees: Sees) -> Directory:
        """Return the directory of readers who see ``sees``, as of today."""
        stamps = tuple(self._wiki.stamp(f"records:{kind}") for kind in KINDS)
        at = (sees, self.today())
        with self._lock:
            if self._catalog is None or stamps != self._stamps:
                self._catalog, self._stamps = Catalog(self._wiki), stamps
                self._before = {at: one.projected() for at, one in self._kept.items()}
                self._kept.clear()
            kept = self._kept.get(at)
            if kept is None:
                earlier = self._before.pop(at, None)
                kept = self._kept[at] = Directory(self._catalog, *at, earlier)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(at)
            return kept
