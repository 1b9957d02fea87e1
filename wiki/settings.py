"""How a setting is declared, read from text and checked. ``config`` declares them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_TEXT_LIMIT = 500
_KINDS = {str: "text", int: "a whole number", bool: "true or false"}
_LIST = "a list of texts"
_RULE = "wiki.setting"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of a setting besides its name.

    ``least`` and ``most`` bound numbers; ``choices`` are allowed texts (of a list:
    its items). ``check`` returns a sentence about a value, empty when it fits.
    """

    help: str
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    check: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A declared setting; ``key`` is ``section.name``."""

    key: str
    default: Any
    rule: Rule

    @property
    def type(self) -> type:
        return type(self.default)

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return variable_of(self.key)

    @property
    def kind(self) -> str:
        """The type in plain words."""
        return _KINDS.get(self.type, _LIST)


class Misfit(Exception):
    """A value that a setting cannot take; the text says why."""


def setting(default: T, help: str, **rule: Any) -> T:
    """Declare a setting as the field of a section; see Rule for the rest."""
    return dataclasses.field(default=default, metadata={_RULE: Rule(help, **rule)})


def declared(section: str, of: type) -> list[Setting]:
    """Return the settings of a section class."""
    return [
        Setting(f"{section}.{field.name}", field.default, field.metadata[_RULE])
        for field in dataclasses.fields(of)
    ]


def variable_of(key: str) -> str:
    return "WIKI_" + key.replace(".", "_").replace("-", "_").upper()


def from_text(it: Setting, text: str) -> Any:
    """Return the value that a variable's text stands for; raises Misfit."""
    text = text.strip()
    if it.type is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if it.type is bool:
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        raise Misfit(f"must be true or false, not “{_short(text)}”.")
    if it.type is int:
        if len(text) > 18 or not text.removeprefix("-").isdecimal():
            raise Misfit(f"must be a whole number, not “{_short(text)}”.")
        return int(text)
    return text


def checked(it: Setting, value: object) -> Any:
    """Return a value in the setting's type; raises Misfit with the reason."""
    if it.type is tuple and isinstance(value, list | tuple):
        value = tuple(value)
    same = type(value) is it.type
    if not same or (
        isinstance(value, tuple) and not all(isinstance(one, str) for one in value)
    ):
        raise Misfit(f"must be {it.kind}, not {_shown(value)}.")
    _check_range(it.rule, value)
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str):
            _check_text(it.rule, text)
    problem = it.rule.check(value) if it.rule.check else ""
    if problem:
        raise Misfit(problem)
    return value


def _check_range(rule: Rule, value: object) -> None:
    if not isinstance(value, int):
        return
    low, high = rule.least, rule.most
    if (low is not None and value < low) or (high is not None and value > high):
        raise Misfit(f"must be from {low} to {high}, not {value}.")


def _check_text(rule: Rule, text: str) -> None:
    if len(text) > _TEXT_LIMIT or any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise Misfit(f"must be one line of at most {_TEXT_LIMIT} characters.")
    if rule.choices and text not in rule.choices:
        raise Misfit(f"must be one of {', '.join(rule.choices)}, not “{_short(text)}”.")


def nearest(key: str, known: Mapping[str, Any]) -> str:
    """Return a sentence with the known key most like one, or an empty string."""
    found = get_close_matches(key[:200], known, n=1, cutoff=0.6)
    return f" Did you mean “{found[0]}”?" if found else ""


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"“{_short(value)}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return "a list" if isinstance(value, list | tuple) else "a table"


def _short(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 60 else clean[:60] + "…"
