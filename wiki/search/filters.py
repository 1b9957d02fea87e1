"""The filters of a query: ``tag:a type:b lang:es author:"A B" in:x updated:30d``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from wiki.search.base import Filter, Note
from wiki.search.fields import fold_value

# What is typed, and the field it stands for.
FIELDS = {
    "tag": "tags",
    "type": "kind",
    "lang": "lang",
    "author": "author",
    "in": "ns",
    "updated": "updated",
}

# ISO 639-1; three letters are taken as they are (ISO 639-3).
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr "
    "cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu "
    "gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk "
    "kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms "
    "mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro "
    "ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk "
    "tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
)
_LANGUAGES = frozenset(_CODES.split())
_LANGUAGE = re.compile(r"([a-z]{2,3})(-[a-z0-9]{2,8}){0,3}")

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,5})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_FOREVER = 2**62


class BadValue(ValueError):
    """A filter value that means nothing; carries what to tell."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.message)
        self.note = note


def make(field: str, value: str, now: datetime) -> Filter:
    """Return the filter of a typed field; raises BadValue with a note.

    Days begin and end in the time zone of ``now``.
    """
    values = [part.strip() for part in value.split(",") if part.strip()]
    if not values:
        raise BadValue(
            Note(
                "“%(field)s:” has no value and was ignored. "
                "Write one after it, for example %(example)s.",
                {"field": field, "example": f"{field}:{_EXAMPLES[field]}"},
            )
        )
    convert = _CONVERT.get(field)
    if convert is None:
        folded = (fold_value(FIELDS[field], part) for part in values)
        return Filter(FIELDS[field], tuple(folded))
    return Filter(FIELDS[field], tuple(convert(part, now) for part in values))


_EXAMPLES = {
    "tag": "housing",
    "type": "guide",
    "lang": "es",
    "author": '"Ana R"',
    "in": "guides/legal",
    "updated": "2026-03",
}


def _language(text: str, now: datetime) -> str:
    folded = fold_value("lang", text)
    match = _LANGUAGE.fullmatch(folded)
    if not match or (len(match[1]) == 2 and match[1] not in _LANGUAGES):
        raise BadValue(
            Note(
                "“%(value)s” is not a language code, so that filter was ignored. "
                "Write for example lang:es for Spanish.",
                {"value": text},
            )
        )
    return folded


def _span(text: str, now: datetime) -> str:
    try:
        start, end = _bounds(text.strip(), now)
    except (ValueError, OverflowError):
        raise BadValue(
            Note(
                "“%(value)s” is not a date, so that filter was ignored. Write for "
                "example updated:2026-03, updated:>2026-01-15 or updated:30d.",
                {"value": text},
            )
        ) from None
    return f"{start}..{end}"


def _bounds(text: str, now: datetime) -> tuple[int, int]:
    zone = now.tzinfo or UTC
    ago = _AGO.fullmatch(text.lower())
    if ago:
        return _ms(now - timedelta(days=int(ago[1]) * _DAYS[ago[2]])), _FOREVER
    if ".." in text:
        first, _, last = text.partition("..")
        if not first and not last:
            raise ValueError(text)
        start = _period(first, zone)[0] if first else -_FOREVER
        return start, _period(last, zone)[1] if last else _FOREVER
    for sign, bounds in _COMPARE.items():
        if text.startswith(sign):
            return bounds(*_period(text.removeprefix(sign), zone))
    return _period(text, zone)


_COMPARE: dict[str, Callable[[int, int], tuple[int, int]]] = {
    ">=": lambda start, end: (start, _FOREVER),
    "<=": lambda start, end: (-_FOREVER, end),
    ">": lambda start, end: (end, _FOREVER),
    "<": lambda start, end: (-_FOREVER, start),
}


def _period(text: str, zone: tzinfo) -> tuple[int, int]:
    """Return first and end millisecond of a year, a month or a day."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    start = datetime(year, month, day, tzinfo=zone)
    if match[3]:
        end = start + timedelta(days=1)
    elif match[2]:
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    else:
        end = datetime(year + 1, 1, 1, tzinfo=zone)
    return _ms(start), _ms(end)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


_CONVERT: dict[str, Callable[[str, datetime], str]] = {
    "lang": _language,
    "updated": _span,
}
