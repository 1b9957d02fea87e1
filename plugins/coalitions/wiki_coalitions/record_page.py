"""What the page of a record shows, as plain data for its template.

Everything comes from the projection of the record and of the records it refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from . import dates, memberships, words
from .checks import is_url, items, word
from .directory import Directory, Named
from .projection import Ask, Projection, short_name, text_of

STALE_DAYS = 365
MOST_GROUPS = 100  # in one list on the page of a concept
_NUMBER = re.compile(r"[^\d+]")
# Fields that stand in the fact box as text, in this order.
TEXTS = ("area", "run_by", "software_license", "data_collected", "license")


@dataclass(frozen=True, slots=True)
class Stance:
    """Where a group stands on a concept or a goal of its own words."""

    about: Named
    stance: str
    words: str = ""
    source: str = ""
    on: str = ""
    weight: int = 2


@dataclass(frozen=True, slots=True)
class Relation:
    label: str
    to: Named
    since: str = ""
    until: str = ""
    note: str = ""
    source: str = ""
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    kind: str
    value: str
    role: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a page was last checked: ``fresh``, ``stale`` or ``never``."""

    state: str
    ms: int = 0


def freshness(record: Projection, today: date) -> Freshness:
    """Return when a record was last checked, and whether that is over a year ago."""
    day = dates.parse_day(record.fields.get("verified"))
    if day is None or day > today:
        return Freshness("never")
    state = "stale" if (today - day).days > STALE_DAYS else "fresh"
    return Freshness(state, milliseconds(day))


def milliseconds(day: date) -> int:
    """Return the start of a day in UTC as milliseconds."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(at.timestamp() * 1000)


def of_group(directory: Directory, record: Projection, stories: Any) -> dict[str, Any]:
    """Return the context of a group's or a coalition's page."""
    asks = sorted(record.asks, key=by_deadline)
    belongs = memberships.coalitions_of(directory, record)
    has = memberships.members_of(directory, record)
    return {
        **_common(directory, record),
        "values": stances(directory, record, "values"),
        "goals": stances(directory, record, "goals"),
        "asks": [ask for ask in asks if ask.open],
        "earlier_asks": [ask for ask in asks if not ask.open],
        "offers": _texts(directory, record, "offers"),
        "needs": _texts(directory, record, "needs"),
        "belongs": [one for one in belongs if not one.earlier],
        "belonged": [one for one in belongs if one.earlier],
        "tree": memberships.Tree(directory, record),
        "members_before": [one for one in has if one.earlier],
        "counts": record.list("counts"),
        "relations": relations(directory, record),
        "took_part": took_part(record, stories),
        "contacts": contacts(record, directory.today),
        "log": _log(directory, record),
        "convener": directory.named(items(record.fields.get("convener"))),
        "backbone": directory.named(items(record.fields.get("backbone"))),
        "decision_rule": record.text("decision_rule"),
        "ends_when": record.text("ends_when"),
        "data_agreement": record.text("data_agreement"),
    }


def of_resource(directory: Directory, record: Projection) -> dict[str, Any]:
    """Return the context of a resource's page."""
    url = record.fields.get("url")
    run_by = record.fields.get("run_by")
    return {
        **_common(directory, record),
        "url": url if is_url(url) else "",
        "purpose": record.text("purpose"),
        "kinds": _labels(record.fields.get("kinds"), words.RESOURCE_KINDS),
        "platforms": _strings(record.fields.get("platforms")),
        "cost": words.COSTS.get(str(record.fields.get("cost")), ""),
        "alive": str(record.fields.get("alive") or ""),
        "run_by": directory.named(items(run_by)) if isinstance(run_by, str) else [],
        "data_collected": record.text("data_collected"),
        "replaced_by": directory.named(items(record.fields.get("replaced_by"))),
    }


def _labels(value: Any, known: Mapping[str, str]) -> list[str]:
    return [known[one] for one in items(value) if word(one, known)]


def of_concept(directory: Directory, record: Projection) -> dict[str, Any]:
    """Return the context of a concept's page: what it means and who stands where."""
    return {
        "record": record,
        "roles": _labels(record.fields.get("role"), words.CONCEPT_ROLES),
        "aliases": _strings(record.fields.get("aliases")),
        "broader": directory.concepts(items(record.fields.get("broader"))),
        "related": directory.concepts(items(record.fields.get("related"))),
        "term": str(record.fields.get("term") or ""),
        "oppositions": oppositions(directory, record),
        "groups": groups_on(directory, record),
        "most": MOST_GROUPS,
        "short": short_name(record.name),
    }


