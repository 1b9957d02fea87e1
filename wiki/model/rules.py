"""Rules on areas: who reads and who changes the pages below a folder, or one page.

The nearest rule decides: the one of the page itself, else of the folder it is in,
else of the folder above, up to the whole wiki. A page may be for fewer people than
its area, never for more; only where no area has a rule, the page's own word counts
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import audience, names
from .actor import ADMIN, PUBLIC, ROLES, Actor

ROOT = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``area`` is "" (all pages), a folder ("guides/") or a page's name.

    ``read`` is an audience, ``edit`` a role or groups as an audience spells them;
    either is "" where the area above decides.
    """

    area: str
    read: str = ""
    edit: str = ""

    @property
    def key(self) -> str:
        return area_key(self.area)


def clean_area(text: str) -> str:
    """Return an area as it is kept; ``guides/*`` and ``guides/`` are one. BadName."""
    text = text.strip()
    if text in ("", "*", "/", "/*"):
        return ROOT
    folder = text.endswith(("/", "/*"))
    name = names.clean(text.removesuffix("*").removesuffix("/"))
    return f"{name}/" if folder else name


def area_key(area: str) -> str:
    """Return what two spellings of an area have in common."""
    if not area.endswith("/"):
        return names.key(area) if area else ROOT
    return names.key(area[:-1]) + "/"


def places(key: str) -> Iterator[str]:
    """Yield the keys of the areas a page is in, the nearest first, but the root's."""
    yield key
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key + "/"


class Rules:
    """All rules of a wiki; a question costs a look for each folder above a page."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._by_key = {rule.key: rule for rule in rules}

    def all(self) -> list[Rule]:
        """Return the rules in the order of their areas."""
        return [self._by_key[key] for key in sorted(self._by_key)]

    def at(self, area: str) -> Rule | None:
        return self._by_key.get(area_key(area))

    def changed(self, rule: Rule | None, area: str) -> Rules:
        """Return the rules with one put in an area's place, or with none there."""
        rest = [one for one in self._by_key.values() if one.key != area_key(area)]
        return Rules([*rest, rule] if rule is not None else rest)

    def for_reading(self, key: str) -> Rule | None:
        """Return the nearest rule that says who reads a page, but the root's."""
        for place in places(key):
            rule = self._by_key.get(place)
            if rule is not None and rule.read:
                return rule
        return None

    def for_editing(self, key: str) -> Rule | None:
        """Return the nearest rule that says who changes a page."""
        for place in (*places(key), ROOT):
            rule = self._by_key.get(place)
            if rule is not None and rule.edit:
                return rule
        return None

    @property
    def default(self) -> str:
        """The audience of a page that names none, in no area with a rule."""
        root = self._by_key.get(ROOT)
        return (root.read if root else "") or PUBLIC

    def audience(self, key: str, own: str) -> str:
        """Return who reads a page, given the audience that it names itself or ""."""
        rule = self.for_reading(key)
        if rule is None:
            return own or self.default
        return audience.both(own, rule.read) if own else rule.read


def may_edit(actor: Actor, who: str) -> bool:
    """Tell whether somebody is among those whom a rule lets change pages."""
    if actor.at_least(ADMIN):
        return True
    if who in ROLES:
        return actor.at_least(who)
    return any(group in actor.groups for group in audience.groups(who))
