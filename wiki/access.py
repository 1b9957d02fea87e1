"""Who may do what: permissions of roles, and the store as one actor may see it.

Reading rights are audiences and are checked by the store inside its queries
(``sees``); what remains here are the rights to act.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .errors import NotAllowed, SignInNeeded
from .model.actor import ADMIN, EDITOR, MEMBER, MODERATOR, VISITOR, Actor, may_see
from .model.page import Page
from .model.parts import PageType, Permission

CORE = (
    Permission("read", "Read pages", VISITOR),
    Permission("edit", "Change pages", EDITOR),
    Permission("create", "Write new pages", EDITOR),
    Permission("rename", "Rename pages", EDITOR),
    Permission("delete", "Delete pages", EDITOR),
    Permission("restore", "Restore pages and versions", EDITOR),
    Permission("invite", "Invite people", MODERATOR),
    Permission("admin", "Run the wiki", ADMIN),
)

OTHER_RIGHTS = "This is for people with other rights. Ask an administrator."

# What a token's scope allows; a token without the scope cannot, whoever owns it.
SCOPE_OF = {"read": "read", "admin": "admin", "invite": "admin"}


def source_audiences(
    page_type: PageType | None, meta: Mapping[str, Any]
) -> frozenset[str]:
    """Return all audiences that parts of a front matter are for."""
    found = set(_named_audiences(meta, top=True))
    if page_type is not None:
        found |= {one.audience for one in page_type.fields if meta.get(one.name)}
    return frozenset(found)


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


class Access:
    """The rights of roles. ``members_edit`` lets every member write."""

    def __init__(
        self, *, members_edit: bool = False, members_read: bool = False
    ) -> None:
        self._least: Mapping[str, str] = {
            one.name: MEMBER if members_edit and one.least == EDITOR else one.least
            for one in CORE
        }
        # The audience of a page that names none.
        self.default_audience = "members" if members_read else "public"

    def allows(self, actor: Actor, permission: str, page: Page | None = None) -> bool:
        """Tell whether an actor has a right, on a page where one is given."""
        if page is not None and not may_see(actor.sees, page.audience):
            return False
        if actor.scopes is not None:
            needed = SCOPE_OF.get(permission, "write")
            if needed not in actor.scopes:
                return False
        return actor.at_least(self._least.get(permission, ADMIN))

    def check(self, actor: Actor, permission: str, page: Page | None = None) -> None:
        """Raise SignInNeeded for a visitor, NotAllowed for anybody else, or return."""
        if self.allows(actor, permission, page):
            return
        if not actor.signed_in:
            raise SignInNeeded
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
        if actor.sees is None:
            return True
        return source_audiences(page_type, meta) <= actor.sees

    def check_signed_in(self, actor: Actor) -> None:
        """Raise SignInNeeded for a visitor."""
        if not actor.signed_in:
            raise SignInNeeded
