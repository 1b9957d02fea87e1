"""The language of the interface, dates in it, and sentences from below the web."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_datetime
from flask import current_app, g, has_request_context, request
from flask_babel import Babel, get_translations
from markupsafe import Markup, escape

from wiki.errors import WikiError
from wiki.model import audience as audiences
from wiki.model.page import Problem
from wiki.model.times import DAY, MINUTE, moment
from wiki.search.base import Note

babel = Babel()


def gettext(message: str, **places: Any) -> str:
    """Return a sentence in the language of the request, its places filled."""
    # The empty message is the catalog's own header.
    text = str(catalog().gettext(message)) if message else ""
    return text % places if places else text


def markup(message: str, **places: Any) -> Markup:
    """Return what ``{% trans %}`` says: HTML of the template, its places escaped."""
    text = Markup(catalog().gettext(message) if message else "")
    return text % places if places or "%" in text else text


def words(message: str, **places: Any) -> Markup:
    """Return ``_("…")`` of a template: escaped, since it may say typed text."""
    kept = _sentences(current())
    text = kept.get(message)
    if text is None:
        text = escape(catalog().gettext(message) if message else "")
        if len(kept) < MAX_SENTENCES and len(message) < MAX_SENTENCE:
            kept[message] = text
    return text % places if places else text.replace("%%", "%")


def ngettext(one: str, many: str, num: int, **places: Any) -> str:
    """Return the right one of two sentences, its places filled."""
    text = str(catalog().ngettext(one, many, num))
    return text % {"num": num, **places}


def plural_markup(one: str, many: str, num: int, **places: Any) -> Markup:
    """Return the right one of two sentences for a template."""
    text = Markup(catalog().ngettext(one, many, num))
    return text % {"num": num, **places}


def catalog() -> Any:
    """Return the translations for the language of this request."""
    found = getattr(g, "catalog", None)
    if found is None:
        kept: dict[str, Any] = current_app.extensions["wiki.catalogs"]
        tag = current()
        if tag not in kept:
            kept[tag] = get_translations()
        found = g.catalog = kept[tag]
    return found


def _sentences(tag: str) -> dict[str, Markup]:
    kept: dict[str, dict[str, Markup]] = current_app.extensions["wiki.sentences"]
    return kept.setdefault(tag, {})


# Translated words kept for each language: none that somebody made up is kept.
MAX_SENTENCES, MAX_SENTENCE = 4000, 300

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
        tag = g.language = choose()
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


def of_change(ms: int) -> int:
    """Return the time of a change as this wiki tells it (privacy.time_in_history)."""
    step: int = current_app.config["WIKI_TIME_STEP"]
    return ms - ms % step


def when(ms: int) -> Markup:
    """Return a <time> of a change in the reader's language, UTC, as coarse as told."""
    if current_app.config["WIKI_TIME_STEP"] == DAY:
        return day(ms)
    return exactly(of_change(ms))


def exactly(ms: int) -> Markup:
    """Return a <time> to the minute, for what is no change of a page."""
    return _time(ms // MINUTE, "d MMMM y, HH:mm", "minutes", current())


def day(ms: int) -> Markup:
    """Return a <time> with the date in the reader's language, UTC."""
    return _time(ms // DAY * (DAY // MINUTE), "d MMMM y", "", current())


@lru_cache(maxsize=4096)
def _time(minute: int, form: str, spec: str, tag: str) -> Markup:
    at = moment(minute * MINUTE)
    text = format_datetime(at, form, locale=Locale.parse(tag, sep="-"))
    stamp = at.isoformat(timespec=spec) if spec else at.date().isoformat()
    return Markup('<time datetime="{}">{}</time>').format(stamp, escape(text))


def audience_words(audience: str) -> str:
    """Return who may see something, in words."""
    known = {
        "public": gettext("Everyone"),
        "members": gettext("Members"),
        "admins": gettext("Administrators"),
    }
    if audience.startswith("group:"):
        # Where two bounds meet, whoever is in one group of each.
        parts = [
            gettext(" or ").join(sorted(word.removeprefix("group:") for word in part))
            for part in audiences.clauses(audience)
        ]
        both = gettext(", and also of ").join(parts)
        return gettext("Members of %(group)s", group=both)
    return known.get(audience, known["admins"])


FILTERS: dict[str, Any] = {
    "when": when,
    "day": day,
    "exactly": exactly,
    "sentence": sentence,
    "audience_words": audience_words,
    "direction": direction,
}
