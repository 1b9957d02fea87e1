"""The last step of every rendering: HTML cut down to an explicit list (R1).

Whatever a renderer, a pass or a plugin did wrong before ends here. Elements, their
attributes, classes, schemes and ids are listed; everything else goes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Any

import nh3

from .code import CLASSES as CODE_CLASSES
from .links import SCHEMES, read_url

TAGS = frozenset(
    (
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "br"),
        *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "section", "div"),
        *("table", "thead", "tbody", "tr", "th", "td", "caption"),
        *("a", "img", "figure", "figcaption", "input", "span", "time", "wbr"),
        *("em", "strong", "del", "ins", "mark", "sub", "sup", "small", "code", "kbd"),
        *("samp", "abbr", "dfn", "bdi", "bdo", "ruby", "rt", "rp"),
    )
)
# Their text is not for reading either.
DROPPED = frozenset(("script", "style", "template", "noscript", "iframe", "title"))

_ANY = {"id", "title", "lang", "dir", "aria-label"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": _ANY,
    "a": {"href", "aria-describedby"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "time": {"datetime"},
    "details": {"open"},
    "input": {"checked", "disabled"},
}
VALUES: dict[str, dict[str, set[str]]] = {
    "a": {"rel": {"noopener noreferrer nofollow ugc"}},
    "input": {"type": {"checkbox"}},
    "th": {"scope": {"col", "row"}},
    "div": {"role": {"region"}, "tabindex": {"0"}},
    "pre": {"tabindex": {"0"}},
}
ALIGN = {"align-left", "align-center", "align-right"}
CLASSES: dict[str, set[str]] = {
    "a": {"missing", "term", "external", "back", "file"},
    "li": {"task"},
    "ul": {"tasks"},
    "div": {
        "table-scroll",
        "alert",
        "alert-note",
        "alert-tip",
        "alert-important",
        "alert-warning",
        "alert-caution",
        "notice",
    },
    "p": {"alert-title"},
    "pre": {"code", "source"},
    "section": {"footnotes"},
    "sup": {"note"},
    "th": ALIGN,
    "td": ALIGN,
    "span": {"refused", "hint", *CODE_CLASSES},
}
ID_PREFIXES = ("h-", "fn-", "fnref-", "t-")

_ID = re.compile(r"[^\s\"'<>&=`\x00-\x20]{1,200}\Z")
_CLASS = re.compile(r"[a-z0-9-]{1,80}\Z")
_OWN = re.compile(r"[/#][^\s\"<>\\]*\Z")
_NUMBER = re.compile(r"[0-9]{1,5}\Z")
_LANG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")
_DATE = re.compile(r"[0-9T:.+Z-]{4,40}\Z")
_SURROGATES = re.compile("[\ud800-\udfff]")


def _number(value: str) -> str | None:
    return value if _NUMBER.match(value) else None


def _id(value: str) -> str | None:
    if not _ID.match(value):
        return None
    return value if value.startswith(ID_PREFIXES) else f"x-{value}"


def _href(value: str) -> str | None:
    kind = read_url(value, "").kind
    if kind == "external":
        return value
    return value if kind != "bad" and _OWN.match(value) else None


def _src(value: str) -> str | None:
    """Own files only: a path from the root, never another host."""
    own = _OWN.match(value) and read_url(value, "", True).kind in ("file", "route")
    return value if own else None


_FILTERS = {
    "id": _id,
    "href": _href,
    "src": _src,
    "aria-describedby": lambda v: v if _ID.match(v) else None,
    "dir": lambda v: v if v in ("ltr", "rtl", "auto") else None,
    "lang": lambda v: v if _LANG.match(v) else None,
    "datetime": lambda v: v if _DATE.match(v) else None,
    "width": _number,
    "height": _number,
    "start": _number,
    "colspan": _number,
    "rowspan": _number,
}


def _filter(tag: str, name: str, value: str) -> str | None:
    check = _FILTERS.get(name)
    return check(value) if check else value


def _cleaner(**classes: Any) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        strip_comments=True,
        link_rel=None,
        tag_attribute_values=VALUES,
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
        url_schemes=set(SCHEMES),
        generic_attribute_prefixes=set(),
        **classes,
    )


_CLEANER = _cleaner(
    attributes=ATTRIBUTES, attribute_filter=_filter, allowed_classes=CLASSES
)


@lru_cache(maxsize=64)
def _cleaner_with(beginnings: frozenset[str]) -> nh3.Cleaner:
    """Return a cleaner that also keeps classes that begin in one of these ways."""
    starts = tuple(beginnings)

    def check(tag: str, name: str, value: str) -> str | None:
        if name != "class":
            return _filter(tag, name, value)
        fixed = CLASSES.get(tag, set())
        kept = (
            one
            for one in value.split()
            if one in fixed or (one.startswith(starts) and _CLASS.match(one))
        )
        return " ".join(kept) or None

    attributes = {**ATTRIBUTES, "*": _ANY | {"class"}}
    return _cleaner(attributes=attributes, attribute_filter=check)


def clean(html: str, beginnings: frozenset[str] = frozenset()) -> str:
    """Return HTML with nothing in it that is not on the list.

    Classes that begin in one of the given ways are kept too, on any element.
    """
    cleaner = _cleaner_with(beginnings) if beginnings else _CLEANER
    try:
        return str(cleaner.clean(html))
    except UnicodeEncodeError:
        return str(cleaner.clean(_SURROGATES.sub("\ufffd", html)))


def as_text(text: str) -> str:
    """Return HTML that shows a text as the characters it is."""
    return escape(_SURROGATES.sub("\ufffd", text))