def _common(directory: Directory, record: Projection) -> dict[str, Any]:
    return {
        "record": record,
        "fresh": freshness(record, directory.today),
        "status": words.STATUSES.get(record.status, ""),
        "form": words.FORMS.get(str(record.fields.get("form")), ""),
        "scope": words.SCOPES.get(record.scope, ""),
        "since": _date(record.fields.get("since")),
        "until": _date(record.fields.get("until")),
        "aka": _strings(record.fields.get("aka")),
        "former": _strings(record.fields.get("former")),
        "texts": {name: record.text(name) for name in TEXTS},
        "area": _area(record),
        "location": record.fields.get("location"),
        "languages": _strings(record.fields.get("languages")),
        "issues": directory.concepts(items(record.fields.get("issues"))),
        "constituencies": directory.concepts(
            items(record.fields.get("constituencies"))
        ),
        "skills": directory.concepts(items(record.fields.get("skills"))),
        "links": _links(record.fields.get("links")),
        "sources": _links(record.fields.get("sources")),
        "verified_by": record.text("verified_by"),
        "levels": words.LEVELS,
        "level_meanings": words.LEVEL_MEANINGS,
    }


# -- parts


def stances(directory: Directory, record: Projection, name: str) -> list[Stance]:
    """Return values or goals: what is supported first, then by weight."""
    found = []
    for item in record.list(name):
        concept = item.get("concept")
        text = text_of(item.get("text"), record.lang)
        about = directory.concepts([concept])[:1] if concept else [Named("", text)]
        if about and word(item.get("stance"), words.STANCES) and about[0].title:
            found.append(_stance(about[0], item, record.lang))
    order = list(words.STANCES)
    return sorted(found, key=lambda s: (order.index(s.stance), s.weight))


def _stance(about: Named, item: Mapping[str, Any], lang: str) -> Stance:
    weight = item.get("priority") or 4 - _small(item.get("weight"))
    return Stance(
        about,
        str(item["stance"]),
        text_of(item.get("words"), lang),
        text_of(item.get("source"), lang),
        _date(item.get("on")),
        _small(weight),
    )


def _small(value: Any) -> int:
    return value if value in (1, 2, 3) and not isinstance(value, bool) else 2


def by_deadline(ask: Ask) -> tuple[bool, date, str]:
    """Sort key of asks: soonest deadline first, undated ones last."""
    return (ask.deadline is None, ask.deadline or date.max, ask.text)


def relations(directory: Directory, record: Projection) -> list[Relation]:
    """Return relations that either page states, in the words of this page."""
    key = directory.catalog.key(record.name)
    found = []
    for item in record.list("relations"):
        for to in directory.named(items(item.get("to"))[:1]):
            found.append(_relation(directory, item, to, 0))
    for other in directory.catalog.related_by.get(key, ()):
        page = directory.at(other)
        for item in page.list("relations") if page else ():
            if page and directory.catalog.key(item.get("to")) == key:
                named = Named(page.name, page.title)
                found.append(_relation(directory, item, named, 1))
    known = [one for one in found if one.label]
    unique = {(one.label, one.to, one.since): one for one in known}
    return sorted(unique.values(), key=lambda r: (r.earlier, r.label, r.to.title))


def _relation(
    directory: Directory, item: Mapping[str, Any], to: Named, side: int
) -> Relation:
    labels = words.RELATIONS.get(words.relation_kind(item.get("kind")), ("", ""))
    return Relation(
        labels[side],
        to,
        _date(item.get("since")),
        _date(item.get("until")),
        text_of(item.get("note"), ""),
        text_of(item.get("source"), ""),
        dates.is_past(item.get("until"), directory.today),
    )


def took_part(record: Projection, stories: Iterable[Any]) -> list[Named]:
    """Return the stories that name this record."""
    found = []
    for story in stories:
        parts = [*items(story.fields.get("groups")), story.fields.get("coalition")]
        named = [p.get("group") if isinstance(p, Mapping) else p for p in parts]
        if record.name in named:
            found.append(Named(story.name, story.title))
    return found


