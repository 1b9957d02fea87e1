"""Accounts: what ``people`` and ``signing_in`` do, and the links that let people in.

Every secret is shown once and kept as a hash.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from ..config import Config
from ..errors import LinkOver, NotAllowed
from ..model.actor import ADMIN, MODERATOR, SYSTEM, Actor, rank
from ..store.private import PrivateStore
from ..store.private_rows import LinkRow
from .credentials import DAY_MS, hashed, new_secret
from .people import check_groups, check_number, check_role, clean_name, name_key, need
from .signing_in import LINK_MINUTES, MINUTE_MS, SigningIn

OWNER = "owner"
FIRST, SIGN_IN, RESET, JOIN = "first", "signin", "reset", "join"

_FIRST_DAYS = 7
_MOST_DAYS, _MOST_USES = 365, 500


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Accounts(SigningIn):
    """All accounts of a wiki. Thread-safe; several processes may share one file.

    ``now`` gives milliseconds UTC.
    """

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int] = _now_ms
    ) -> None:
        super().__init__(store, config, now)

    def close(self) -> None:
        self._store.close()

    # -- links

    def first_link(self) -> str | None:
        """Return a secret for the owner's first sign-in; earlier ones end.

        None once an administrator has a way to sign in.
        """
        secret, now = new_secret(), self._now()
        with self._store.writing() as at:
            if self._has_ready_admin(at):
                return None
            self._store.drop_links(at, kind=FIRST)
            self._store.add_link(
                at,
                hash=hashed(secret),
                kind=FIRST,
                role=ADMIN,
                uses_left=1,
                created=now,
                expires=now + _FIRST_DAYS * DAY_MS,
            )
        return secret

    def _has_ready_admin(self, at: Connection) -> bool:
        return any(user.has_password for user in self._store.admins(at))

    def follow_first_link(self, secret: str) -> str:
        """Return a session of the owner, made the first time; raises LinkOver."""
        with self._store.writing() as at:
            self._take_link(at, secret, FIRST)
            if self._has_ready_admin(at):
                raise LinkOver
            admins = self._store.admins(at)
            user_id = admins[0].id if admins else self._add(at, self._free(at), ADMIN)
            return self._begin(at, user_id, remember=True, by_link=True)

    def _free(self, at: Connection) -> str:
        """Return a name for the owner that nobody has."""
        name, n = OWNER, 1
        while self._store.user(name_key(name), at) is not None:
            n += 1
            name = f"{OWNER}-{n}"
        return name

    def link_for(self, user_id: int, kind: str = SIGN_IN, *, by: Actor = SYSTEM) -> str:
        """Return a secret that signs an account in once, within an hour.

        Raises NotAllowed for anybody but administrators, NotFound.
        """
        need(by, ADMIN)
        secret, now = new_secret(), self._now()
        with self._store.writing() as at:
            self._open_user(user_id, at)
            self._store.add_link(
                at,
                hash=hashed(secret),
                kind=kind,
                user=user_id,
                role="",
                uses_left=1,
                made_by=by.id,
                created=now,
                expires=now + LINK_MINUTES * MINUTE_MS,
            )
        return secret

    def follow_link(self, secret: str) -> str:
        """Return a session of the account a link is for; raises LinkOver.

        For an hour such a session may set a password without the old one.
        """
        with self._store.writing() as at:
            row = self._take_link(at, secret, SIGN_IN, RESET)
            user = self._store.user(row.user, at) if row.user is not None else None
            if user is None or user.closed is not None:
                raise LinkOver
            return self._begin(at, user.id, by_link=True)

    def _take_link(self, at: Connection, secret: str, *kinds: str) -> LinkRow:
        row = self._store.link(hashed(secret), self._now(), at)
        if row is None or row.kind not in kinds:
            raise LinkOver
        self._store.use_link(at, hashed(secret))
        return row

    # -- joining

    def invite(
        self,
        by: Actor,
        role: str,
        groups: Iterable[str] = (),
        uses: int = 1,
        days: int = 7,
    ) -> str:
        """Return the secret of an invitation; raises NotAllowed, BadRequest.

        Moderators and administrators invite, up to their own role and to groups
        that they are in themselves.
        """
        if self._config.access.join == "closed":
            raise NotAllowed("Nobody can join this wiki: access.join is “closed”.")
        need(by, MODERATOR)
        check_role(by, role)
        wanted = check_groups(by, groups)
        check_number(uses, _MOST_USES)
        check_number(days, _MOST_DAYS)
        secret, now = new_secret(), self._now()
        with self._store.writing() as at:
            self._store.add_link(
                at,
                wanted,
                hash=hashed(secret),
                kind=JOIN,
                role=role,
                uses_left=uses,
                made_by=by.id,
                created=now,
                expires=now + days * DAY_MS,
            )
        return secret

    def invited_role(self, secret: str) -> str:
        """Return the role an invitation gives; raises LinkOver."""
        return self._invitation(secret).role

    def _invitation(self, secret: str, at: Connection | None = None) -> LinkRow:
        row = self._store.link(hashed(secret), self._now(), at)
        if row is None or row.kind != JOIN or self._config.access.join == "closed":
            raise LinkOver
        if row.made_by is None:
            return row
        # What its maker may no longer give, the invitation no longer gives.
        maker = self._store.user(row.made_by, at)
        if maker is None or maker.closed is not None:
            raise LinkOver
        if rank(maker.role) < max(rank(MODERATOR), rank(row.role)):
            raise LinkOver
        return row

    def join(self, secret: str, name: str, password: str) -> str:
        """Open an account with an invitation; return the secret of its session.

        Raises LinkOver, BadName, NotValid, AccountTaken, Busy.
        """
        self._invitation(secret)
        name = clean_name(name)
        kept = self._new_password(password, name)
        with self._store.writing() as at:
            row = self._invitation(secret, at)
            user_id = self._add(at, name, row.role, kept, row.groups)
            self._store.use_link(at, hashed(secret))
            return self._begin(at, user_id)
