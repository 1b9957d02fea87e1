"""Signing in, by whatever way; failed tries are counted, and few at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection

from ..config import Config
from ..errors import (
    NotAllowed,
    NotFound,
    SecondStepNeeded,
    SignInFailed,
    WikiError,
    WrongCode,
)
from ..model.actor import ADMIN, SYSTEM
from ..store.private import PrivateStore
from ..store.private_factors import AttemptRows
from ..store.private_rows import User
from .attempts import PER_ACCOUNT, Attempts
from .checks import name_key
from .credentials import hashed, new_secret
from .devices import Devices
from .passkeys import Party, Passkeys
from .passwords import Passwords
from .second_step import SecondStep
from .sessions import Sessions

MINUTE_MS = 60_000
# How long a link is good, and how long its session needs no old password.
LINK_MINUTES = 60
# A sign-in that waits for its second step: how long, and for how many codes.
SECOND, SECOND_MINUTES, SECOND_TRIES = "second", 10, 5
# Begun by a link to a new password: it may be set without the old one.
BY_LINK = "by link"

WAITING = (
    "Your account waits for an administrator to let you in. Nothing more is needed "
    "from you; try again later."
)
NO_PASSWORDS = (
    "Nobody signs in with a password here. Use a passkey, or ask an administrator for "
    "a sign-in link."
)
USE_PASSKEY = (
    "Administrators need more than a password here. Sign in with your passkey."
)
BEGIN_AGAIN = (
    "This sign-in took too long, or had too many wrong codes. Begin again with your "
    "name and password."
)
ONLY_PASSWORDS = (
    "No administrator could sign in without a password yet, so passwords stay on. "
    "First let an administrator add a passkey to their account."
)


class SigningIn(Sessions):
    """Ways in: with a password and a second step, or with a passkey."""

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int]
    ) -> None:
        super().__init__(store, config, now)
        folder = store.path.parent
        self._passwords = Passwords(folder / "lock")
        self._attempts = Attempts(AttemptRows(store.database), folder, now)
        self.second_step = SecondStep(store, now)
        self.passkeys = Passkeys(store, now)
        self.devices = Devices(store, now)

    # -- which ways there are

    def passkeys_on(self) -> bool:
        return self.passkeys.available and self._config.access.passkeys

    def passwords_on(self) -> bool:
        """Whether anybody signs in with a password; never off for the last way in."""
        return self._config.access.password or bool(self.why_passwords())

    def why_passwords(self) -> str:
        """Return why passwords cannot be switched off, "" where they can."""
        others = self._factors.admins_with(
            passkeys=self.passkeys_on(),
            identities=bool(self._config.access.oidc_issuer),
        )
        return "" if others else ONLY_PASSWORDS

    def has_second_step(self, user_id: int) -> bool:
        """Tell whether an account has a passkey that works here, or codes."""
        return self._has_passkey(user_id) or self.second_step.is_on(user_id)

    def _has_passkey(self, user_id: int) -> bool:
        return self.passkeys_on() and bool(self.passkeys.of(user_id))

    # -- with a password

    def sign_in(
        self,
        name: str,
        password: str,
        address: str = "",
        *,
        remember: bool = False,
        label: str = "",
        device: str = "",
    ) -> str:
        """Return the secret of a new session; ``device`` is what the browser keeps.

        Raises SignInFailed with one sentence for every reason, SecondStepNeeded with
        the key for :meth:`finish_sign_in`, NotAllowed for a right password that does
        not open, TooManySignIns, Busy.
        """
        if not self.passwords_on():
            raise NotAllowed(NO_PASSWORDS)
        user, who = self._by_password(name, password, address, device)
        self._check_may_enter(user)
        if self.second_step.is_on(user.id):
            # The tries stay counted: codes cannot be guessed between passwords.
            raise SecondStepNeeded(self._wait_for_code(user.id))
        if self._needs_passkey(user):
            raise NotAllowed(USE_PASSKEY)
        self._attempts.succeeded(who)
        with self._store.writing() as at:
            return self._begin(at, user.id, remember=remember, label=label)

    def _by_password(
        self, name: str, password: str, address: str, device: str
    ) -> tuple[User, str]:
        """Return whose password it is, and as whom their tries are counted."""
        key = name_key(name)
        with self._passwords.turn():
            user = self._store.user(key)
            # The same steps for a name that nobody has, so that they take as long.
            user_id = user.id if user is not None and user.closed is None else 0
            who, tries = self._count_try(key, user_id, address, device)
            kept = self._store.password_of(user_id)
            fits = self._passwords.fits(kept, password)
            if user is None or kept is None or not fits:
                self._failed(user, tries, address)
                raise SignInFailed
            self._rehash_if_old(user.id, kept, password)
        return user, who

    def _count_try(
        self, key: str, user_id: int, address: str = "", device: str = ""
    ) -> tuple[str, int]:
        """Count a try; those from a known device by themselves (R14).

        Returns as whom, and how many there were. Raises TooManySignIns.
        """
        if self.devices.knows(user_id, device):
            who = f"device:{user_id}:{device}"
            return who, self._attempts.begin(who)
        who = f"account:{key}"
        return who, self._attempts.begin(who, address)

    def _failed(self, user: User | None, tries: int, address: str = "") -> None:
        self._attempts.failed(address)
        if tries == PER_ACCOUNT and user is not None:
            self.audit.note(SYSTEM, "sign_in.locked", user.name)

    def _check_may_enter(self, user: User) -> None:
        if user.waiting is not None:
            raise NotAllowed(WAITING)

    def _needs_passkey(self, user: User) -> bool:
        """Tell whether a password alone is too little for somebody with a passkey."""
        needed = self._config.access.second_factor == "admins"
        return needed and user.role == ADMIN and self._has_passkey(user.id)

    def _rehash_if_old(self, user_id: int, kept: str, password: str) -> None:
        if not self._passwords.is_old(kept):
            return
        new = self._passwords.hash(password)
        with suppress(WikiError), self._store.writing() as at:
            if self._store.password_of(user_id, at) == kept:
                self._store.change_user(at, user_id, password=new)

    # -- the second step

    def _wait_for_code(self, user_id: int, *, by_link: bool = False) -> str:
        """Return the key of a sign-in that waits for its code.

        ``by_link`` is for one that began with a mailed link, not with a password.
        """
        secret, now = new_secret(), self._now()
        with self._store.writing() as at:
            self._factors.drop_waiting(at, user_id, SECOND)
            self._store.add_link(
                at,
                hash=hashed(secret),
                kind=SECOND,
                user=user_id,
                role=BY_LINK if by_link else "",
                uses_left=SECOND_TRIES,
                created=now,
                expires=now + SECOND_MINUTES * MINUTE_MS,
            )
        return secret

    def finish_sign_in(
        self,
        key: str,
        code: str,
        address: str = "",
        *,
        remember: bool = False,
        label: str = "",
        device: str = "",
    ) -> str:
        """Return the secret of the session that a code or recovery code opens.

        Raises WrongCode, SignInFailed where the sign-in does not wait any more,
        NotAllowed, TooManySignIns.
        """
        user = self._who_waits(key)
        who, tries = self._count_try(name_key(user.name), user.id, address, device)
        with self._store.writing() as at:
            user = self._who_waits(key, at)
            row = self._store.link(hashed(key), self._now(), at)
            by_link = row is not None and row.role == BY_LINK
            self._store.use_link(at, hashed(key))
            problem = self.second_step.accept(at, user.id, code)
            if not problem:
                self._factors.drop_waiting(at, user.id, SECOND)
                secret = self._begin(
                    at, user.id, remember=remember, by_link=by_link, label=label
                )
        if problem:
            self._failed(user, tries, address)
            raise WrongCode(problem)
        self._attempts.succeeded(who)
        return secret

    def _who_waits(self, key: str, at: Connection | None = None) -> User:
        row = self._store.link(hashed(key), self._now(), at)
        if row is None or row.kind != SECOND or row.user is None:
            raise SignInFailed(BEGIN_AGAIN)
        user = self._store.user(row.user, at)
        if user is None or user.closed is not None:
            raise SignInFailed(BEGIN_AGAIN)
        self._check_may_enter(user)
        return user

    # -- with a passkey

    def passkey_options(self, party: Party) -> str:
        """Return JSON for a browser that asks for a passkey; raises NotAllowed."""
        self._check_passkeys_on()
        return self.passkeys.options_to_sign_in(party)

    def sign_in_with_passkey(
        self, answer: str, party: Party, *, remember: bool = False, label: str = ""
    ) -> str:
        """Return the secret of a new session: a passkey is both steps in one.

        No failed try of others stands in its way. Raises SignInFailed, BadRequest,
        NotAllowed.
        """
        self._check_passkeys_on()
        user_id = self.passkeys.owner(answer, party)
        try:
            user = self._open_user(user_id)
        except NotFound:
            raise SignInFailed from None
        self._check_may_enter(user)
        with self._store.writing() as at:
            return self._begin(at, user.id, remember=remember, label=label)

    def _check_passkeys_on(self) -> None:
        if not self.passkeys_on():
            raise NotAllowed("Passkeys are switched off in this wiki.")

    def _close(self, at: Connection, user: User) -> None:
        super()._close(at, user)
        self._factors.drop_all(at, user.id)

    def forget_old(self) -> None:
        """Remove what has ended, and failed tries of more than a day ago (P9)."""
        super().forget_old()
        self._attempts.forget_old()
