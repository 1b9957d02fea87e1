"""Checks of front matter against the field declarations of a page type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .page import ERROR, Problem
from .parts import Field

URL = re.compile(r"(https?://|mailto:|tel:|geo:)\S+", re.IGNORECASE)
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?~?|\.\.")


def field_problems(fields: Sequence[Field], meta: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with the declared fields; unknown keys are left alone."""
    found: list[Problem] = []
    for one in fields:
        found.extend(_of_field(one, meta.get(one.name)))
    return found


def _of_field(one: Field, value: Any) -> Iterable[Problem]:
    label = one.label or one.name
    if value is None or value == "" or value == []:
        if one.required:
            yield _error(one, "“%(field)s” is missing. Fill it in.", field=label)
        return
    if one.check is not None:
        yield from one.check(value)
        return
    values = value if one.repeat and isinstance(value, list) else [value]
    for item in values:
        yield from _of_value(one, label, item)


def _of_value(one: Field, label: str, value: Any) -> Iterable[Problem]:
    fits = FITS.get(one.kind)
    if fits is not None and not fits(value):
        yield _error(one, WRONG[one.kind], field=label, value=str(value)[:80])
    elif one.choices and value not in one.choices:
        yield _error(
            one,
            "“%(field)s” must be one of: %(choices)s.",
            field=label,
            choices=", ".join(one.choices),
        )
    elif one.limit and isinstance(value, str) and len(value) > one.limit:
        yield _error(
            one,
            "“%(field)s” has %(size)d characters; %(limit)d is the limit.",
            field=label,
            size=len(value),
            limit=one.limit,
        )


def _error(one: Field, message: str, **params: Any) -> Problem:
    return Problem(ERROR, one.name, message, params=params)


def _is_text(value: Any) -> bool:
    """Return whether a value is text, or texts by language tag."""
    if isinstance(value, dict):
        return all(isinstance(text, str) for text in value.values())
    return isinstance(value, str | int | float) and not isinstance(value, bool)


FITS: dict[str, Callable[[Any], bool]] = {
    "text": _is_text,
    "long": _is_text,
    "choice": lambda v: isinstance(v, str | int),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "date": lambda v: bool(DATE.fullmatch(str(v))),
    "url": lambda v: isinstance(v, str) and bool(URL.fullmatch(v)),
    "page": lambda v: isinstance(v, str),
    "list": lambda v: isinstance(v, list),
    "map": lambda v: isinstance(v, dict),
}

WRONG: dict[str, str] = {
    "text": "“%(field)s” must be text.",
    "long": "“%(field)s” must be text.",
    "choice": "“%(field)s” must be one of the words offered.",
    "number": "“%(field)s” must be a number, not “%(value)s”.",
    "boolean": "“%(field)s” must be true or false, not “%(value)s”.",
    "date": (
        "“%(value)s” is not a date. Write 2017, 2017-01 or 2017-01-20; "
        "add ~ if approximate."
    ),
    "url": "“%(value)s” is not a web address this wiki accepts.",
    "page": "“%(field)s” must be the name of a page.",
    "list": "“%(field)s” must be a list: one line each, with a dash before it.",
    "map": "“%(field)s” must be a set of “key: value” lines.",
}
