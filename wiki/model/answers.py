"""What plugins may hand back: checked before the core relies on it.

A dataclass of the contract says itself what its fields are; trees, HTML and page data
are looked at here, with bounds that no honest plugin meets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from . import names
from .page import ERROR, WARNING, Draft, Problem
from .parts import PageContext

MAX_DEPTH = 150  # of a token tree: three times what the parser lets through
MAX_TOKENS = 500_000
MAX_DATA = 1024 * 1024  # characters of page data as JSON
GROWTH, MORE_HTML, MORE_TAGS = 10, 100_000, 10_000

_known: dict[type, dict[str, Any]] = {}  # the annotations of classes seen


class WrongAnswer(TypeError):
    """A plugin answered with something the hook does not allow."""


def check_item(item: Any) -> None:
    """Raise WrongAnswer when a field of a dataclass is not what it is declared."""
    cls = type(item)
    for name, kind in _hints(cls).items():
        if not fits(getattr(item, name), kind):
            raise WrongAnswer(f"{name} of a {cls.__name__} is of a wrong type")
    if isinstance(item, Problem):
        if item.level not in (ERROR, WARNING):
            raise WrongAnswer(f"a Problem is an {ERROR} or a {WARNING}")
        str(item)  # its places can be filled


def _hints(cls: type) -> dict[str, Any]:
    found = _known.get(cls)
    if found is None:
        # Classes that a plugin makes at each call must not fill the memory.
        if len(_known) > 500:
            _known.clear()
        found = _known[cls] = get_type_hints(cls) if is_dataclass(cls) else {}
    return found


def fits(value: Any, kind: Any) -> bool:
    """Tell whether a value is of an annotated type; a list may stand for a tuple."""
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin is Any:
        return True
    if origin is Literal:
        return value in inner
    if origin in (Union, UnionType):
        return any(fits(value, one) for one in inner)
    if origin is Callable:
        return callable(value)
    if origin is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if origin in (tuple, list):
        kinds = (tuple, list) if origin is tuple else list
        return isinstance(value, kinds) and all(fits(one, inner[0]) for one in value)
    return isinstance(value, origin) and all(
        fits(getattr(value, name), one) for name, one in _hints(type(value)).items()
    )


def check_tree(tokens: Sequence[Any]) -> None:
    """Raise WrongAnswer for what is no token tree: circular, too deep, too large."""
    seen = 0
    level: list[Any] = [*tokens]
    for _ in range(MAX_DEPTH):
        seen += len(level)
        if seen > MAX_TOKENS:
            break
        below: list[Any] = []
        for token in level:
            below.extend(_children(token))
            if len(below) > MAX_TOKENS:
                raise WrongAnswer("the tree is too large")
        if not below:
            return
        level = below
    raise WrongAnswer("the tree is too deep or too large")


def _children(token: Any) -> list[Any]:
    if not isinstance(token, dict) or not isinstance(token.get("type"), str):
        raise WrongAnswer("a token must be a dict with a text “type”")
    children = token.get("children", [])
    if not isinstance(children, list):
        raise WrongAnswer("the children of a token must be a list")
    if not isinstance(token.get("raw", ""), str):
        raise WrongAnswer("the raw text of a token must be text")
    if not isinstance(token.get("attrs", {}), dict):
        raise WrongAnswer("the attrs of a token must be a dict")
    return children


def check_html(before: str, html: str) -> None:
    """Raise WrongAnswer for HTML that grew beyond all measure."""
    html.encode()
    if len(html) > GROWTH * len(before) + MORE_HTML:
        raise WrongAnswer("the HTML became much too long")
    if html.count("<") > before.count("<") + MORE_TAGS:
        raise WrongAnswer("the HTML got much too many tags")


def check_draft(before: Draft, draft: Draft) -> None:
    """Raise WrongAnswer or BadName for a draft that could not be saved."""
    check_item(draft)
    names.clean(draft.name)
    if len(draft.text) > GROWTH * len(before.text) + MORE_HTML:
        raise WrongAnswer("the text became much too long")


class PageGuard:
    """Remembers a page's context, to put it back when a plugin spoils it."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._was = {name: getattr(page, name) for name in _hints(PageContext)}
        self._data = json.dumps(page.data)
        self._problems = tuple(page.problems)

    def check(self) -> None:
        """Raise WrongAnswer for data that is no JSON and for junk anywhere else."""
        if not fits(self._page, PageContext):
            raise WrongAnswer("the page was left with a field of a wrong type")
        for problem in self._page.problems:
            check_item(problem)
        made = json.dumps(self._page.data, ensure_ascii=False)
        made.encode()
        if len(made) > max(MAX_DATA, len(self._data)):
            raise WrongAnswer("the data of the page is too large")

    def put_back(self) -> None:
        for field, value in self._was.items():
            setattr(self._page, field, value)
        self._page.data = json.loads(self._data)
        self._page.problems = list(self._problems)
