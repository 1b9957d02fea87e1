"""A record as one set of readers may see it. Everything on screen is built from it.

A reader must pass the audience of the page, of the field (``audiences``) and of the
item. Where none is given, the defaults of the field hold: contacts, needs, log,
place and checker are for members, and so is being against something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wiki import Record, Sees, sees_part

from . import dates, words
from .checks import is_url, items, maps, word
from .fields import DEFAULT_AUDIENCE, ITEM_AUDIENCE

ADMINS = "admins"
# Lists of {…, audience}: each item is judged by itself.
LISTS = frozenset(
    {"values", "goals", "offers", "needs", "asks", "contacts", "log"}
) | frozenset({"memberships", "members", "relations"})
# Never shown: they tell who may see what, or belong to the core.
HIDDEN = frozenset({"audience", "audiences", "type"})


@dataclass(frozen=True, slots=True)
class Projection:
    """What readers may see of a record: ``fields`` holds nothing else.

    ``status`` and the ``status`` of asks are worked out for the day asked for.
    """

    id: int
    name: str
    title: str
    kind: str
    fields: Mapping[str, Any]
    lang: str = ""
    updated: int = 0
    status: str = "active"
    asks: tuple[Ask, ...] = ()
    issues: tuple[str, ...] = ()
    scope: str = ""

    @property
    def summary(self) -> str:
        key = {"resource": "purpose", "concept": "short"}.get(self.kind, "summary")
        return text_of(self.fields.get(key) or self.fields.get("summary"), self.lang)

    @property
    def ended(self) -> bool:
        return self.status == "ended"

    def list(self, name: str) -> list[Mapping[str, Any]]:
        """Return the visible items of a list field."""
        return maps(self.fields.get(name))

    def text(self, name: str) -> str:
        """Return a field in the language of the page."""
        return text_of(self.fields.get(name), self.lang)


@dataclass(frozen=True, slots=True)
class Ask:
    """An ask of a group; ``status`` is open, met, withdrawn or expired."""

    text: str
    status: str
    deadline: date | None = None
    who: tuple[str, ...] = ()
    url: str = ""
    target: str = ""
    source: str = ""
    concepts: tuple[str, ...] = field(default=())

    @property
    def open(self) -> bool:
        return self.status == "open"


def project(record: Record, kind: str, sees: Sees, today: date) -> Projection:
    """Return what readers may see of a record that they may see at all."""
    shown = {
        name: value
        for name, value in _visible(record.fields, sees)
        if value not in (None, "", [], {})
    }
    lang = record.lang
    return Projection(
        record.id,
        record.name,
        record.title,
        kind,
        shown,
        lang,
        record.updated,
        _status(shown, today),
        tuple(_ask(item, lang, today) for item in maps(shown.get("asks"))),
        tuple(short_name(one) for one in items(shown.get("issues"))),
        word(shown.get("scope"), words.SCOPES),
    )


def _visible(fields: Mapping[str, Any], sees: Sees) -> list[tuple[str, Any]]:
    given = fields.get("audiences")
    own = given if isinstance(given, Mapping) else {}
    # A list of audiences that cannot be read hides everything but the name.
    closed = given is not None and not isinstance(given, Mapping)
    found: list[tuple[str, Any]] = []
    for name, value in fields.items():
        if name in HIDDEN:
            continue
        if name in own or closed:
            audience = own.get(name, ADMINS)
            if not sees_part(sees, audience):
                continue
        else:
            audience = None
        if name in LISTS:
            found.append((name, _visible_items(name, value, audience, sees)))
        elif sees_part(sees, audience or _default(name, value)):
            found.append((name, _rounded(value) if name == "location" else value))
    return found


def _default(name: str, value: Any) -> str:
    audience = value.get("audience") if isinstance(value, Mapping) else None
    return audience or DEFAULT_AUDIENCE.get(name, "public")


def _visible_items(
    name: str, value: Any, audience: Any, sees: Sees
) -> list[Mapping[str, Any]]:
    return [
        {key: part for key, part in item.items() if key != "audience"}
        for item in maps(value)
        if sees_part(sees, item.get("audience", audience or _item_default(name, item)))
    ]


def _item_default(name: str, item: Mapping[str, Any]) -> str:
    """Return the audience of an item that names none."""
    of_item = ITEM_AUDIENCE.get(name)
    return of_item(item) if of_item else DEFAULT_AUDIENCE.get(name, "public")


def _rounded(value: Any) -> Any:
    """Return a place no finer than its precision, None where it shall not show."""
    if not isinstance(value, Mapping):
        return None
    digits = words.PRECISIONS.get(str(value.get("precision", "city")))
    lat, lon = value.get("lat"), value.get("lon")
    if digits is None or not all(
        isinstance(n, int | float) and not isinstance(n, bool) for n in (lat, lon)
    ):
        return None
    return {
        "lat": round(float(str(lat)), digits),
        "lon": round(float(str(lon)), digits),
        "precision": value.get("precision", "city"),
    }


def _status(fields: Mapping[str, Any], today: date) -> str:
    if dates.is_past(fields.get("until"), today) or fields.get("alive") == "dead":
        return "ended"
    return word(fields.get("status"), words.STATUSES) or "active"


def _ask(item: Mapping[str, Any], lang: str, today: date) -> Ask:
    deadline = dates.parse_day(item.get("deadline"))
    status = word(item.get("status"), words.ASK_STATUSES) or "open"
    if status == "open" and deadline is not None and deadline < today:
        status = "expired"
    url = item.get("url")
    return Ask(
        text_of(item.get("text"), lang),
        status,
        deadline,
        tuple(str(who) for who in items(item.get("who"))),
        url if is_url(url) else "",
        text_of(item.get("target"), lang),
        text_of(item.get("source"), lang),
        tuple(short_name(one) for one in items(item.get("concepts"))),
    )


def short_name(reference: Any) -> str:
    """Return the short form of a concept: ``concepts/housing`` is ``housing``."""
    return str(reference).strip().removeprefix("concepts/")


def text_of(value: Any, lang: str) -> str:
    """Return a text, or the one of a language out of a map by language tag."""
    if isinstance(value, Mapping):
        found = value.get(lang) or value.get(lang.partition("-")[0])
        value = found or next((v for v in value.values() if isinstance(v, str)), "")
    return str(value) if isinstance(value, str | int | float) else ""
