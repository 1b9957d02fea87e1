"""What is kept beside a page so that lists need not read texts: links, tags, fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from wiki.model import names
from wiki.model.page import Facts, LinkTo

MAX_VALUES = 500
MAX_VALUE_LENGTH = 200
MAX_LINKS = 5000
MAX_TAGS = 200


def sound(text: str) -> str:
    """Return a text that can be stored: half characters (YAML can spell them) go."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def sound_facts(facts: Facts) -> Facts:
    """Return facts whose every text can be stored; ``meta`` is seen to by `to_json`."""
    return replace(
        facts,
        title=sound(facts.title),
        kind=sound(facts.kind),
        lang=sound(facts.lang),
        audience=sound(facts.audience),
        tags=tuple(map(sound, facts.tags)),
        links=tuple(LinkTo(sound(it.key), sound(it.kind)) for it in facts.links),
    )


def tag_key(tag: str) -> str:
    """Return what two spellings of one tag have in common."""
    return names.key(" ".join(tag.split()))


def tag_pairs(tags: Iterable[str]) -> dict[str, str]:
    """Return {tag key: tag as first written}."""
    pairs: dict[str, str] = {}
    for tag in tags:
        if (key := tag_key(tag)) and len(pairs) < MAX_TAGS:
            pairs.setdefault(key, tag)
    return pairs


def link_pairs(facts: Facts) -> list[tuple[str, str]]:
    """Return the (key, kind) pairs a page links to, each once."""
    pairs = dict.fromkeys((link.key, link.kind) for link in facts.links)
    return list(pairs)[:MAX_LINKS]


def field_pairs(facts: Facts) -> list[tuple[str, str]]:
    """Return (field, value) pairs of a typed page, for `Store.records`."""
    if not facts.kind:
        return []
    pairs: dict[tuple[str, str], None] = {}
    for field, value in facts.meta.items():
        many = value if isinstance(value, list | tuple) else (value,)
        for item in many:
            text = as_text(item)
            if text is not None and len(text) <= MAX_VALUE_LENGTH:
                pairs[sound(str(field)), sound(text)] = None
    return list(pairs)[:MAX_VALUES]


def as_text(value: object) -> str | None:
    """Return a scalar the way a query names it, None for anything else."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return None


def to_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_plain, separators=(",", ":"))
    return sound(text)


def _plain(value: object) -> Any:
    """Return what JSON can hold of a front matter value: dates as text."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return as_text(value) if as_text(value) is not None else str(value)
