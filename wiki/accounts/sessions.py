"""Sessions of accounts: begun, listed, named, ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from ..config import Config
from ..errors import NotFound
from ..store.private import PrivateStore
from ..store.private_factors import FactorRows
from ..store.private_rows import SessionRow
from .checks import one_line
from .credentials import DAY_MS, HOUR_MS, Credentials, hashed, new_secret
from .people import People


class Sessions(People):
    """Where people are signed in. ``session`` and ``token`` every request asks."""

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int]
    ) -> None:
        super().__init__(store, now)
        self._config = config
        self._factors = FactorRows(store.database)
        self._idle_ms = config.sessions.idle_hours * HOUR_MS
        credentials = Credentials(store, self._idle_ms, now)
        # Bound once: no step in between on the path of every request.
        self.session = credentials.session
        self.token = credentials.token

    def _begin(
        self,
        at: Connection,
        user_id: int,
        *,
        remember: bool = False,
        by_link: bool = False,
        label: str = "",
    ) -> str:
        secret, now = new_secret(), self._now()
        expires = now + self._config.sessions.remember_days * DAY_MS
        self._store.forget_old(at, now)
        self._store.add_session(
            at,
            hash=hashed(secret),
            user=user_id,
            created=now,
            expires=expires,
            idle_until=expires if remember else now + self._idle_ms,
            used_day=now // DAY_MS,
            remember=remember,
            by_link=by_link,
            label=one_line(label),
        )
        return secret

    def forget_old(self) -> None:
        """Remove what has ended: sessions, links, known devices (P9)."""
        now = self._now()
        with self._store.writing() as at:
            self._store.forget_old(at, now)
            self._factors.forget_devices(at, now)

    def sign_out(self, secret: str) -> None:
        with self._store.writing() as at:
            self._store.end_session(at, hashed(secret))

    def end_sessions(self, user_id: int, keep: str = "") -> None:
        """End an account's sessions, except the one whose secret is ``keep``.

        Its known devices are forgotten too.
        """
        with self._store.writing() as at:
            self._store.end_sessions(at, user_id, hashed(keep) if keep else b"")
            self._factors.drop_devices(at, user_id)

    def end_own_session(self, user_id: int, key: bytes) -> bool:
        """End one session by the hash of its row; tell whether it was theirs."""
        with self._store.writing() as at:
            row = self._store.session_row(key, at)
            if row is None or row.user != user_id:
                return False
            self._store.end_session(at, key)
            return True

    def name_session(self, user_id: int, key: bytes, label: str) -> None:
        """Call the device of a session by another name; raises NotFound."""
        with self._store.writing() as at:
            row = self._store.session_row(key, at)
            if row is None or row.user != user_id:
                raise NotFound("This session has ended.")
            self._store.touch_session(at, key, label=one_line(label))

    def sessions_of(self, user_id: int, here: str = "") -> list[SessionRow]:
        """Return an account's sessions, newest first; ``here`` is this one's secret."""
        current = hashed(here) if here else b""
        return [
            replace(row, current=row.hash == current)
            for row in self._store.sessions_of(user_id, self._now())
        ]
