"""Who may do what: permissions of roles, and the store as one actor may see it.

Reading rights are audiences and are checked by the store inside its queries
(``sees``); what remains here are the rights to act.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import NotAllowed, SignInNeeded
from .model.actor import ADMIN, EDITOR, MEMBER, MODERATOR, VISITOR, Actor, may_see
from .model.page import Page
from .model.parts import Permission

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

# What a token's scope allows; a token without the scope cannot, whoever owns it.
SCOPE_OF = {"read": "read", "admin": "admin", "invite": "admin"}


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
        raise NotAllowed

    def check_signed_in(self, actor: Actor) -> None:
        """Raise SignInNeeded for a visitor."""
        if not actor.signed_in:
            raise SignInNeeded
