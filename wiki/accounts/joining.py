"""Joining without an invitation: at once, or once an administrator agrees."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ..errors import Busy, NotAllowed, NotFound, NotValid
from ..model.actor import ADMIN, Actor
from ..model.page import ERROR, Problem
from ..store.private_joining import Waiting
from ..store.private_rows import User
from .checks import check_role, need, still
from .credentials import DAY_MS
from .invitations import Inviting, usable
from .links import check_email

OPEN, APPROVE = "open", "approve"
LONGEST_ABOUT = 500

_MOST_WAITING = 200
# After so many days without an answer a request is forgotten (P9).
WAITING_DAYS = 60


class WaitingFull(Busy):
    sentence = (
        "More people wait to be let in than the administrators can look at. Come back "
        "in a few days. What you typed is still here, and nothing was kept."
    )


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody typed to join without an invitation."""

    name: str
    password: str = ""
    about: str = ""
    email: str = ""


class Joining(Inviting):
    """Open registration, and people who wait."""

    # -- by oneself

    @property
    def join_mode(self) -> str:
        """How people join by themselves: open, approve, or "" for not at all."""
        mode = self._config.access.join
        # Whoever waits comes back with a password; without, they never could.
        possible = mode == OPEN or (mode == APPROVE and self.passwords_on())
        return mode if possible else ""

    def apply(self, form: Application, address: str = "") -> str | None:
        """Open an account without an invitation; return the secret of its session.

        None where an administrator has to let the person in first. Raises NotAllowed,
        NameUnusable, NotValid, TooMany, Busy.
        """
        if not self.join_mode:
            raise NotAllowed(
                "Joining needs an invitation. Ask somebody who has an account."
            )
        self._arrivals.try_to_join(address)
        check_about(form.about)
        check_email(form.email)
        kept = self._first_password(form.password, form.name)
        waits = self.join_mode == APPROVE
        with self._store.writing() as at:
            user_id = self._add_applicant(at, form, kept, waits=waits)
            self._arrivals.joined(address)
            return None if waits else self._begin(at, user_id)

    def _add_applicant(
        self, at: Connection, form: Application, kept: str | None, *, waits: bool
    ) -> int:
        """Add whoever comes without an invitation; raises NameUnusable, WaitingFull."""
        if waits and self._joining.count_waiting(at) >= _MOST_WAITING:
            raise WaitingFull
        role, about = self._config.access.join_role, check_about(form.about)
        email = check_email(form.email) if self.has_mail else ""
        user_id = self._add_new(at, usable(form.name), role, kept)
        self._store.change_user(
            at,
            user_id,
            waiting=self._now() if waits else None,
            asked=about if waits and about else None,
            email=email or None,
        )
        self._note_new(at, user_id, "account.asked" if waits else "account.opened")
        return user_id

    # -- people who wait

    def list_waiting(self, by: Actor) -> list[Waiting]:
        """Return who waits to be let in, longest first; for administrators."""
        need(by, ADMIN)
        return self._joining.waiting()

    def count_waiting(self) -> int:
        return self._joining.count_waiting()

    def let_in(self, user_id: int, role: str = "", *, by: Actor) -> str:
        """Let somebody in who waits, with a role, the usual one for "".

        Returns the address where they can be told so, "" for none. Raises NotAllowed,
        BadRequest, NotFound.
        """
        need(by, ADMIN)
        role = role or self._config.access.join_role
        check_role(by, role)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._applicant(at, user_id)
            # What they wrote about themselves has served its purpose.
            self._store.change_user(at, user_id, waiting=None, asked=None, role=role)
            self.audit.note(by, "account.let_in", user.name, at=at, role=role)
        return self._joining.email_of(user_id)

    def refuse(self, user_id: int, *, by: Actor) -> None:
        """Forget somebody who waits and all they typed; raises NotAllowed, NotFound."""
        need(by, ADMIN)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._applicant(at, user_id)
            self._store.remove_user(at, user.id)
            self.audit.note(by, "account.refused", user.name, at=at)

    def forget_old(self) -> None:
        """Remove what has ended, and requests that nobody answered in 60 days (P9)."""
        super().forget_old()
        with self._store.writing() as at:
            before = self._now() - WAITING_DAYS * DAY_MS
            for row in self._joining.waiting(at):
                if row.since <= before:
                    self._store.remove_user(at, row.id)

    def _applicant(self, at: Connection, user_id: int) -> User:
        user = self._store.user(user_id, at)
        if user is None or user.state != "waiting":
            raise NotFound(
                "This person does not wait any more. Look at the list again."
            )
        return user


def check_about(typed: str) -> str:
    """Return what somebody wrote about themselves; raises NotValid when too long."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in lines if c == "\n" or c.isprintable()).strip()
    if len(text) <= LONGEST_ABOUT:
        return text
    sentence = "Write at most 500 characters about yourself. Your text is still here."
    raise NotValid((Problem(ERROR, "about", sentence),), sentence)
