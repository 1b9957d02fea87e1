"""Invitations: links that open accounts, within what their maker may give.

Nobody gives more than they may give themselves, then and now. Names that are taken and
names that cannot be read the same, so that joining tells nothing of who there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..errors import AccountTaken, BadName, BadRequest, LinkOver, NotAllowed
from ..model.actor import ADMIN, MEMBER, MODERATOR, ROLES, VISITOR, Actor, rank
from ..store.private_joining import JOIN, Invitation
from ..store.private_rows import LinkRow, User
from .checks import check_number, check_role, clean_name, one_line, still
from .credentials import DAY_MS, hashed, person_of
from .links import Links

CLOSED = "closed"

_MOST_DAYS, _MOST_USES = 365, 500
_NOBODY_JOINS = "Nobody can join this wiki just now: its administrators closed it."


class NameUnusable(BadName):
    """One sentence for a name that is taken and for one that cannot be."""

    sentence = (
        "This name cannot be used. Choose another one, of 1 to 64 letters, digits, "
        "spaces, dots, dashes or apostrophes."
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may give with an invitation."""

    roles: tuple[str, ...]
    groups: tuple[str, ...]
    # Stewards who are no moderators invite into their own groups, nowhere else.
    needs_group: bool = False


class Inviting(Links):
    """Invitations: made, listed, ended, and followed by who joins."""

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
        kept = self._first_password(password, name)
        name = usable(name)
        with self._store.writing() as at:
            row = self._invitation(secret, at)
            user_id = self._add_new(at, name, row.role, kept, row.groups)
            self._store.use_link(at, hashed(secret))
            self._note_new(at, user_id, "account.joined")
            return self._begin(at, user_id)

    # -- new accounts

    def _first_password(self, password: str, name: str) -> str | None:
        """Return what is kept of a password, None where nobody signs in with one."""
        if not password and not self.passwords_on():
            return None
        return self._new_password(password, name)

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
