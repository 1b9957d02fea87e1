"""The language of the interface, dates in it, and sentences from below the web."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

from babel import Locale
from flask import current_app, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, get_locale
from flask_babel import gettext as _gettext
from markupsafe import Markup, escape

from wiki.errors import WikiError
from wiki.model.page import Problem
from wiki.search.base import Note

babel = Babel()


def gettext(message: str, **places: Any) -> str:
    """Return a sentence in the language of the request, its places filled."""
    return str(_gettext(message, **places))


RTL = frozenset({"ar", "fa", "he", "ur", "ps", "ckb", "dv", "yi"})


def choose() -> str:
    """Return the language: ``?lang=``, then what the browser asks for, then ours."""
    if not has_request_context():
        return str(current_app.config["WIKI_LANGUAGE"])
    known: list[str] = current_app.config["WIKI_LANGUAGES"]
    asked = request.args.get("lang", "")
    if asked in known:
        return asked
    if not request.accept_languages:
        return str(current_app.config["WIKI_LANGUAGE"])
    found = request.accept_languages.best_match(known)
    return found or str(current_app.config["WIKI_LANGUAGE"])


def direction(tag: str) -> str:
    """Return rtl or ltr for a language tag."""
    return "rtl" if tag.split("-")[0].lower() in RTL else "ltr"


def current() -> str:
    """Return the language of this request, worked out once."""
    tag = getattr(g, "language", None)
    if tag is None:
        tag = g.language = str(get_locale() or "en").replace("_", "-")
    return str(tag)


def own_name(tag: str) -> str:
    """Return what a language calls itself, with a capital."""
    name = Locale.parse(tag, sep="-").get_display_name() or tag
    return name[:1].upper() + name[1:]


def sentence(thing: Problem | Note | WikiError | str) -> str:
    """Return the translated text of a sentence from below the web."""
    if isinstance(thing, str):
        return gettext(thing) if thing else ""
    text = gettext(thing.message)
    return text % thing.params if thing.params else text


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(max(0, min(ms, 253402300799000)) / 1000, UTC)


def when(ms: int) -> Markup:
    """Return a <time> with date and time in the reader's language, UTC."""
    at = moment(ms)
    return _time(at, str(format_datetime(at, "d MMMM y, HH:mm")))


def day(ms: int) -> Markup:
    """Return a <time> with the date in the reader's language, UTC."""
    at = moment(ms)
    return _time(at, str(format_date(at, "d MMMM y")))


def _time(at: datetime, text: str) -> Markup:
    stamp = at.isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(stamp, escape(text))


def audience_words(audience: str) -> str:
    """Return who may see something, in words."""
    known = {
        "public": gettext("Everyone"),
        "members": gettext("Members"),
        "admins": gettext("Administrators"),
    }
    if audience.startswith("group:"):
        return gettext("Members of %(group)s", group=audience[6:])
    return known.get(audience, known["admins"])


def printable(text: str) -> str:
    """Return text without control characters, for terminals and logs."""
    return "".join("�" if unicodedata.category(c) == "Cc" else c for c in text)


FILTERS: dict[str, Any] = {
    "when": when,
    "day": day,
    "sentence": sentence,
    "audience_words": audience_words,
    "direction": direction,
}
