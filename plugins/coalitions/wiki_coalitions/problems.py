"""Checks of a whole record, and of what it says about other pages.

Only what the editor may see is looked at, so that no message tells of a hidden page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from wiki import WARNING, Problem

from . import dates, words
from .checks import check_period, error, items, maps, shown, warning
from .directory import Directory
from .memberships import circle
from .projection import short_name

MAX_WARNINGS = 50  # as many as a person may look through
MISSING = (
    "There is no page '%(name)s' yet. The reference is kept and shown as plain text."
)
CONCEPT_LISTS = {
    "issues": "'%(x)s' is not in the issue list. Add it as a concept or choose: "
    "%(near)s.",
    "constituencies": "'%(x)s' is not in the list of people. Add it as a concept or "
    "choose: %(near)s.",
    "skills": "'%(x)s' is not in the skill list. Add it as a concept or choose: "
    "%(near)s.",
}


def problems_of(
    directory: Directory, name: str, kind: str, meta: Mapping[str, Any]
) -> list[Problem]:
    """Return what is wrong with a record as a whole."""
    found = list(_title(directory, name, kind, meta))
    found += check_period("until", meta)
    if kind in ("group", "coalition"):
        found += _group(directory, name, meta)
    if kind == "coalition":
        found += _coalition(directory, name, meta)
    if kind == "resource":
        found += _resource(meta)
    found += _concepts(directory, meta)
    found += _references(directory, meta)
    return _shortened(found)


def _shortened(found: list[Problem]) -> list[Problem]:
    """Return all errors and the first warnings, and how many more there are."""
    warnings = [one for one in found if one.level == WARNING]
    more = len(warnings) - MAX_WARNINGS
    if more <= 0:
        return found
    errors = [one for one in found if one.level != WARNING]
    message = (
        "There are %(count)s more warnings like these. Everything is kept as you "
        "wrote it."
    )
    return [*errors, *warnings[:MAX_WARNINGS], warning("", message, count=more)]


def _title(
    directory: Directory, name: str, kind: str, meta: Mapping[str, Any]
) -> Iterator[Problem]:
    title = meta.get("title")
    if not title:
        if kind in ("group", "coalition"):
            yield error("title", "Give the group the name it uses for itself.")
        else:
            yield error("title", "Give this page a title.")
        return
    if kind == "concept":
        return
    own = directory.catalog.key(name)
    same = [
        record.name
        for key, (other, record) in directory.catalog.records.items()
        if other in words.TYPES
        and key != own
        and record.title.casefold() == str(title).casefold()
        and directory.at(key) is not None
    ]
    for other in same[:1]:
        message = "'%(name)s' is already listed. Is this the same group?"
        yield warning("title", message, name=other)


def _group(
    directory: Directory, name: str, meta: Mapping[str, Any]
) -> Iterator[Problem]:
    if meta.get("status") == "active" and dates.is_past(
        meta.get("until"), directory.today
    ):
        message = "The end date has passed but the status says active."
        yield warning("status", message)
    entries = maps(meta.get("memberships"))
    yield from _membership(directory, name, "memberships", "in", entries)
    into = [str(item.get("in")) for item in entries if item.get("in")]
    yield from _circle(directory, name, into, "memberships")


def _circle(
    directory: Directory, name: str, into: Iterable[str], field: str
) -> Iterator[Problem]:
    own = directory.catalog.key(name)
    others = [one for one in into if directory.catalog.key(one) != own]
    path = circle(directory, name, others)
    if path:
        message = "This makes a circle: %(path)s. It is kept and shown once."
        yield warning(field, message, path=" → ".join(path))


def _coalition(
    directory: Directory, name: str, meta: Mapping[str, Any]
) -> Iterator[Problem]:
    entries = maps(meta.get("members"))
    yield from _membership(directory, name, "members", "group", entries)
    if meta.get("purpose_bound") is True and not (
        meta.get("ends_when") or meta.get("until")
    ):
        message = "Say what ends this coalition: a date or an outcome."
        yield warning("purpose_bound", message)
    if not meta.get("decision_rule"):
        message = "Visitors will ask how this coalition decides."
        yield warning("decision_rule", message)
    if not meta.get("data_agreement") and f"group:{name}" in str(meta):
        message = "Say what members share with each other, how, and with whom."
        yield warning("data_agreement", message)


def _membership(
    directory: Directory,
    name: str,
    field: str,
    points: str,
    entries: list[Mapping[str, Any]],
) -> Iterator[Problem]:
    own = directory.catalog.key(name)
    by_other: dict[str, list[tuple[Any, Any]]] = {}
    for item in entries:
        other = directory.catalog.key(item.get(points))
        if other == own:
            yield error(field, "A coalition cannot be a member of itself.")
        by_other.setdefault(other, []).append((item.get("since"), item.get("until")))
    for other, periods in by_other.items():
        if any(
            dates.overlap(a, b) for i, a in enumerate(periods) for b in periods[i + 1 :]
        ):
            message = "Two memberships with %(name)s overlap in time."
            yield warning(field, message, name=shown(other))


def _resource(meta: Mapping[str, Any]) -> Iterator[Problem]:
    if not meta.get("url") and meta.get("offline") is not True:
        message = "Give its address (url), or say “offline: true”."
        yield error("url", message)
    if not meta.get("purpose"):
        yield error("purpose", "Say in one sentence what it is for.")
    if not meta.get("data_collected"):
        message = "Say what it collects about its users, or write 'unknown'."
        yield warning("data_collected", message)


def _concepts(directory: Directory, meta: Mapping[str, Any]) -> Iterator[Problem]:
    told = 0
    for field, message in CONCEPT_LISTS.items():
        for one in items(meta.get(field)):
            if isinstance(one, str) and directory.concept(one) is None:
                told += 1
                # Looking for likely words takes long, and nobody sees those.
                near = _near(directory, short_name(one)) if told <= MAX_WARNINGS else ()
                words_near = ", ".join(near) or "–"
                yield warning(field, message, x=shown(one), near=words_near)
    for field in ("values", "goals"):
        for item in maps(meta.get(field)):
            concept = item.get("concept")
            if isinstance(concept, str) and directory.concept(concept) is None:
                yield warning(field, MISSING, name=shown(concept))


def _near(directory: Directory, name: str) -> list[str]:
    """Return up to three concepts that are spelled nearly so, or else the first."""
    known = [
        short_name(page.name)
        for key in directory.catalog.concepts.values()
        if (page := directory.at(key)) is not None
    ]
    return get_close_matches(name, known, 3) or known[:3]


# Fields that name pages: (field, key within an item or "" for the value itself).
REFERENCES = (
    ("memberships", "in"),
    ("members", "group"),
    ("relations", "to"),
    ("convener", ""),
    ("backbone", ""),
    ("replaced_by", ""),
)


def _references(directory: Directory, meta: Mapping[str, Any]) -> Iterator[Problem]:
    for field, key in REFERENCES:
        value = meta.get(field)
        names = [item.get(key) for item in maps(value)] if key else items(value)
        for name in names:
            if isinstance(name, str) and name and directory.get(name) is None:
                yield warning(field, MISSING, name=shown(name))