def contacts(record: Projection, today: date) -> list[Contact]:
    """Return contacts that still hold, with an address to follow where there is one."""
    found = []
    for item in record.list("contacts"):
        value = text_of(item.get("value"), record.lang)
        if value and not dates.is_past(item.get("valid_until"), today):
            kind = str(item.get("kind") or "")
            role = text_of(item.get("role") or item.get("person"), record.lang)
            found.append(Contact(kind, value, role, _contact_url(kind, value)))
    return found


def _contact_url(kind: str, value: str) -> str:
    if kind == "email" and "@" in value and " " not in value:
        return f"mailto:{value}"
    if kind == "phone" and _NUMBER.sub("", value):
        return f"tel:{_NUMBER.sub('', value)}"
    return value if kind in ("web", "form", "messenger") and is_url(value) else ""


def oppositions(directory: Directory, record: Projection) -> list[dict[str, Any]]:
    """Return what cannot both be had with this, stated on either page."""
    key = directory.catalog.key(record.name)
    pairs = [
        (named, item)
        for item in record.list("opposes")
        for named in directory.concepts(items(item.get("concept"))[:1])
    ]
    for other in directory.catalog.opposed_by.get(key, ()):
        page = directory.at(other)
        for item in page.list("opposes") if page else ():
            if page and directory.catalog.concept_key(item.get("concept")) == key:
                pairs.append((Named(page.name, page.title), item))
    return [
        {
            "other": named,
            "reason": text_of(item.get("reason"), record.lang),
            "by": text_of(item.get("by"), record.lang),
            "on": _date(item.get("on")),
            "source": text_of(item.get("source"), record.lang),
            "disputed": item.get("disputed") is True,
        }
        for named, item in pairs
    ]


def groups_on(directory: Directory, record: Projection) -> dict[str, list[Named]]:
    """Return the groups that name a concept, by stance; ``issue`` where they work."""
    kept: dict[str, list[Named]] | None = directory.answers.get(record.name)
    if kept is None:
        kept = directory.answers[record.name] = _groups_on(directory, record)
    return kept


def _groups_on(directory: Directory, record: Projection) -> dict[str, list[Named]]:
    key = directory.catalog.key(record.name)
    found: dict[str, list[Named]] = {}
    for group in directory.rows():
        if group.ended:
            continue
        named = Named(group.name, group.title)
        stated = [*group.list("values"), *group.list("goals")]
        for item in stated:
            about = directory.catalog.concept_key(item.get("concept"))
            if item.get("concept") and about == key:
                found.setdefault(str(item.get("stance")), []).append(named)
        short = short_name(record.name)
        fields = ("issues", "constituencies", "skills")
        if any(
            short_name(one) == short
            for name in fields
            for one in items(group.fields.get(name))
        ):
            found.setdefault("issue", []).append(named)
    return found


def _texts(directory: Directory, record: Projection, name: str) -> list[dict[str, Any]]:
    """Return offers or needs that still hold."""
    return [
        {
            "text": text_of(item.get("text"), record.lang),
            "concepts": directory.concepts(items(item.get("concepts"))),
            "until": _date(item.get("until")),
        }
        for item in record.list(name)
        if item.get("text") and not dates.is_past(item.get("until"), directory.today)
    ]


def _log(directory: Directory, record: Projection) -> list[dict[str, Any]]:
    rows = [
        {
            "date": _date(item.get("date")),
            "kind": words.LOG_KINDS.get(str(item.get("kind")), ""),
            "with": directory.named(items(item.get("with"))),
            "note": text_of(item.get("note"), record.lang),
            "source": text_of(item.get("source"), record.lang),
        }
        for item in record.list("log")
    ]
    return sorted(rows, key=lambda row: str(row["date"]), reverse=True)


def _links(value: Any) -> list[dict[str, str]]:
    """Return addresses as {url, label}; a text that is no address has no url."""
    found = []
    for item in items(value):
        url = item.get("url") if isinstance(item, Mapping) else item
        label = item.get("label") if isinstance(item, Mapping) else ""
        shown = text_of(label or url, "")
        if shown:
            found.append({"url": url if is_url(url) else "", "label": shown})
    return found


def _strings(value: Any) -> list[str]:
    names = [i.get("name") if isinstance(i, Mapping) else i for i in items(value)]
    return [str(name) for name in names if isinstance(name, str | int)]


def _area(record: Projection) -> str:
    area = record.fields.get("area")
    name = area.get("name") if isinstance(area, Mapping) and "name" in area else area
    return text_of(name, record.lang)


def _date(value: Any) -> str:
    return str(value) if dates.parse(value) else ""
