"""What a page's text says about the page: its title, kind, audience, tags, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import BadName
from ..model import audience, names
from ..model.actor import ADMINS
from ..model.page import Facts, LinkTo
from . import links, text
from .front import Front
from .parse import Tree

TAGS, TAG_LENGTH, TITLE_LENGTH = 50, 60, 200

_LANG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,4}\Z", re.I)
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,59}\Z")


def describe(name: str, front: Front, tree: Tree) -> Facts:
    """Return what a text says of its page; the audience is "" where it names none.

    The title is the field ``title``, else a level-1 heading that begins the page,
    else the last part of the name.
    """
    data = front.data
    title = _line(data.get("title"))
    title = title or text.first_heading(tree.tokens) or _readable(name)
    return Facts(
        title=title[:TITLE_LENGTH],
        kind=_kind(data.get("type")),
        lang=_lang(data.get("lang")),
        audience=_audience(front),
        tags=_tags(data.get("tags")),
        links=tuple(dict.fromkeys(_links(tree, name))),
        meta=data,
    )


def _line(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())


def _readable(name: str) -> str:
    last = name.rpartition("/")[2]
    words = last.replace("-", " ").replace("_", " ")
    words = " ".join(words.split()) or last
    return words[:1].upper() + words[1:]


def _kind(value: Any) -> str:
    kind = value.strip().lower() if isinstance(value, str) else ""
    return kind if _KIND.match(kind) else ""


def _lang(value: Any) -> str:
    lang = value.strip() if isinstance(value, str) else ""
    return lang if _LANG.match(lang) else ""


def _audience(front: Front) -> str:
    """Return who may read; what cannot be read or known must not open a page."""
    if front.problems and "audience" in front.raw:
        return ADMINS
    return audience.read(front.data.get("audience"))


def _tags(value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        items = [items]
    tags = (_line(item)[:TAG_LENGTH].strip() for item in items)
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:TAGS]


def _links(tree: Tree, page_name: str) -> Iterator[LinkTo]:
    for target in links.targets(tree.tokens, page_name):
        if target.kind not in ("page", "file", "prefixed"):
            continue
        kind = "file" if target.kind == "file" else "page"
        try:
            yield LinkTo(names.key(names.clean(target.name)), kind)
        except BadName:
            continue
