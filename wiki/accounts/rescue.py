"""What an administrator does for somebody who lost a device, or had it taken."""

from __future__ import annotations

from ..model.actor import ADMIN, Actor
from ..store.private_factors import FactorRows
from .checks import need, still
from .standing import Standing


class Rescue(Standing):
    """Sessions and second steps of others, ended."""

    def sign_out_everywhere(self, user_id: int, *, by: Actor) -> None:
        """End all sessions of an account; raises NotAllowed, NotFound."""
        need(by, ADMIN)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._open_user(user_id, at)
            self._store.end_sessions(at, user.id)
            FactorRows(self._store.database).drop_devices(at, user.id)
            self.audit.note(by, "account.sessions", user.name, at=at)

    def second_step_off(self, user_id: int, *, by: Actor) -> None:
        """Take one-time codes and passkeys from an account, so that a link lets it in.

        Raises NotAllowed, NotFound.
        """
        need(by, ADMIN)
        factors = FactorRows(self._store.database)
        with self._store.writing() as at:
            still(self._store, at, by, ADMIN)
            user = self._open_user(user_id, at)
            if factors.codes(user.id, at) is not None:
                factors.drop_codes(at, user.id)
                self.audit.note(by, "account.second_off", user.name, at=at)
            for key in factors.passkeys_of(user.id, at):
                factors.drop_passkey(at, user.id, key.id)
                self.audit.note(by, "account.passkey_off", user.name, at=at)
