"""Blocking: who may read and no more, until somebody lets them write again."""

from __future__ import annotations

from sqlalchemy import Connection

from ..errors import NotAllowed, NotFound
from ..model.actor import ADMIN, MODERATOR, Actor, rank
from ..store.private_rows import User
from .checks import need, still
from .standing import Standing


class Blocking(Standing):
    """Accounts that are blocked. Credentials see to it in every process."""

    def block(self, user_id: int, *, by: Actor) -> None:
        """Let an account read and no more, in every process, from now on.

        For administrators; moderators block who is below them. Raises NotAllowed,
        NotFound.
        """
        with self._store.writing() as at:
            user = self._to_judge(at, user_id, by)
            if user.blocked is not None:
                return
            self._keep_an_admin(at, user_id)
            self._store.change_user(at, user_id, blocked=self._now())
            self.audit.note(by, "account.blocked", user.name, at=at)

    def unblock(self, user_id: int, *, by: Actor) -> None:
        """Let an account do again what its role allows; see :meth:`block`."""
        with self._store.writing() as at:
            user = self._to_judge(at, user_id, by)
            if user.blocked is None:
                return
            self._store.change_user(at, user_id, blocked=None)
            self.audit.note(by, "account.unblocked", user.name, at=at)

    def account(self, user_id: int, *, by: Actor) -> User:
        """Return an account, closed or not, to those who moderate.

        Raises NotAllowed, NotFound.
        """
        need(by, MODERATOR)
        user = self._store.user(user_id)
        if user is None:
            raise NotFound("There is no such account.")
        return user

    def is_blocked(self, user_id: int) -> bool:
        user = self._store.user(user_id)
        return user is not None and user.blocked is not None

    def may_block(self, by: Actor, user_id: int) -> bool:
        """Tell whether somebody may block, or unblock, an account."""
        user = self._store.user(user_id)
        if user is None or user.closed is not None or not by.at_least(MODERATOR):
            return False
        return user.id != by.id and _is_below(user, by)

    def _to_judge(self, at: Connection, user_id: int, by: Actor) -> User:
        need(by, MODERATOR)
        still(self._store, at, by, MODERATOR)
        user = self._open_user(user_id, at)
        if user.id == by.id:
            raise NotAllowed("You cannot block yourself.")
        if not _is_below(user, by):
            raise NotAllowed(
                "Moderators can block members and editors. Ask an administrator."
            )
        return user


def _is_below(user: User, by: Actor) -> bool:
    return by.at_least(ADMIN) or rank(user.role) < rank(by.role)
