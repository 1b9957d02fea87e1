"""Takes a person out of the wiki: their account, and their name from the history.

What they wrote stays, by “(former member)”. Nothing joins two of their versions.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import ReadOnly
from ..model.actor import SYSTEM, Actor
from ..search import rebuilding
from ..store.base import Store
from .people import People


class Removal:
    """``index`` is the folder of the search index, there or not."""

    def __init__(self, accounts: People, pages: Store, index: Path) -> None:
        self._accounts, self._pages, self._index = accounts, pages, index

    def remove(self, user_id: int, *, by: Actor = SYSTEM) -> None:
        """Remove an account for good; by its owner or an administrator.

        Where something fails, doing it again finishes it. Raises NotAllowed, NotFound,
        Busy, NoSpace, ReadOnly.
        """
        self._accounts.check_removal(user_id, by=by)
        # First, while the account is there to be removed again should this fail.
        self._pages.forget_author(user_id)
        self._accounts.remove_user(user_id, by=by)
        # What was saved meanwhile.
        self._pages.forget_author(user_id)
        self._renew_index()

    def rename(self, actor: Actor, name: str, *, everywhere: bool) -> str:
        """Give oneself another name; ``everywhere``: in older versions, too.

        Returns it. Raises BadName, AccountTaken, NotAllowed.
        """
        name = self._accounts.rename_user(actor, name)
        if everywhere and actor.id is not None:
            self._pages.forget_author(actor.id, name, keep_id=True)
            self._renew_index()
        return name

    def _renew_index(self) -> None:
        """Have the index built anew: its old files hold the name for a while."""
        if not self._index.exists():
            return
        try:
            rebuilding.want(self._index)
        except OSError as error:
            raise ReadOnly from error
