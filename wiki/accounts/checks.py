"""What names, roles, groups and numbers can be given; each refusal is a sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from sqlalchemy import Connection

from ..errors import BadName, BadRequest, NotAllowed
from ..model.actor import ADMIN, ROLES, VISITOR, Actor, rank
from ..store.private import PrivateStore

# Words that stand for audiences; no group can be called so.
RESERVED_GROUPS = frozenset({"public", "members", "admins", "group", "everyone"})

_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_ABOUT = 64, 80, 300
# Joiners that some scripts need inside words.
_JOINERS = frozenset("\u200c\u200d")
# Audiences are spelled with these.
_NOT_IN_GROUPS = frozenset(":,|&")


def name_key(name: str) -> str:
    """Return what names that are the same to a reader have in common."""
    text = unicodedata.normalize("NFKC", " ".join(name[:500].split()))
    return unicodedata.normalize("NFKC", text.casefold())


def clean_name(name: str) -> str:
    """Return a name for an account in its kept spelling; raises BadName."""
    text = _spelled(name)
    if not text or len(text) > _LONGEST_NAME or not name_key(text):
        raise BadName("A name for an account has 1 to 64 characters.")
    if _holds(text, frozenset('/\\<>@,;:"')):
        raise BadName(
            "A name for an account can hold letters, digits, spaces, dots, "
            "dashes and apostrophes."
        )
    # In brackets stands the wiki itself, in histories.
    if text.startswith("("):
        raise BadName("A name for an account cannot start with a bracket.")
    return text


def clean_group(name: str) -> str:
    """Return a name for a group in its kept spelling; raises BadName."""
    text = _spelled(name)
    if not text or len(text) > _LONGEST_NAME or _holds(text, _NOT_IN_GROUPS):
        raise BadName("A group name has 1 to 64 characters, without : , | and &.")
    # It stands in an address, and may be the name of a page like coalitions/x.
    if any(not part.strip(". ") for part in text.split("/")):
        raise BadName(
            "A group name cannot be made of dots alone, nor begin or end with a slash."
        )
    if name_key(text) in RESERVED_GROUPS:
        raise BadName("This word stands for an audience. Choose another name.")
    return text


def _spelled(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name[:500].split()))


def _holds(text: str, refused: frozenset[str]) -> bool:
    """Tell whether a text holds one of some characters, or one nobody can see."""
    for char in text:
        hidden = unicodedata.category(char)[0] == "C" and char not in _JOINERS
        if hidden or char in refused:
            return True
    return False


def need(by: Actor, role: str) -> None:
    """Raise NotAllowed for whoever has not at least this role."""
    if not by.at_least(role):
        raise NotAllowed("Your role does not include this. Ask an administrator.")


def still(store: PrivateStore, at: Connection, by: Actor, role: str) -> None:
    """Raise NotAllowed where somebody lost a right since their request began."""
    if by.id is None:
        return
    user = store.user(by.id, at)
    if user is None or user.state != "open" or rank(user.role) < rank(role):
        raise NotAllowed("Your role does not include this. Ask an administrator.")


def check_role(by: Actor, role: str) -> None:
    """Raise for a role that is none, or above the one of who gives it."""
    if role not in ROLES or role == VISITOR:
        raise BadRequest("There is no such role. Choose one of the list.")
    if rank(role) > rank(by.role):
        raise NotAllowed("You cannot give a role above your own.")


def check_groups(by: Actor, groups: Iterable[str]) -> list[str]:
    """Return the groups by name; raises BadName, NotAllowed."""
    wanted = sorted({clean_group(one) for one in groups})
    if not by.at_least(ADMIN) and not set(wanted) <= by.groups:
        raise NotAllowed("You can invite only to groups that you are in.")
    return wanted


def check_number(number: int, most: int) -> None:
    """Raise BadRequest for a number of days or uses that cannot be."""
    if not 1 <= number <= most:
        raise BadRequest("Choose a number from 1 to %(most)d.", most=most)


def one_line(label: str, most: int = _LONGEST_LABEL) -> str:
    """Return a label somebody typed, cleaned and not too long."""
    plain = "".join(c if c.isprintable() else " " for c in label[: 6 * most])
    return " ".join(plain.split())[:most]


def about_line(text: str) -> str:
    """Return what somebody wrote about a group, on one line."""
    return one_line(text, _LONGEST_ABOUT)
