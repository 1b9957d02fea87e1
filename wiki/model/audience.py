"""Who may read something: one word, or several groups, or groups of two places at once.

An audience is a text: ``public``, ``members``, ``admins``, ``group:<name>``, several
groups as ``group:a|group:b`` (whoever is in one of them), and where two bounds meet
``group:a&group:b|group:c`` (whoever satisfies each part between the ``&``). It is
always in its canonical spelling, so that equal audiences are equal texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from .actor import ADMINS, MEMBERS, PUBLIC, Sees

GROUP = "group:"
MOST_GROUPS = 20

_WORDS = (PUBLIC, MEMBERS, ADMINS)
_GROUP = re.compile(r"group:[^\s:|&,][^:|&,\n]{0,99}\Z")
_Clause = frozenset[str]


def read(value: Any) -> str:
    """Return the audience that somebody wrote, "" for none, ``admins`` for nonsense.

    Takes a word, groups separated by commas, or a list of groups. What cannot be
    understood must not open a page: it is for administrators only.
    """
    if value is None:
        return ""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or len(items) > MOST_GROUPS:
        return ADMINS
    words = [_word(item) for item in items]
    if not words or "" in words:
        return ADMINS
    if len(words) == 1 and isinstance(value, str):
        return words[0]
    # In a list all must be groups: “members or group x” says nothing clear.
    if any(word in _WORDS for word in words):
        return ADMINS
    return _spelled([frozenset(words)])


def _word(item: Any) -> str:
    word = " ".join(item.split()) if isinstance(item, str) else ""
    word = unicodedata.normalize("NFC", word)
    if word.lower() in _WORDS:
        return word.lower()
    return word if _GROUP.match(word) else ""


def is_understood(value: Any) -> bool:
    """Tell whether a written audience says what it seems to say."""
    return read(value) != ADMINS or (
        isinstance(value, str) and value.strip().lower() == ADMINS
    )


def both(one: str, other: str) -> str:
    """Return the audience of whoever is in both."""
    if ADMINS in (one, other):
        return ADMINS
    return _spelled([*clauses(one), *clauses(other)])


def clauses(audience: str) -> list[_Clause]:
    """Return the parts that must each be satisfied, each a set of alternatives."""
    return [frozenset(part.split("|")) for part in audience.split("&")]


def _spelled(parts: Iterable[_Clause]) -> str:
    found = {part for part in parts if part != frozenset({PUBLIC})}
    if any(part != frozenset({MEMBERS}) for part in found):
        # Who is in a group is a member.
        found.discard(frozenset({MEMBERS}))
    # A part that another one makes true says nothing.
    found = {part for part in found if not any(other < part for other in found)}
    return "&".join(sorted("|".join(sorted(part)) for part in found)) or PUBLIC


def is_compound(audience: str) -> bool:
    """Tell whether an audience is more than one word."""
    return "|" in audience or "&" in audience


def satisfied(audience: str, by: frozenset[str]) -> bool:
    """Tell whether a set of one-word audiences satisfies an audience."""
    return all(part & by for part in clauses(audience))


def sees_part(sees: Sees, written: Any) -> bool:
    """Tell whether a reader may see a part of a page, given the part's own audience.

    A part whose audience is empty or cannot be understood is for administrators.
    """
    return sees is None or satisfied(read(written) or ADMINS, sees)


def groups(audience: str) -> list[str]:
    """Return the names of all groups that an audience speaks of."""
    words = {word for part in clauses(audience) for word in part}
    return sorted(w.removeprefix(GROUP) for w in words if w.startswith(GROUP))


def is_wider(new: str, old: str) -> bool:
    """Tell whether somebody may be in the new audience who is not in the old one."""
    return both(new, old) != new
