"""What all of the accounts' duties share: the store, the log, and who is still who."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from ..audit import Audit
from ..errors import Blocked, NotAllowed, NotFound
from ..model.actor import Actor
from ..store.private import PrivateStore
from ..store.private_proposals import ProposalRows
from ..store.private_rows import User
from .checks import name_key
from .groups import Groups

OWN_ACCOUNT = "Sign in with your own account to do this."


class Standing:
    """Accounts as they stand. ``now`` gives milliseconds UTC."""

    def __init__(self, store: PrivateStore, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self.audit = Audit(store, now)
        # Changes that wait to be looked at: see ``wiki.reviewing``.
        self.proposals = ProposalRows(store.database)
        self.groups = Groups(store, self.audit, now)

    def user_id(self, name: str) -> int:
        """Return the id of an account by its name; raises NotFound."""
        user = self._store.user(name_key(name))
        if user is None:
            raise NotFound("There is no account named “%(name)s”.", name=name[:100])
        return user.id

    def opened(self, user_id: int) -> int:
        """Return when an account was opened, in ms UTC; raises NotFound."""
        user = self._store.user(user_id)
        if user is None:
            raise NotFound("There is no such account.")
        return user.created

    def _keep_an_admin(self, at: Connection, user_id: int) -> None:
        admins = [user.id for user in self._store.admins(at)]
        if admins == [user_id]:
            raise NotAllowed(
                "This is the only administrator. Make somebody else one first."
            )

    def _open_user(self, user_id: int, at: Connection | None = None) -> User:
        user = self._store.user(user_id, at)
        if user is None or user.closed is not None:
            raise NotFound("This account does not exist or is closed.")
        return user

    def _own(self, actor: Actor) -> User:
        if actor.blocked:
            raise Blocked("You can read here and change nothing. Ask an administrator.")
        if actor.id is None or actor.scopes is not None:
            raise NotAllowed(OWN_ACCOUNT)
        return self._open_user(actor.id)
