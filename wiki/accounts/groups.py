"""Groups: made by administrators, their people chosen by them and by stewards.

Who is in a group decides who reads the pages for it, so nothing else changes it: no
edit of a page does, and pages name groups, so a group keeps its name for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from ..audit import Audit
from ..errors import NameTaken, NotAllowed, NotFound, NotValid
from ..model.actor import ADMIN, SYSTEM, Actor
from ..store.private import PrivateStore
from ..store.private_rows import GroupRow, MemberRow, User
from .checks import about_line, clean_group, name_key, need, still

PAGE_OF_MEMBERS = 100


class GroupTaken(NameTaken):
    sentence = "There is a group named “%(name)s”. Choose another name."


class Groups:
    """All groups of a wiki. ``now`` gives milliseconds UTC."""

    def __init__(
        self, store: PrivateStore, audit: Audit, now: Callable[[], int]
    ) -> None:
        self._store, self._audit, self._now = store, audit, now

    # -- reading

    def all(self) -> list[GroupRow]:
        """Return all groups by name."""
        return self._store.group_rows()

    def of(self, actor: Actor) -> list[tuple[GroupRow, bool]]:
        """Return somebody's own groups, and whether they are a steward of each."""
        return [] if actor.id is None else self._store.groups_of(actor.id)

    def get(self, actor: Actor, name: str) -> tuple[GroupRow, bool]:
        """Return a group and whether the actor says who is in it.

        Raises NotFound for everybody who is not in it, administrators excepted.
        """
        group = self._store.group(name_key(name))
        if group is None:
            raise _missing(name) if actor.at_least(ADMIN) else NotFound()
        inside, steward = False, False
        if actor.id is not None:
            inside, steward = self._store.place(actor.id, group.name)
        if not inside and not actor.at_least(ADMIN):
            raise NotFound
        return group, steward or actor.at_least(ADMIN)

    def members(
        self, actor: Actor, name: str, *, search: str = "", after: str = ""
    ) -> tuple[list[MemberRow], str]:
        """Return who is in a group and the key to go on from; raises NotFound."""
        group, _ = self.get(actor, name)
        rows = self._store.members(
            group.name,
            search=name_key(search),
            after=after,
            limit=PAGE_OF_MEMBERS + 1,
        )
        if len(rows) <= PAGE_OF_MEMBERS:
            return rows, ""
        return rows[:PAGE_OF_MEMBERS], rows[PAGE_OF_MEMBERS - 1].key

    # -- groups themselves

    def add(self, name: str, about: str = "", *, by: Actor = SYSTEM) -> str:
        """Make a group and return its name; raises BadName, NameTaken, NotAllowed."""
        need(by, ADMIN)
        name = clean_group(name)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            known = self._store.group(name_key(name), at)
            if known is not None:
                raise GroupTaken(known.name)
            self._make(at, name, about, by)
        return name

    def made(
        self, at: Connection, names: Iterable[str], *, by: Actor = SYSTEM
    ) -> list[str]:
        """Return groups as they are spelled, made where they are named first."""
        found = []
        for name in names:
            group = self._store.group(name_key(name), at)
            if group is None:
                self._make(at, name, "", by)
            found.append(name if group is None else group.name)
        return sorted(set(found))

    def _make(self, at: Connection, name: str, about: str, by: Actor) -> None:
        self._store.add_group(
            at,
            name=name,
            name_key=name_key(name),
            about=about_line(about),
            created=self._now(),
        )
        self._audit.note(by, "group.made", name, at=at)

    def describe(self, name: str, about: str, *, by: Actor) -> None:
        """Say what a group is for; for its stewards and administrators."""
        with self._store.writing() as at:
            group = self._steered(at, name, by)
            self._store.describe_group(at, group.name, about_line(about))
            self._audit.note(by, "group.about", group.name, at=at)

    def remove(self, name: str, typed: str, *, by: Actor = SYSTEM) -> None:
        """Remove a group whose name was typed to confirm it.

        Pages for it alone are for administrators from then on. Raises NotAllowed,
        NotFound, NotValid.
        """
        need(by, ADMIN)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            group = self._known(at, name)
            if name_key(typed) != name_key(group.name):
                raise NotValid(
                    sentence="Nothing was removed: type the name of the group as it "
                    "stands above."
                )
            self._store.remove_group(at, group.name)
            self._audit.note(by, "group.removed", group.name, at=at)

    # -- who is in them

    def put_in(self, name: str, person: int | str, *, by: Actor = SYSTEM) -> str:
        """Put an account into a group, by id or name; return its name.

        For the group's stewards and administrators. Raises NotAllowed, NotFound.
        """
        with self._store.writing() as at:
            group = self._steered(at, name, by)
            user = self._person(at, person)
            if self._store.put_into(at, user.id, group.name):
                self._note(at, by, "group.joined", group, user)
        return user.name

    def take_out(self, name: str, person: int | str, *, by: Actor = SYSTEM) -> str:
        """Take an account out of a group; see :meth:`put_in`."""
        with self._store.writing() as at:
            group = self._steered(at, name, by)
            user = self._person(at, person)
            if self._store.take_out(at, user.id, group.name):
                self._note(at, by, "group.left", group, user)
        return user.name

    def set_steward(
        self, name: str, person: int | str, steward: bool, *, by: Actor = SYSTEM
    ) -> str:
        """Make a member of a group its steward, or no longer; see :meth:`put_in`."""
        with self._store.writing() as at:
            group = self._steered(at, name, by)
            user = self._person(at, person)
            if not self._store.place(user.id, group.name, at)[0]:
                raise NotFound(
                    "“%(name)s” is not in this group any more.", name=user.name
                )
            if self._store.set_steward(at, user.id, group.name, steward):
                act = "group.steward" if steward else "group.steward_off"
                self._note(at, by, act, group, user)
        return user.name

    # -- what all of them check

    def _note(
        self, at: Connection, by: Actor, act: str, group: GroupRow, user: User
    ) -> None:
        self._audit.note(by, act, group.name, at=at, person=user.name)

    def _known(self, at: Connection, name: str) -> GroupRow:
        group = self._store.group(name_key(name), at)
        if group is None:
            raise _missing(name)
        return group

    def _steered(self, at: Connection, name: str, by: Actor) -> GroupRow:
        """Return a group that somebody may change, as their rights are now."""
        if by.id is None:
            need(by, ADMIN)
            return self._known(at, name)
        user = self._store.user(by.id, at)
        if user is None or user.state != "open" or by.scopes is not None:
            raise NotAllowed("You cannot change groups now. Ask an administrator.")
        if user.role == ADMIN and by.at_least(ADMIN):
            return self._known(at, name)
        group = self._store.group(name_key(name), at)
        inside, steward = (
            self._store.place(by.id, group.name, at) if group else (False, False)
        )
        if group is None or not inside:
            raise NotFound
        if not steward:
            raise NotAllowed("Only stewards of this group say who is in it.")
        return group

    def _person(self, at: Connection, person: int | str) -> User:
        key = person if isinstance(person, int) else name_key(person)
        user = self._store.user(key, at)
        if user is None or user.closed is not None or user.waiting is not None:
            raise NotFound(
                "There is no account named “%(name)s”.", name=str(person)[:100]
            )
        return user


def _missing(name: str) -> NotFound:
    return NotFound("There is no group named “%(name)s”.", name=name[:100])
