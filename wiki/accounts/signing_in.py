"""Signing in and out, and the passwords that people sign in with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import Connection

from ..config import Config
from ..errors import AccountTaken, NotAllowed, SignInFailed, WikiError
from ..model.actor import ADMIN, SYSTEM, Actor
from ..store.private import PrivateStore
from ..store.private_rows import SessionRow, User
from .attempts import Attempts
from .credentials import DAY_MS, HOUR_MS, Credentials, hashed, new_secret
from .passwords import Passwords, check_new
from .people import People, clean_name, name_key, need, one_line

MINUTE_MS = 60_000
# How long a link is good, and how long its session needs no old password.
LINK_MINUTES = 60


class SigningIn(People):
    """Sessions and passwords. ``session`` and ``token`` are what every request asks."""

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int]
    ) -> None:
        super().__init__(store, now)
        self._config = config
        self._idle_ms = config.sessions.idle_hours * HOUR_MS
        self._passwords, self._attempts = Passwords(), Attempts()
        credentials = Credentials(store, self._idle_ms, now)
        # Bound once: no step in between on the path of every request.
        self.session = credentials.session
        self.token = credentials.token

    def sign_in(
        self,
        name: str,
        password: str,
        address: str = "",
        *,
        remember: bool = False,
        label: str = "",
    ) -> str:
        """Return the secret of a new session.

        Raises SignInFailed with one sentence for every reason, TooManySignIns, Busy.
        """
        key = name_key(name)
        with self._passwords.turn():
            self._attempts.begin(key, address)
            user = self._store.user(key)
            kept = None
            if user is not None and user.closed is None:
                kept = self._store.password_of(user.id)
            fits = self._passwords.fits(kept, password)
            if not fits or user is None or kept is None:
                self._attempts.failed(address)
                raise SignInFailed
            self._attempts.succeeded(key)
            self._rehash_if_old(user.id, kept, password)
        with self._store.writing() as at:
            return self._begin(at, user.id, remember=remember, label=label)

    def _rehash_if_old(self, user_id: int, kept: str, password: str) -> None:
        if not self._passwords.is_old(kept):
            return
        new = self._passwords.hash(password)
        with suppress(WikiError), self._store.writing() as at:
            if self._store.password_of(user_id, at) == kept:
                self._store.change_user(at, user_id, password=new)

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

    def sign_out(self, secret: str) -> None:
        with self._store.writing() as at:
            self._store.end_session(at, hashed(secret))

    def end_sessions(self, user_id: int, keep: str = "") -> None:
        """End an account's sessions, except the one whose secret is ``keep``."""
        with self._store.writing() as at:
            self._store.end_sessions(at, user_id, hashed(keep) if keep else b"")

    def sessions_of(self, user_id: int, here: str = "") -> list[SessionRow]:
        """Return an account's sessions, newest first; ``here`` is this one's secret."""
        current = hashed(here) if here else b""
        return [
            replace(row, current=row.hash == current)
            for row in self._store.sessions_of(user_id, self._now())
        ]

    # -- passwords

    def has_password(self, user_id: int) -> bool:
        user = self._store.user(user_id)
        return user is not None and user.has_password

    def set_password(self, actor: Actor, old: str, new: str, keep: str = "") -> None:
        """Change one's own password; all sessions but ``keep`` end, and links too.

        ``old`` is not asked for where there is none, nor in a session begun by a link
        within the last hour. Raises SignInFailed, NotValid, TooManySignIns, Busy.
        """
        user = self._own(actor)
        self._check_old(user, old, keep)
        self._store_password(user.id, self._new_password(new, user.name), keep)

    def _check_old(self, user: User, old: str, keep: str) -> None:
        if not user.has_password or self._came_by_link(user.id, keep):
            return
        key = name_key(user.name)
        with self._passwords.turn():
            self._attempts.begin(key)
            if not self._passwords.fits(self._store.password_of(user.id), old):
                raise SignInFailed(
                    "The old password is not right. Your password stays as it was."
                )
            self._attempts.succeeded(key)

    def _came_by_link(self, user_id: int, secret: str) -> bool:
        row = self._store.session_row(hashed(secret)) if secret else None
        if row is None or row.user != user_id:
            return False
        return row.by_link and self._now() < row.created + LINK_MINUTES * MINUTE_MS

    def set_name_and_password(
        self, actor: Actor, name: str, password: str, keep: str = ""
    ) -> None:
        """Give an account that came by a link its name and its way to sign in.

        Raises NotAllowed where there is a password already, BadName, AccountTaken,
        NotValid, Busy.
        """
        user, name = self._own(actor), clean_name(name)
        if user.has_password:
            raise NotAllowed("You have a password. Change it in your account.")
        kept = self._new_password(password, name)
        with self._store.writing() as at:
            other = self._store.user(name_key(name), at)
            if other is not None and other.id != user.id:
                raise AccountTaken(name)
            self._store.change_user(
                at, user.id, name=name, name_key=name_key(name), display=name
            )
            self._finish_password(at, user.id, kept, keep)

    def reset_password(self, user_id: int, new: str, *, by: Actor = SYSTEM) -> None:
        """Set somebody's password; all their sessions end. For administrators."""
        need(by, ADMIN)
        user = self._open_user(user_id)
        self._store_password(user.id, self._new_password(new, user.name), "")

    def _new_password(self, password: str, name: str) -> str:
        check_new(password, name, self._config.site.title)
        with self._passwords.turn():
            return self._passwords.hash(password)

    def _store_password(self, user_id: int, kept: str, keep: str) -> None:
        with self._store.writing() as at:
            self._finish_password(at, user_id, kept, keep)

    def _finish_password(
        self, at: Connection, user_id: int, kept: str, keep: str
    ) -> None:
        self._store.change_user(at, user_id, password=kept)
        self._store.end_sessions(at, user_id, hashed(keep) if keep else b"")
        self._store.drop_links(at, user_id=user_id)
