"""Looks before they are shown at changes of who is new here, where a wiki wants that.

A change is checked like any other and then kept; somebody who may make it themselves
publishes it, in its author's name, or declines it. Its author can read it until then,
and for a month after it was declined.
"""

from __future__ import annotations

import time

from .access import Access
from .accounts import Accounts
from .config import Config
from .errors import NotAllowed, NotFound, TooManyWait
from .model import names
from .model.actor import Actor
from .model.audience import sees_part
from .model.page import Draft, Page, Redirect
from .newcomers import Newcomers
from .saving import Saved, Saver
from .store.base import Author, Store
from .store.private_proposals import Proposal

NEWCOMERS = "newcomers"
MOST_WAITING = 20  # changes of one account
MOST_OWN = 50  # changes that their author is shown
LOOKED_AT = 500  # rows looked through for one list
MONTH_MS = 30 * 24 * 3_600_000

TEXT_FIRST = (
    "New accounts cannot rename, delete or bring back pages here yet. Change the text: "
    "it is kept for somebody to look at."
)
HELD = "Your change is kept and waits for somebody to look at it."
NOT_YOURS = "Somebody else has to look at this change."


class Reviewing:
    """The changes that wait. A reviewer never learns of what they may not read."""

    def __init__(
        self,
        config: Config,
        store: Store,
        access: Access,
        accounts: Accounts,
        newcomers: Newcomers,
        saver: Saver,
    ) -> None:
        self.on = config.moderation.review == NEWCOMERS
        self._store, self._access, self._accounts = store, access, accounts
        self._newcomers, self._saver = newcomers, saver
        self._rows = accounts.proposals

    def holds(self, actor: Actor) -> bool:
        """Tell whether changes of somebody wait before they are shown."""
        return self.on and self._newcomers.is_one(actor)

    def check_free(self, actor: Actor) -> None:
        """Raise NotAllowed for whose changes wait; not all kinds of them can."""
        if self.holds(actor):
            raise NotAllowed(TEXT_FIRST)

    def keep(self, actor: Actor, draft: Draft, before: Page | None) -> None:
        """Keep a checked draft for somebody to look at; raises TooManyWait."""
        now = _now()
        with self._rows.writing() as at:
            self._rows.forget(at, now - MONTH_MS)
            if self._rows.count(at, actor.id or 0) >= MOST_WAITING:
                raise TooManyWait
            self._rows.add(
                at,
                user=actor.id,
                page=before.id if before else None,
                name=before.name if before else draft.name,
                base=before.n if before else 0,
                text=draft.text,
                comment=" ".join(draft.comment.split())[:500],
                created=now,
            )

    # -- reading

    def waiting(
        self, actor: Actor, after: int, limit: int
    ) -> tuple[list[Proposal], int | None]:
        """Return what waits for an actor to look at, and the id to go on from."""
        found: list[Proposal] = []
        rows = self._rows.waiting(after, LOOKED_AT) if actor.signed_in else []
        for one in rows:
            if self.may_review(actor, one):
                found.append(one)
            if len(found) == limit:
                return found, one.id
        return found, rows[-1].id if len(rows) == LOOKED_AT else None

    def own(self, actor: Actor) -> list[Proposal]:
        """Return what an actor sent that waits or was declined, newest first."""
        return self._rows.of(actor.id, MOST_OWN) if actor.id is not None else []

    def one(self, actor: Actor, id_: int) -> tuple[Proposal, Page | None]:
        """Return a change and its page as it was when it was written on.

        Raises NotFound for what is neither one's own nor for one to look at.
        """
        found = self._rows.get(id_)
        if found is None or (
            found.user != actor.id and not self.may_review(actor, found)
        ):
            raise NotFound
        return found, self._base(actor, found)

    def _base(self, actor: Actor, it: Proposal) -> Page | None:
        if it.page is None:
            return None
        base = self._store.get(it.page, it.base, sees=actor.sees)
        return None if isinstance(base, Redirect) else base

    def may_review(self, actor: Actor, it: Proposal) -> bool:
        """Tell whether somebody may publish or decline a change."""
        if it.declined is not None or it.user == actor.id or self.holds(actor):
            return False
        if not self._saver.sees_whole(actor, it.text):
            return False
        try:
            page = self._page(actor, it)
        except NotFound:
            # Of a page that is gone or hidden by now.
            return False
        right = "edit" if page else "create"
        if not self._access.allows(actor, right, page, it.name):
            return False
        key = page.key if page else names.key(it.name)
        return sees_part(actor.sees, self._saver.audience(key, it.name, it.text))

    def _page(self, actor: Actor, it: Proposal) -> Page | None:
        """Return the page as it is now, None for a new one; raises NotFound."""
        if it.page is None:
            return None
        page = self._store.get(it.page, sees=actor.sees)
        return None if isinstance(page, Redirect) else page

    # -- deciding

    def publish(self, actor: Actor, id_: int) -> Saved:
        """Save a change in its author's name.

        Raises NotFound, NotAllowed, Wider, and what a save raises: Conflict where
        others changed the same parts.
        """
        it = self._to_decide(actor, id_)
        page = self._page(actor, it)
        done = self._saver.save(
            actor,
            Draft(page.name if page else it.name, it.text, it.comment),
            it.base,
            widen=False,
            author=Author(it.user, it.author),
        )
        with self._rows.writing() as at:
            self._rows.drop(at, id_)
        self._note(actor, "review.published", it)
        return done

    def decline(self, actor: Actor, id_: int) -> None:
        """Take a change off the list; its author can still read it for a month."""
        it = self._to_decide(actor, id_)
        with self._rows.writing() as at:
            if not self._rows.decline(at, id_, _now()):
                raise NotFound
        self._note(actor, "review.declined", it)

    def _to_decide(self, actor: Actor, id_: int) -> Proposal:
        it, _ = self.one(actor, id_)
        if it.declined is not None:
            raise NotFound
        if not self.may_review(actor, it):
            raise NotAllowed(NOT_YOURS)
        return it

    def _note(self, actor: Actor, act: str, it: Proposal) -> None:
        self._accounts.audit.note(actor, act, it.name, person=it.author)


def _now() -> int:
    return time.time_ns() // 1_000_000
