"""How a setting is declared, read from text and checked. ``sections`` declares them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any, TypeVar

T = TypeVar("T")

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_TEXT_LIMIT = 500
_KINDS = {str: "text", int: "a whole number", bool: "true or false", float: "a number"}
_LIST = "a list of texts"
_RULE = "wiki.setting"
_WHAT = "%(what)s"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of a setting besides its name.

    ``label`` names it in a form. ``least`` and ``most`` bound numbers; ``choices`` are
    allowed texts (of a list: its items), ``words`` what each is called in a form.
    ``check`` returns what is wrong with a value: a sentence that begins with
    ``%(what)s``, or a Misfit. ``look_twice`` says what a dangerous value makes true.

    ``restart``: takes effect at the next start. ``file_only``: belongs to whoever runs
    the machine, not to the administrators in the browser. ``secret``: comes from the
    environment only and is never shown. ``with_secret`` names the secret that is sent
    to the place which this setting names: who cannot read it must not redirect it.
    """

    help: str
    label: str = ""
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    check: Callable[[Any], str | Misfit | None] | None = None
    look_twice: Mapping[Any, str] = field(default_factory=dict)
    restart: bool = False
    file_only: bool = False
    secret: bool = False
    with_secret: str = ""

    @property
    def in_browser(self) -> bool:
        """Tell whether administrators may change it in the browser."""
        return not (self.file_only or self.secret)


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
    """A value that a setting cannot take.

    ``message`` says why and begins with ``%(what)s``; ``params`` fill its places.
    """

    def __init__(self, message: str, **params: Any) -> None:
        if not message.startswith(_WHAT):
            message = f"{_WHAT} {message}"
        self.message, self.params = message, params
        super().__init__(message)

    def about(self, what: str) -> str:
        """Return the sentence about ``what``."""
        return self.message % {"what": what, **self.params}


def setting(default: T, help: str, **rule: Any) -> T:
    """Declare a setting as the field of a section; see Rule for the rest."""
    made = Rule(help, **rule)
    return dataclasses.field(
        default=default, repr=not made.secret, metadata={_RULE: made}
    )


def declared(section: str, of: type) -> list[Setting]:
    """Return the settings of a section class."""
    return [
        Setting(
            f"{section}.{field.name.rstrip('_')}", field.default, field.metadata[_RULE]
        )
        for field in dataclasses.fields(of)
    ]


def attribute(name: str) -> str:
    """Return the field of a setting: “from” is a word of the language, so “from_”."""
    return f"{name}_" if iskeyword(name) else name


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
        raise Misfit(
            "%(what)s must be true or false, not “%(value)s”.", value=_short(text)
        )
    if it.type is int:
        if len(text) > 18 or not text.removeprefix("-").isdecimal():
            raise Misfit(
                "%(what)s must be a whole number, not “%(value)s”.", value=_short(text)
            )
        return int(text)
    if it.type is float:
        if not _NUMBER.fullmatch(text):
            raise Misfit(
                "%(what)s must be a number, not “%(value)s”.", value=_short(text)
            )
        return float(text)
    return text


def checked(it: Setting, value: object) -> Any:
    """Return a value in the setting's type; raises Misfit with the reason."""
    if it.type is tuple and isinstance(value, list | tuple):
        value = tuple(value)
    same = type(value) is it.type
    if not same or (
        isinstance(value, tuple) and not all(isinstance(one, str) for one in value)
    ):
        raise Misfit(
            "%(what)s must be %(kind)s, not %(value)s.",
            kind=it.kind,
            value=_shown(value),
        )
    _check_range(it.rule, value)
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str):
            _check_text(it.rule, text)
    problem = it.rule.check(value) if it.rule.check else None
    if problem:
        raise problem if isinstance(problem, Misfit) else Misfit(problem)
    return value


def _check_range(rule: Rule, value: object) -> None:
    if not isinstance(value, int):
        return
    low, high = rule.least, rule.most
    if (low is not None and value < low) or (high is not None and value > high):
        raise Misfit(
            "%(what)s must be from %(least)s to %(most)s, not %(value)s.",
            least=low,
            most=high,
            value=value,
        )


def _check_text(rule: Rule, text: str) -> None:
    if len(text) > _TEXT_LIMIT or any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise Misfit(
            "%(what)s must be one line of at most %(limit)s characters.",
            limit=_TEXT_LIMIT,
        )
    if rule.choices and text not in rule.choices:
        raise Misfit(
            "%(what)s must be one of %(choices)s, not “%(value)s”.",
            choices=", ".join(rule.choices),
            value=_short(text),
        )


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
