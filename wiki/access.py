"""Who may do what: permissions of roles, rules on areas, and what a reader sees.

Reading rights are audiences and are checked by the store inside its queries
(``sees``); what remains here are the rights to act, and what makes up ``sees``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import Blocked, NotAllowed, SignInNeeded
from .model import audience, names
from .model.actor import (
    ADMIN,
    ADMINS,
    EDITOR,
    MEMBER,
    MODERATOR,
    SYSTEM,
    VISITOR,
    Actor,
    Sees,
    may_see,
)
from .model.page import Page
from .model.parts import Field, PageType, Permission
from .model.rules import ROOT, Rule, Rules, may_edit
from .store.base import Author, Store

CORE = (
    Permission("read", "Read pages", VISITOR),
    Permission("edit", "Change pages", EDITOR),
    Permission("create", "Write new pages", EDITOR),
    Permission("rename", "Rename pages", EDITOR),
    Permission("delete", "Delete pages", EDITOR),
    Permission("restore", "Restore pages and versions", EDITOR),
    Permission("invite", "Invite people", MODERATOR),
    Permission("moderate", "Undo all changes of a person, block people", MODERATOR),
    Permission("admin", "Run the wiki", ADMIN),
)
# The rights that rules on areas give and take.
IN_AREAS = frozenset({"edit", "create", "rename", "delete", "restore"})

OTHER_RIGHTS = "This is for people with other rights. Ask an administrator."

# What a token's scope allows; a token without the scope cannot, whoever owns it.
SCOPE_OF = {"read": "read", "admin": "admin", "invite": "admin", "moderate": "admin"}

_MOST_KEPT = 1000


def source_audiences(
    page_type: PageType | None, meta: Mapping[str, Any]
) -> frozenset[str]:
    """Return all audiences that parts of a front matter are for."""
    found = set(_named_audiences(meta, top=True))
    for one in page_type.fields if page_type is not None else ():
        value = meta.get(one.name)
        if value:
            found |= {one.audience, *_of_items(one, value)}
    return frozenset(found)


def _of_items(field: Field, value: Any) -> Iterator[str]:
    """Yield the audiences that a field's items have by their nature."""
    if field.item_audience is None:
        return
    for item in value if isinstance(value, list) else [value]:
        try:
            yield field.item_audience(item)
        except Exception:  # a plugin's; what cannot be told is closed
            yield ADMINS


def _named_audiences(value: Any, *, top: bool = False) -> Iterator[str]:
    """Yield what ``audience`` and ``audiences`` keys say, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from _named_audiences(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "audience" and not top:
                yield str(item)
            elif key == "audiences" and isinstance(item, Mapping):
                yield from map(str, item.values())
            else:
                yield from _named_audiences(item)


def set_default(store: Store, read: str, *, widen: bool) -> None:
    """Make a store's pages that name no audience be for ``read``.

    Without ``widen`` they are not opened to more people than until now: a command
    that is run without the settings of the server must open nothing.
    """
    root = store.rules().at(ROOT)
    if root is not None and root.read == read:
        return
    if root is None or widen or not audience.is_wider(read, root.read):
        store.set_rule(ROOT, Rule(ROOT, read), Author(None, SYSTEM.name))


@dataclass(frozen=True, slots=True)
class _Book:
    """The rules and audiences of a store at one state of it."""

    mark: int
    version: tuple[int, int]
    rules: Rules
    compounds: tuple[str, ...]
    readers: dict[Sees, Sees]
    writers: dict[tuple[str, frozenset[str]], bool]


class Access:
    """The rights of roles and areas. ``members_edit`` lets every member write."""

    def __init__(self, store: Store, *, members_edit: bool = False) -> None:
        self._store = store
        self._least: Mapping[str, str] = {
            one.name: MEMBER if members_edit and one.least == EDITOR else one.least
            for one in CORE
        }
        self._kept: _Book | None = None

    @property
    def rules(self) -> Rules:
        """The rules as they are now, in any process."""
        return self._book().rules

    def _book(self) -> _Book:
        mark, kept = self._store.change_mark(), self._kept
        if kept is not None and kept.mark == mark:
            return kept
        stamps = self._store.stamps()
        version = stamps.get("rules", 0), stamps.get("audiences", 0)
        if kept is not None and kept.version == version:
            kept = replace(kept, mark=mark)
        else:
            compounds = tuple(self._store.audiences())
            kept = _Book(mark, version, self._store.rules(), compounds, {}, {})
        self._kept = kept
        return kept

    def reader(self, actor: Actor) -> Actor:
        """Return an actor who sees the audiences of several parts, too.

        Whoever asks a store for an actor needs this first; without it, less is seen.
        """
        book = self._book()
        if actor.sees is None or not book.compounds:
            return actor
        sees = book.readers.get(actor.sees)
        if sees is None:
            more = [x for x in book.compounds if audience.satisfied(x, actor.sees)]
            sees = actor.sees | frozenset(more)
            if len(book.readers) >= _MOST_KEPT:
                book.readers.clear()
            book.readers[actor.sees] = sees
        return replace(actor, sees=sees)

    def allows(
        self, actor: Actor, permission: str, page: Page | None = None, name: str = ""
    ) -> bool:
        """Tell whether an actor has a right: on a page, at a name, or anywhere."""
        if page is not None and not may_see(actor.sees, page.audience):
            return False
        if actor.scopes is not None:
            needed = SCOPE_OF.get(permission, "write")
            if needed not in actor.scopes:
                return False
        by_role = actor.at_least(self._least.get(permission, ADMIN))
        if permission not in IN_AREAS:
            return by_role
        key = page.key if page is not None else names.key(name)
        if not key:
            return by_role or self._edits_somewhere(actor)
        rule = self.rules.for_editing(key)
        return by_role if rule is None else may_edit(actor, rule.edit)

    def _edits_somewhere(self, actor: Actor) -> bool:
        """Tell whether some rule lets an actor write who could not without it."""
        writers, key = self._book().writers, (actor.role, actor.groups)
        if key not in writers:
            if len(writers) >= _MOST_KEPT:
                writers.clear()
            rules = self.rules.all()
            writers[key] = any(r.edit and may_edit(actor, r.edit) for r in rules)
        return writers[key]

    def check(
        self, actor: Actor, permission: str, page: Page | None = None, name: str = ""
    ) -> None:
        """Raise SignInNeeded for a visitor, NotAllowed for anybody else, or return."""
        if self.allows(actor, permission, page, name):
            return
        if not actor.signed_in:
            raise SignInNeeded
        if actor.blocked:
            raise Blocked
        if page is None:
            raise NotAllowed(OTHER_RIGHTS)
        raise NotAllowed

    @staticmethod
    def sees_source(
        actor: Actor, page_type: PageType | None, meta: Mapping[str, Any]
    ) -> bool:
        """Tell whether an actor may read a whole source text, front matter included.

        Fields and items may be for fewer people than their page; the source shows
        all of them at once, so it is for those who may see each.
        """
        parts = source_audiences(page_type, meta)
        return all(audience.sees_part(actor.sees, part) for part in parts)

    def check_signed_in(self, actor: Actor) -> None:
        """Raise SignInNeeded for a visitor."""
        if not actor.signed_in:
            raise SignInNeeded
