"""Signing in and joining with an account elsewhere.

An account here is connected only from within, never because names or addresses are
alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..config import Config
from ..errors import LinkOver, NotAllowed, NotFound, WikiError
from ..model.actor import Actor
from ..store.private import PrivateStore
from ..store.private_rows import User
from .credentials import hashed
from .invitations import CLOSED
from .joining import APPROVE, Application, Joining
from .openid import Proved, Provider
from .signing_in import MINUTE_MS

BEGUN = "openid"
# How long somebody may take at the provider.
BEGUN_MINUTES = 10


class UnknownThere(WikiError):
    """The provider knows somebody whom this wiki does not know yet."""

    status, slug = 403, "not-known-here"
    sentence = "You have no account here yet."


@dataclass(frozen=True, slots=True)
class WaysBeside:
    """Ways in besides a password: ``join`` is open, approve or ""."""

    join: str
    mail: bool
    provider: str


class Identities(Joining):
    """Who somebody is at the provider of ``access.oidc_issuer``."""

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int]
    ) -> None:
        super().__init__(store, config, now)
        rules = config.access
        # Where people can sign in elsewhere, None for nowhere.
        self.provider = Provider(rules, now) if rules.oidc_issuer else None

    def other_ways(self) -> WaysBeside:
        """Return what stands beside name and password where people sign in."""
        label = self._config.access.oidc_label if self.provider else ""
        return WaysBeside(self.join_mode, self.has_mail, label)

    @property
    def provider_mode(self) -> str:
        """What happens to people who are new here: open, approve or closed."""
        rules = self._config.access
        return CLOSED if rules.join == CLOSED else rules.oidc_join

    def use_state(self, state: str) -> None:
        """Note that a browser came back with a state; raises LinkOver when again."""
        key, now = hashed(state), self._now()
        with self._store.writing() as at:
            self._store.forget_old(at, now)
            if self._joining.has_link(at, key):
                raise LinkOver
            self._store.add_link(
                at,
                hash=key,
                kind=BEGUN,
                role="",
                uses_left=1,
                created=now,
                expires=now + 2 * BEGUN_MINUTES * MINUTE_MS,
            )

    def enter(self, proved: Proved) -> str:
        """Return a session of who was proved; raises UnknownThere, NotAllowed."""
        with self._store.writing() as at:
            user = self._known(at, proved)
            self._check_may_enter(user)
            return self._begin(at, user.id)

    def _known(self, at: Connection, proved: Proved) -> User:
        user_id = self._joining.user_of(proved.issuer, proved.subject, at)
        user = None if user_id is None else self._store.user(user_id, at)
        if user is None:
            raise UnknownThere
        if user.closed is not None:
            raise NotAllowed("Your account here was closed. Ask an administrator.")
        return user

    def join_proved(
        self, proved: Proved, form: Application, address: str = ""
    ) -> str | None:
        """Open an account for somebody the provider knows; see :meth:`apply`."""
        mode = self.provider_mode
        if mode == CLOSED:
            raise NotAllowed(
                "Joining needs an invitation. Ask somebody who has an account."
            )
        self._arrivals.try_to_join(address)
        with self._store.writing() as at:
            if self._joining.user_of(proved.issuer, proved.subject, at) is not None:
                raise LinkOver("You have an account here already. Sign in with it.")
            user_id = self._add_applicant(at, form, None, waits=mode == APPROVE)
            self._joining.add_identity(at, proved.issuer, proved.subject, user_id)
            self._arrivals.joined(address)
            return None if mode == APPROVE else self._begin(at, user_id)

    # -- from within an account

    def is_connected(self, actor: Actor) -> bool:
        issuer = self._config.access.oidc_issuer
        return bool(issuer) and self._joining.has_identity(actor.id or 0, issuer)

    def connect(self, actor: Actor, proved: Proved) -> None:
        """Let somebody sign in with an account elsewhere; raises NotAllowed."""
        user = self._own(actor)
        with self._store.writing() as at:
            other = self._joining.user_of(proved.issuer, proved.subject, at)
            if other is not None and other != user.id:
                raise NotAllowed(
                    "This account elsewhere is connected with another one here. "
                    "Nothing was changed."
                )
            if other is None:
                self._joining.add_identity(at, proved.issuer, proved.subject, user.id)
                self.audit.note(actor, "account.provider", user.name, at=at)

    def disconnect(self, actor: Actor) -> None:
        """End that; raises NotAllowed where it is the only way in, NotFound."""
        user, issuer = self._own(actor), self._config.access.oidc_issuer
        with self._store.writing() as at:
            if not self._joining.has_identity(user.id, issuer, at):
                raise NotFound("Your account is not connected any more.")
            if not (user.has_password or self._has_passkey(user.id)):
                raise NotAllowed(
                    "This is your only way to sign in. Set a password first, then "
                    "disconnect."
                )
            self._joining.drop_identities(at, user.id, issuer)
            self.audit.note(actor, "account.provider_off", user.name, at=at)
