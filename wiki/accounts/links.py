"""Links that sign somebody in: the owner's first one, one-time links, new passwords.

Every secret is shown or sent once and kept as a hash.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from ..config import Config
from ..errors import LinkOver, NotAllowed, NotValid, SecondStepNeeded
from ..mail import Outbox, is_address
from ..model.actor import ADMIN, SYSTEM, Actor
from ..model.page import ERROR, Problem
from ..store.private import PrivateStore
from ..store.private_joining import RESET, JoiningRows
from ..store.private_rows import LinkRow, User
from .arrivals import Arrivals
from .checks import name_key, need
from .credentials import DAY_MS, hashed, new_secret, person_of
from .own import OwnAccount
from .signing_in import LINK_MINUTES, MINUTE_MS, USE_PASSKEY

OWNER = "owner"
FIRST, SIGN_IN = "first", "signin"

_FIRST_DAYS = 7
# Accounts that may share one address, and unused links that one account may have.
_MOST_SHARING, _MOST_RESETS = 3, 3

# Sends (address, name of the account, secret).
Send = Callable[[str, str, str], object]


class Links(OwnAccount):
    """Signing in without a password, once."""

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int]
    ) -> None:
        super().__init__(store, config, now)
        self.outbox, self._arrivals = Outbox(), Arrivals()
        self._joining = JoiningRows(store.database)

    # -- the first link

    def first_link(self) -> str | None:
        """Return a secret for the owner's first sign-in; earlier ones end.

        None once an administrator has a way to sign in.
        """
        with self._store.writing() as at:
            if self._has_ready_admin(at):
                return None
            self._store.drop_links(at, kind=FIRST)
            return self._add_link(at, FIRST, _FIRST_DAYS * DAY_MS, role=ADMIN)

    def _has_ready_admin(self, at: Connection) -> bool:
        return any(
            user.has_password or self._has_passkey(user.id)
            for user in self._store.admins(at)
        )

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

    # -- one-time links

    def link_for(self, user_id: int, kind: str = SIGN_IN, *, by: Actor = SYSTEM) -> str:
        """Return a secret that signs an account in once, within an hour.

        Raises NotAllowed for anybody but administrators, NotFound.
        """
        need(by, ADMIN)
        with self._store.writing() as at:
            user = self._open_user(user_id, at)
            self.audit.note(by, "account.link", user.name, at=at)
            return self._add_link(
                at, kind, LINK_MINUTES * MINUTE_MS, user=user_id, made_by=by.id
            )

    def whose_link(self, secret: str) -> str:
        """Return the name of who a one-time link is for, and leave it as it is.

        Raises LinkOver.
        """
        row = self._store.link(hashed(secret), self._now())
        return self._owner(row).display

    def follow_link(self, secret: str) -> str:
        """Return a session of the account a link is for; raises LinkOver.

        For an hour such a session may set a password without the old one. A link that
        came by mail proves no more than a password does: it raises SecondStepNeeded
        or NotAllowed where that is too little. One by an administrator is enough.
        """
        with self._store.writing() as at:
            row = self._take_link(at, secret, SIGN_IN, RESET)
            user = self._owner(row, at)
            if row.kind == RESET and self._needs_passkey(user):
                raise NotAllowed(USE_PASSKEY)
            if row.kind == SIGN_IN or not self.second_step.is_on(user.id):
                return self._begin(at, user.id, by_link=True)
        raise SecondStepNeeded(self._wait_for_code(user.id, by_link=True))

    def _owner(self, row: LinkRow | None, at: Connection | None = None) -> User:
        if row is None or row.kind not in {SIGN_IN, RESET} or row.user is None:
            raise LinkOver
        user = self._store.user(row.user, at)
        if user is None or user.closed is not None or user.waiting is not None:
            raise LinkOver
        return user

    def _take_link(self, at: Connection, secret: str, *kinds: str) -> LinkRow:
        row = self._store.link(hashed(secret), self._now(), at)
        if row is None or row.kind not in kinds:
            raise LinkOver
        self._store.use_link(at, hashed(secret))
        return row

    def _add_link(
        self,
        at: Connection,
        kind: str,
        lasts_ms: int,
        *,
        groups: tuple[str, ...] = (),
        role: str = "",
        uses_left: int = 1,
        **values: int | str | None,
    ) -> str:
        """Write a link and return its secret."""
        secret, now = new_secret(), self._now()
        self._store.add_link(
            at,
            groups,
            hash=hashed(secret),
            kind=kind,
            role=role,
            uses_left=uses_left,
            created=now,
            expires=now + lasts_ms,
            **values,
        )
        return secret

    # -- a new password by mail

    @property
    def has_mail(self) -> bool:
        """Whether this wiki can send mail."""
        return bool(self._config.mail.url)

    def ask_for_link(self, typed: str, address: str, send: Send) -> None:
        """Have a link to a new password sent to who is meant by a name or an address.

        Returns at once and tells nothing about who there is: finding them is part of
        the job. Raises TooMany for a network that asks too often.
        """
        self._arrivals.ask_for_link(address)
        self.outbox.put(partial(self._send_links, typed[:500], send))

    def _send_links(self, typed: str, send: Send) -> None:
        for user_id in self._meant_by(typed):
            email = self._joining.email_of(user_id)
            if not email:
                continue
            with self._store.writing() as at:
                user = self._store.user(user_id, at)
                open_links = self._joining.open_resets(at, user_id, self._now())
                if user is None or open_links >= _MOST_RESETS:
                    continue
                secret = self._add_link(
                    at, RESET, LINK_MINUTES * MINUTE_MS, user=user_id
                )
                self.audit.note(person_of(user), "account.reset", user.name, at=at)
            send(email, user.display, secret)

    def _meant_by(self, typed: str) -> list[int]:
        if "@" in typed:
            return self._joining.by_email(typed.strip(), _MOST_SHARING)
        user = self._store.user(name_key(typed))
        if user is None or user.closed is not None or user.waiting is not None:
            return []
        return [user.id]

    def _close(self, at: Connection, user: User) -> None:
        super()._close(at, user)
        self._store.change_user(at, user.id, email=None)

    # -- the address for mail

    def own_email(self, actor: Actor) -> str:
        """Return one's own address; nobody else is shown it."""
        return self._joining.email_of(actor.id or 0)

    def set_email(self, actor: Actor, email: str) -> None:
        """Keep one's own address, or none for ""; the caller has seen a fresh proof.

        Links that were sent to the old address end. Raises NotAllowed, NotValid.
        """
        user, email = self._own(actor), check_email(email)
        with self._store.writing() as at:
            self._store.change_user(at, user.id, email=email or None)
            self._joining.drop_resets(at, user.id)
            self.audit.note(actor, "account.email", user.name, at=at)


def check_email(typed: str) -> str:
    """Return an address as it is kept, "" for none; raises NotValid."""
    email = typed.strip()
    if not email or is_address(email):
        return email
    sentence = (
        "This does not look like an e-mail address. Write it like ana@example.org, "
        "or leave the field empty."
    )
    raise NotValid((Problem(ERROR, "email", sentence),), sentence)
