"""What people change of their own ways to sign in: password, codes, passkeys, tokens.

Each change needs a proof that it is still the same person at the device.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ..errors import (
    AccountTaken,
    NotAllowed,
    NotFound,
    ProofNeeded,
    SignInFailed,
)
from ..model.actor import ADMIN, SYSTEM, Actor
from ..store.private_rows import User
from .checks import clean_name, name_key, need, one_line
from .credentials import hashed
from .passkeys import Party
from .passwords import check_new
from .second_step import is_code
from .signing_in import LINK_MINUTES, MINUTE_MS, SigningIn

# For so long after signing in nobody is asked again who they are.
FRESH_MINUTES = 15

NOT_YOU = (
    "This is neither your password nor a code of yours. Nothing was changed; try again."
)


class OwnAccount(SigningIn):
    """An account in the hands of its owner."""

    # -- proof

    def is_fresh(self, user_id: int, session: str) -> bool:
        """Tell whether a session began so lately that nothing more is asked for."""
        row = self._store.session_row(hashed(session)) if session else None
        if row is None or row.user != user_id:
            return False
        minutes = LINK_MINUTES if row.by_link else FRESH_MINUTES
        return self._now() < row.created + minutes * MINUTE_MS

    def prove(self, actor: Actor, proof: str, session: str = "") -> User:
        """Return the account of somebody who shows that it is theirs.

        ``proof`` is the password or a code; a session that began lately needs none.
        Raises ProofNeeded, SignInFailed, TooManySignIns, NotAllowed.
        """
        user = self._own(actor)
        if self.is_fresh(user.id, session):
            return user
        if not proof:
            raise ProofNeeded
        key = name_key(user.name)
        with self._passwords.turn():
            who, tries = self._count_try(key, user.id)
            if not (self._is_own_code(user.id, proof) or self._fits(user.id, proof)):
                self._failed(user, tries)
                raise SignInFailed(NOT_YOU)
        self._attempts.succeeded(who)
        return user

    def _is_own_code(self, user_id: int, typed: str) -> bool:
        if not is_code(typed):
            return False
        with self._store.writing() as at:
            return not self.second_step.accept(at, user_id, typed)

    def _fits(self, user_id: int, password: str) -> bool:
        return self._passwords.fits(self._store.password_of(user_id), password)

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
        kept = self._new_password(new, user.name)
        self._store_password(user, kept, keep, by=actor)

    def _check_old(self, user: User, old: str, keep: str) -> None:
        if not user.has_password or self._came_by_link(user.id, keep):
            return
        with self._passwords.turn():
            who, tries = self._count_try(name_key(user.name), user.id)
            if not self._fits(user.id, old):
                self._failed(user, tries)
                raise SignInFailed(
                    "The old password is not right. Your password stays as it was."
                )
        self._attempts.succeeded(who)

    def _came_by_link(self, user_id: int, secret: str) -> bool:
        row = self._store.session_row(hashed(secret)) if secret else None
        return row is not None and row.by_link and self.is_fresh(user_id, secret)

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
            self.audit.note(actor, "account.password", name, at=at)

    def reset_password(self, user_id: int, new: str, *, by: Actor = SYSTEM) -> None:
        """Set somebody's password; all their sessions end. For administrators."""
        need(by, ADMIN)
        user = self._open_user(user_id)
        kept = self._new_password(new, user.name)
        self._store_password(user, kept, "", by=by)

    def _new_password(self, password: str, name: str) -> str:
        check_new(password, name, self._config.site.title)
        with self._passwords.turn():
            return self._passwords.hash(password)

    def _store_password(self, user: User, kept: str, keep: str, *, by: Actor) -> None:
        with self._store.writing() as at:
            self._finish_password(at, user.id, kept, keep)
            self.audit.note(by, "account.password", user.name, at=at)

    def _finish_password(
        self, at: Connection, user_id: int, kept: str, keep: str
    ) -> None:
        self._store.change_user(at, user_id, password=kept)
        self._store.end_sessions(at, user_id, hashed(keep) if keep else b"")
        self._store.drop_links(at, user_id=user_id)
        self._factors.drop_devices(at, user_id)

    # -- one-time codes

    def begin_codes(self, actor: Actor, proof: str, session: str) -> None:
        """Make the secret that a phone reads; see :meth:`prove` for what it raises."""
        self.second_step.begin(self.prove(actor, proof, session).id)

    def confirm_codes(self, actor: Actor, code: str, session: str) -> list[str]:
        """Turn codes on with a first one; return the recovery codes, shown once.

        All other sessions end. Raises WrongCode, LinkOver.
        """
        user = self._own(actor)
        with self._store.writing() as at:
            codes = self.second_step.confirm(at, user.id, code)
            self._store.end_sessions(at, user.id, hashed(session))
            self._factors.drop_devices(at, user.id)
            self.audit.note(actor, "account.second", user.name, at=at)
        return codes

    def codes_off(self, actor: Actor, proof: str) -> None:
        """Turn codes off with the password, a code or a recovery code."""
        user = self.prove(actor, proof)
        with self._store.writing() as at:
            self.second_step.turn_off(at, user.id)
            self.audit.note(actor, "account.second_off", user.name, at=at)

    def renew_recovery(self, actor: Actor, proof: str) -> list[str]:
        """Return new recovery codes, shown once; raises NotFound without codes on."""
        user = self.prove(actor, proof)
        with self._store.writing() as at:
            if not self.second_step.is_on(user.id):
                raise NotFound("You use no one-time codes.")
            self.audit.note(actor, "account.recovery", user.name, at=at)
            return self.second_step.renew_recovery(at, user.id)

    # -- passkeys

    def new_passkey_options(
        self, actor: Actor, proof: str, session: str, party: Party
    ) -> str:
        """Return JSON for a browser that makes a passkey; see :meth:`prove`."""
        self._check_passkeys_on()
        user = self.prove(actor, proof, session)
        return self.passkeys.options_to_add(user, party, self._config.site.title)

    def add_passkey(self, actor: Actor, answer: str, party: Party, label: str) -> None:
        """Keep a passkey that was asked for here; raises BadRequest, NotAllowed."""
        self._check_passkeys_on()
        user = self._own(actor)
        row = self.passkeys.made(user.id, answer, party)
        with self._store.writing() as at:
            self.passkeys.add(at, row, one_line(label))
            self.audit.note(actor, "account.passkey", user.name, at=at)

    def remove_passkey(
        self, actor: Actor, key_id: bytes, proof: str, session: str
    ) -> None:
        user = self.prove(actor, proof, session)
        with self._store.writing() as at:
            self.passkeys.remove(at, user.id, key_id)
            self.audit.note(actor, "account.passkey_off", user.name, at=at)

    # -- tokens

    def make_own_token(
        self,
        actor: Actor,
        proof: str,
        session: str,
        scopes: Iterable[str],
        days: int,
        label: str,
    ) -> str:
        """Return a token of one's own, shown once; see :meth:`prove`, make_token."""
        user = self.prove(actor, proof, session)
        return self.make_token(user.id, scopes, days, label, by=actor)
