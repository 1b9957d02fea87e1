"""The people of a wiki: their names, roles, groups, and who may only read.

Nobody gives a role above their own, and the last administrator stays one. Rights are
looked at twice: as the request has them, and again in the transaction that writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from ..errors import AccountTaken, NotAllowed, NotFound
from ..model.actor import ADMIN, ROLES, SYSTEM, Actor
from ..model.acts import FORMER
from ..store.private_people import STATES
from ..store.private_rows import PersonRow, User
from .blocking import Blocking
from .checks import (
    check_groups,
    check_role,
    clean_name,
    name_key,
    need,
    still,
)
from .rescue import Rescue
from .standing import OWN_ACCOUNT
from .tokens import Tokens

PAGE_OF_PEOPLE = 50


class People(Blocking, Rescue, Tokens):
    """Who there is."""

    def list_users(self) -> list[User]:
        """Return all accounts, oldest first, closed ones too."""
        return self._store.users()

    def people(
        self,
        by: Actor,
        *,
        search: str = "",
        role: str = "",
        state: str = "",
        after: str = "",
    ) -> tuple[list[PersonRow], str]:
        """Return accounts by name and the key to go on from, "" at the end.

        A role or state that is none matches nobody's choice: all are shown. Raises
        NotAllowed.
        """
        need(by, ADMIN)
        rows = self._store.people(
            search=name_key(search),
            role=role if role in ROLES else "",
            state=state if state in STATES else "",
            after=after,
            limit=PAGE_OF_PEOPLE + 1,
        )
        if len(rows) <= PAGE_OF_PEOPLE:
            return rows, ""
        return rows[:PAGE_OF_PEOPLE], rows[PAGE_OF_PEOPLE - 1].key

    def person(self, by: Actor, user_id: int) -> PersonRow:
        """Return one account; raises NotAllowed, NotFound."""
        need(by, ADMIN)
        found = self._store.person(user_id)
        if found is None:
            raise NotFound("There is no such account.")
        return found

    # -- opening and closing

    def create_user(
        self,
        name: str,
        role: str,
        password: str | None = None,
        groups: Iterable[str] = (),
        *,
        by: Actor = SYSTEM,
    ) -> int:
        """Open an account and return its id; without a password a link lets it in.

        Raises BadName, AccountTaken, NotAllowed, NotValid.
        """
        need(by, ADMIN)
        check_role(by, role)
        name, wanted = clean_name(name), check_groups(by, groups)
        kept = None if password is None else self._new_password(password, name)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            self.audit.note(by, "account.made", name, at=at, role=role)
            return self._add(at, name, role, kept, wanted)

    def _new_password(self, password: str, name: str) -> str:
        """Return what is kept of a password that is good enough."""
        raise NotImplementedError

    def _add(
        self,
        at: Connection,
        name: str,
        role: str,
        kept: str | None = None,
        groups: Iterable[str] = (),
    ) -> int:
        if self._store.user(name_key(name), at) is not None:
            raise AccountTaken(name)
        return self._store.add_user(
            at,
            self.groups.made(at, groups),
            name=name,
            name_key=name_key(name),
            display=name,
            role=role,
            password=kept,
            created=self._now(),
        )

    def count_by_role(self) -> dict[str, int]:
        """Return {role: number of open accounts}: no secret, and no names."""
        return self._store.count_by_role()

    def people_by_state(self, by: Actor) -> dict[str, int]:
        """Return {open, blocked, waiting, closed: number of accounts}."""
        need(by, ADMIN)
        return self._store.count_by_state()

    def close_user(self, user_id: int, *, by: Actor = SYSTEM) -> None:
        """Close an account: its sessions, links and tokens end, its name stays."""
        need(by, ADMIN)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._open_user(user_id, at)
            self._close(at, user)
            self.audit.note(by, "account.closed", user.name, at=at)

    def _close(self, at: Connection, user: User) -> None:
        self._keep_an_admin(at, user.id)
        self._store.change_user(at, user.id, closed=self._now(), password=None)
        self._store.end_sessions(at, user.id)
        self._store.drop_links(at, user_id=user.id)
        self._store.revoke_tokens(at, user.id, self._now())

    # -- roles, groups, names

    def set_role(self, user_id: int, role: str, *, by: Actor = SYSTEM) -> None:
        """Give an account another role; raises NotAllowed, NotFound."""
        need(by, ADMIN)
        check_role(by, role)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._open_user(user_id, at)
            if user.role == role:
                return
            if role != ADMIN:
                self._keep_an_admin(at, user_id)
            self._store.change_user(at, user_id, role=role)
            self.audit.note(by, "account.role", user.name, at=at, role=role)

    def set_groups(
        self, user_id: int, groups: Iterable[str], *, by: Actor = SYSTEM
    ) -> None:
        """Put an account into these groups and no others; new ones are made."""
        need(by, ADMIN)
        wanted = check_groups(by, groups)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._open_user(user_id, at)
            named = self.groups.made(at, wanted, by=by)
            self._store.set_groups(at, user_id, named)
            said = ", ".join(named) or "–"
            self.audit.note(by, "account.groups", user.name, at=at, groups=said)

    def rename_user(self, actor: Actor, name: str) -> str:
        """Give oneself another name, to sign in with and to be seen by; return it.

        Raises BadName, AccountTaken, NotAllowed.
        """
        user, name = self._own(actor), clean_name(name)
        with self._store.writing() as at:
            other = self._store.user(name_key(name), at)
            if other is not None and other.id != user.id:
                raise AccountTaken(name)
            self._store.change_user(
                at, user.id, name=name, name_key=name_key(name), display=name
            )
            self.audit.note(actor, "account.renamed", name, at=at)
            self.audit.rename(at, user.id, user.name, name)
        return name

    # -- leaving for good

    def check_removal(self, user_id: int, *, by: Actor) -> User:
        """Return an account that may be removed; raises NotAllowed, NotFound.

        One's own, unless one is blocked; by an administrator, anybody's.
        """
        with self._store.writing() as at:
            return self._removable(at, user_id, by)

    def remove_user(self, user_id: int, *, by: Actor = SYSTEM) -> None:
        """Remove an account, all that let it in, and its name from the log.

        What it wrote is not touched: see :class:`wiki.accounts.removal.Removal`.
        """
        with self._store.writing() as at:
            user = self._removable(at, user_id, by)
            self._store.remove_user(at, user.id)
            self.audit.rename(at, user.id, user.name, FORMER, forget=True)
            own = by.id == user.id
            by = replace(by, id=None, name=FORMER) if own else by
            self.audit.note(by, "account.removed", FORMER, at=at)
        self._store.empty_log()

    def _removable(self, at: Connection, user_id: int, by: Actor) -> User:
        if by.id != user_id:
            need(by, ADMIN)
            still(self._store, at, by, ADMIN)
        user = self._store.user(user_id, at)
        if user is None:
            raise NotFound("There is no such account.")
        if by.id == user_id and (user.state != "open" or by.blocked):
            raise NotAllowed(
                "You are blocked. Ask an administrator to remove your account."
            )
        if by.id == user_id and by.scopes is not None:
            raise NotAllowed(OWN_ACCOUNT)
        self._keep_an_admin(at, user_id)
        return user
