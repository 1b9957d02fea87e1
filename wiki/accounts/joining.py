"""Joining: by an invitation, by oneself, or by asking an administrator.

Nobody gives more than they may give themselves, then and now. Names that are taken and
names that cannot be read the same, so that joining tells nothing of who there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..errors import (
    AccountTaken,
    BadName,
    BadRequest,
    Busy,
    LinkOver,
    NotAllowed,
    NotFound,
    NotValid,
)
from ..model.actor import ADMIN, MEMBER, MODERATOR, ROLES, VISITOR, Actor, rank
from ..model.page import ERROR, Problem
from ..store.private_joining import JOIN, Invitation, Waiting
from ..store.private_rows import LinkRow, User
from .checks import check_number, check_role, clean_name, need, one_line, still
from .credentials import DAY_MS, hashed, person_of
from .links import Links, check_email

OPEN, APPROVE, CLOSED = "open", "approve", "closed"
LONGEST_ABOUT = 500

_MOST_DAYS, _MOST_USES, _MOST_WAITING = 365, 500, 200
_NOBODY_JOINS = "Nobody can join this wiki just now: its administrators closed it."


class NameUnusable(BadName):
    """One sentence for a name that is taken and for one that cannot be."""

    sentence = (
        "This name cannot be used. Choose another one, of 1 to 64 letters, digits, "
        "spaces, dots, dashes or apostrophes."
    )


class WaitingFull(Busy):
    sentence = (
        "More people wait to be let in than the administrators can look at. Come back "
        "in a few days. What you typed is still here, and nothing was kept."
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may give with an invitation."""

    roles: tuple[str, ...]
    groups: tuple[str, ...]
    # Stewards who are no moderators invite into their own groups, nowhere else.
    needs_group: bool = False


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody typed to join without an invitation."""

    name: str
    password: str = ""
    about: str = ""
    email: str = ""


class Joining(Links):
    """Invitations, open registration, and people who wait."""

    # -- invitations

    def offer(self, by: Actor) -> Offer:
        """Return what somebody may give; raises NotAllowed for who may not invite."""
        if by.id is None and by.at_least(ADMIN):
            return self._offer(None, "", by.role)
        user = self._own(by)
        if user.blocked is not None:
            raise NotAllowed("You can read this wiki but not change anything in it.")
        return self._offer(None, user, by.role)

    def _offer(self, at: Connection | None, who: User | str, role: str) -> Offer:
        if self._config.access.join == CLOSED:
            raise NotAllowed(_NOBODY_JOINS)
        roles = tuple(it for it in ROLES[1:] if rank(it) <= rank(role))
        if role == ADMIN:
            return Offer(roles, tuple(self._joining.group_names(at)))
        groups = (
            tuple(self._joining.groups_looked_after(who.id, at))
            if isinstance(who, User)
            else ()
        )
        if rank(role) < rank(MODERATOR) and (role == VISITOR or not groups):
            raise NotAllowed("Moderators and stewards of a group invite people.")
        return Offer(roles, groups, needs_group=rank(role) < rank(MODERATOR))

    def invite(
        self,
        by: Actor,
        role: str,
        groups: Iterable[str] = (),
        uses: int = 1,
        days: int = 7,
        label: str = "",
    ) -> str:
        """Return the secret of an invitation; raises NotAllowed, BadRequest.

        Moderators and administrators invite, up to their own role; into groups invite
        administrators and the stewards of each.
        """
        offer, wanted = self.offer(by), sorted(set(groups))
        check_role(by, role)
        _check_wanted(offer, wanted)
        check_number(uses, _MOST_USES)
        check_number(days, _MOST_DAYS)
        with self._store.writing() as at:
            still(self._store, at, by, MEMBER)
            self.audit.note(by, "invitation.made", one_line(label), at=at, role=role)
            return self._add_link(
                at,
                JOIN,
                days * DAY_MS,
                groups=tuple(wanted),
                role=role,
                uses_left=uses,
                made_by=by.id,
                label=one_line(label),
            )

    def invitations(self, by: Actor, *, own: bool = False) -> list[Invitation]:
        """Return open invitations, newest first: to administrators all, else own."""
        if by.at_least(ADMIN) and not own:
            return self._joining.invitations(self._now())
        return self._joining.invitations(self._now(), self._own(by).id)

    def end_invitation(self, by: Actor, key: bytes) -> None:
        """End an invitation by its hash; raises LinkOver, for others' too."""
        with self._store.writing() as at:
            still(self._store, at, by, MEMBER)
            found = self._joining.invitation(at, key)
            if found is None or not (by.at_least(ADMIN) or found.made_by == by.id):
                raise LinkOver("This invitation has ended already.")
            self._joining.drop_link(at, key)
            self.audit.note(by, "invitation.ended", found.label, at=at)

    def invited(self, secret: str) -> LinkRow:
        """Return what an invitation gives: role and groups; raises LinkOver."""
        return self._invitation(secret)

    def _invitation(self, secret: str, at: Connection | None = None) -> LinkRow:
        row = self._store.link(hashed(secret), self._now(), at)
        if row is None or row.kind != JOIN or self._config.access.join == CLOSED:
            raise LinkOver
        if row.made_by is None:
            return row
        # What its maker may no longer give, the invitation no longer gives.
        maker = self._store.user(row.made_by, at)
        if maker is None or maker.state != "open":
            raise LinkOver
        try:
            offer = self._offer(at, maker, maker.role)
        except NotAllowed:
            raise LinkOver from None
        if row.role not in offer.roles or not row.groups <= set(offer.groups):
            raise LinkOver
        if offer.needs_group and not row.groups:
            raise LinkOver
        return row

    def join(self, secret: str, name: str, password: str) -> str:
        """Open an account with an invitation; return the secret of its session.

        Raises LinkOver, NameUnusable, NotValid, Busy.
        """
        self._invitation(secret)
        # Hashed before the name is looked at: a taken one takes as long as any other.
        kept = self._new_password(password, name)
        name = usable(name)
        with self._store.writing() as at:
            row = self._invitation(secret, at)
            user_id = self._add_new(at, name, row.role, kept, row.groups)
            self._store.use_link(at, hashed(secret))
            self._note_new(at, user_id, "account.joined")
            return self._begin(at, user_id)

    # -- by oneself

    @property
    def join_mode(self) -> str:
        """How people join by themselves: open, approve, or "" for not at all."""
        mode = self._config.access.join
        return mode if mode in {OPEN, APPROVE} else ""

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
        kept = self._new_password(form.password, form.name)
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
        role = self._config.access.join_role
        user_id = self._add_new(at, usable(form.name), role, kept)
        self._store.change_user(
            at,
            user_id,
            waiting=self._now() if waits else None,
            asked=check_about(form.about) or None,
            email=check_email(form.email) or None,
        )
        self._note_new(at, user_id, "account.asked" if waits else "account.opened")
        return user_id

    def _add_new(
        self,
        at: Connection,
        name: str,
        role: str,
        kept: str | None,
        groups: Iterable[str] = (),
    ) -> int:
        try:
            return self._add(at, name, role, kept, groups)
        except AccountTaken:
            raise NameUnusable from None

    def _note_new(self, at: Connection, user_id: int, act: str) -> None:
        user = self._open_user(user_id, at)
        self.audit.note(person_of(user), act, user.name, at=at, role=user.role)

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

    def _applicant(self, at: Connection, user_id: int) -> User:
        user = self._store.user(user_id, at)
        if user is None or user.state != "waiting":
            raise NotFound(
                "This person does not wait any more. Look at the list again."
            )
        return user


def _check_wanted(offer: Offer, wanted: list[str]) -> None:
    """Raise for groups that somebody cannot invite into."""
    if not set(wanted) <= set(offer.groups):
        raise NotAllowed(
            "You can invite only to groups that you look after. Choose from the list."
        )
    if offer.needs_group and not wanted:
        raise BadRequest("Choose the group that you invite to.")


def usable(name: str) -> str:
    """Return a name in its kept spelling; raises NameUnusable."""
    try:
        return clean_name(name)
    except BadName:
        raise NameUnusable from None


def check_about(typed: str) -> str:
    """Return what somebody wrote about themselves; raises NotValid when too long."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in lines if c == "\n" or c.isprintable()).strip()
    if len(text) <= LONGEST_ABOUT:
        return text
    sentence = "Write at most 500 characters about yourself. Your text is still here."
    raise NotValid((Problem(ERROR, "about", sentence),), sentence)
