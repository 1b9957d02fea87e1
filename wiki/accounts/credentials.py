"""Whose secret is it: sessions and tokens, looked up on every request.

Answers from memory while nothing has changed in the private database, in any
process; otherwise with one statement.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ..errors import WikiError
from ..model.actor import (
    ADMIN,
    MEMBER,
    MODERATOR,
    PUBLIC,
    Actor,
    audiences_of,
    person,
    rank,
)
from ..store.private import PrivateStore
from ..store.private_rows import Key, User

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TOKEN_PREFIX = "cgw_"

READ = frozenset({"read"})

_SECRET_BYTES = 32
_LONGEST_SECRET = 100
_MOST_CACHED = 20_000


class _Known(NamedTuple):
    """An actor, good at one state of the database until a time."""

    actor: Actor
    mark: int
    until: int


def new_secret() -> str:
    """Return 256 random bits for an address or a cookie."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hashed(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


class Credentials:
    """Turns the secret of a request into its actor. ``now`` is ms UTC."""

    def __init__(
        self, store: PrivateStore, idle_ms: int, now: Callable[[], int]
    ) -> None:
        self._store, self._idle_ms, self._now = store, idle_ms, now
        self._sessions: dict[bytes, _Known] = {}
        self._tokens: dict[bytes, _Known] = {}

    def session(self, secret: str) -> Actor | None:
        """Return who a session belongs to, None when it has ended."""
        return self._find(secret, self._sessions, self._read_session)

    def token(self, secret: str) -> Actor | None:
        """Return the owner of a token with rights cut to its scopes, or None."""
        if not secret.startswith(TOKEN_PREFIX):
            return None
        return self._find(secret, self._tokens, self._read_token)

    def _find(
        self,
        secret: str,
        cache: dict[bytes, _Known],
        read: Callable[[bytes, int, int], _Known | None],
    ) -> Actor | None:
        if len(secret) > _LONGEST_SECRET:
            return None
        key, now = hashed(secret), self._now()
        # Read before the row: a change in between then shows as a newer mark.
        mark = self._store.mark()
        known = cache.get(key)
        if known is not None and known.mark == mark and now < known.until:
            return known.actor
        known = read(key, mark, now)
        if known is None:
            cache.pop(key, None)
            return None
        if len(cache) >= _MOST_CACHED:
            cache.clear()
        cache[key] = known
        return known.actor

    def _read_session(self, key: bytes, mark: int, now: int) -> _Known | None:
        row = self._store.by_session(key)
        if row is None or now >= row.expires or now >= row.idle_until:
            return None
        if row.user.waiting is not None:
            return None
        due = self._move_on(key, row, now)
        actor = person_of(row.user)
        return _Known(actor, mark, min(row.expires, row.idle_until, due))

    def _move_on(self, key: bytes, row: Key, now: int) -> int:
        """Note that a session is used, at most once an hour; return when next."""
        today = now // DAY_MS
        step = min(HOUR_MS, self._idle_ms // 4)
        idle_until = row.idle_until if row.remember else now + self._idle_ms
        if row.used_day != today or idle_until - row.idle_until >= step:
            try:
                with self._store.writing() as at:
                    self._store.touch_session(
                        at, key, idle_until=idle_until, used_day=today
                    )
            except WikiError:
                # A busy or full disk must not sign anybody out.
                pass
            return now + step
        return now + step if row.remember else row.idle_until - self._idle_ms + step

    def _read_token(self, key: bytes, mark: int, now: int) -> _Known | None:
        row = self._store.by_token(key)
        if row is None or now >= row.expires or row.user.waiting is not None:
            return None
        today = now // DAY_MS
        if row.used_day != today:
            try:
                with self._store.writing() as at:
                    self._store.touch_token(at, key, today)
            except WikiError:
                pass
        actor = cut_down(_full(row.user), frozenset((row.scopes or "").split()))
        actor = _if_blocked(actor, row.user)
        return _Known(actor, mark, min(row.expires, (today + 1) * DAY_MS))


def person_of(user: User) -> Actor:
    """Return the actor of an account; a blocked one reads and does no more."""
    return _if_blocked(_full(user), user)


def _full(user: User) -> Actor:
    return person(user.id, user.display or user.name, user.role, user.groups)


def _if_blocked(actor: Actor, user: User) -> Actor:
    if user.blocked is None:
        return actor
    return replace(cut_down(actor, (actor.scopes or READ) & READ), blocked=True)


def cut_down(actor: Actor, scopes: frozenset[str]) -> Actor:
    """Return an actor with no more rights than the scopes of a token give."""
    most = ADMIN if "admin" in scopes else MODERATOR
    if not scopes & {"admin", "write", "files"}:
        most = MEMBER
    role = most if rank(actor.role) > rank(most) else actor.role
    sees = audiences_of(role, actor.groups)
    if "read" not in scopes:
        sees = frozenset({PUBLIC})
    return replace(actor, role=role, scopes=scopes, sees=sees)
