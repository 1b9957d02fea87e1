"""The people of a wiki: their names, roles, groups and the tokens of their programs.

Nobody gives a role above their own, and the last administrator stays one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from ..audit import Audit
from ..errors import AccountTaken, BadName, BadRequest, NotAllowed, NotFound
from ..model.actor import ADMIN, ROLES, SYSTEM, VISITOR, Actor, rank
from ..store.private import PrivateStore
from ..store.private_rows import TokenRow, User
from .credentials import DAY_MS, TOKEN_PREFIX, hashed, new_secret

SCOPES = frozenset({"read", "write", "files", "admin"})
# Words that stand for audiences; no group can be called so.
RESERVED_GROUPS = frozenset({"public", "members", "admins", "group", "everyone"})

_LONGEST_NAME, _LONGEST_LABEL = 64, 80
_MOST_DAYS = 365
# Joiners that some scripts need inside words.
_JOINERS = frozenset("\u200c\u200d")


class People:
    """Who there is. ``now`` gives milliseconds UTC."""

    def __init__(self, store: PrivateStore, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self.audit = Audit(store, now)

    def list_users(self) -> list[User]:
        """Return all accounts, oldest first, closed ones too."""
        return self._store.users()

    def user_id(self, name: str) -> int:
        """Return the id of an account by its name; raises NotFound."""
        user = self._store.user(name_key(name))
        if user is None:
            raise NotFound("There is no account named “%(name)s”.", name=name[:100])
        return user.id

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
            groups,
            name=name,
            name_key=name_key(name),
            display=name,
            role=role,
            password=kept,
            created=self._now(),
        )

    def set_role(self, user_id: int, role: str, *, by: Actor = SYSTEM) -> None:
        """Give an account another role; raises NotAllowed, NotFound."""
        need(by, ADMIN)
        check_role(by, role)
        with self._store.writing() as at:
            self._open_user(user_id, at)
            if role != ADMIN:
                self._keep_an_admin(at, user_id)
            self._store.change_user(at, user_id, role=role)

    def set_groups(
        self, user_id: int, groups: Iterable[str], *, by: Actor = SYSTEM
    ) -> None:
        """Put an account into these groups and no others."""
        need(by, ADMIN)
        wanted = check_groups(by, groups)
        with self._store.writing() as at:
            self._open_user(user_id, at)
            self._store.set_groups(at, user_id, wanted)

    def close_user(self, user_id: int, *, by: Actor = SYSTEM) -> None:
        """Close an account: its sessions, links and tokens end, its name stays."""
        need(by, ADMIN)
        with self._store.writing() as at:
            self._open_user(user_id, at)
            self._keep_an_admin(at, user_id)
            self._store.change_user(at, user_id, closed=self._now(), password=None)
            self._store.end_sessions(at, user_id)
            self._store.drop_links(at, user_id=user_id)
            self._store.revoke_tokens(at, user_id, self._now())

    def _keep_an_admin(self, at: Connection, user_id: int) -> None:
        admins = [user.id for user in self._store.admins(at)]
        if admins == [user_id]:
            raise NotAllowed(
                "This is the only administrator. Make somebody else one first."
            )

    def _open_user(self, user_id: int, at: Connection | None = None) -> User:
        user = self._store.user(user_id, at)
        if user is None or user.closed is not None:
            raise NotFound("This account does not exist or is closed.")
        return user

    def _own(self, actor: Actor) -> User:
        if actor.id is None or actor.scopes is not None:
            raise NotAllowed("Sign in with your own account to do this.")
        return self._open_user(actor.id)

    # -- tokens

    def make_token(
        self, user_id: int, scopes: Iterable[str], days: int = 90, label: str = ""
    ) -> str:
        """Return a token for programs, shown once; raises BadRequest, NotFound."""
        wanted = frozenset(scopes)
        if not wanted or not wanted <= SCOPES:
            raise BadRequest(
                "A token is for one or more of: admin, files, read, write."
            )
        check_number(days, _MOST_DAYS)
        secret, now = TOKEN_PREFIX + new_secret(), self._now()
        with self._store.writing() as at:
            self._open_user(user_id, at)
            self._store.add_token(
                at,
                hash=hashed(secret),
                user=user_id,
                label=one_line(label),
                scopes=" ".join(sorted(wanted)),
                created=now,
                expires=now + days * DAY_MS,
            )
        return secret

    def tokens_of(self, user_id: int) -> list[TokenRow]:
        return self._store.tokens_of(user_id, self._now())

    def revoke(self, user_id: int, token: bytes | str) -> bool:
        """End a token, given as secret or by the hash of its row, at once.

        Returns False where this account has no such token.
        """
        key = hashed(token) if isinstance(token, str) else token
        with self._store.writing() as at:
            return self._store.revoke_tokens(at, user_id, self._now(), key) > 0


def name_key(name: str) -> str:
    """Return what names that are the same to a reader have in common."""
    text = unicodedata.normalize("NFKC", " ".join(name[:500].split()))
    return unicodedata.normalize("NFKC", text.casefold())


def clean_name(name: str) -> str:
    """Return a name for an account in its kept spelling; raises BadName."""
    text = unicodedata.normalize("NFC", " ".join(name[:500].split()))
    if not text or len(text) > _LONGEST_NAME or not name_key(text):
        raise BadName("A name for an account has 1 to 64 characters.")
    for char in text:
        hidden = unicodedata.category(char)[0] == "C" and char not in _JOINERS
        if hidden or char in '/\\<>@,;:"':
            raise BadName(
                "A name for an account can hold letters, digits, spaces, dots, "
                "dashes and apostrophes."
            )
    # In brackets stands the wiki itself, in histories.
    if text.startswith("("):
        raise BadName("A name for an account cannot start with a bracket.")
    return text


def need(by: Actor, role: str) -> None:
    """Raise NotAllowed for whoever has not at least this role."""
    if not by.at_least(role):
        raise NotAllowed("Your role does not include this. Ask an administrator.")


def check_role(by: Actor, role: str) -> None:
    """Raise for a role that is none, or above the one of who gives it."""
    if role not in ROLES or role == VISITOR:
        raise BadRequest("There is no such role. Choose one of the list.")
    if rank(role) > rank(by.role):
        raise NotAllowed("You cannot give a role above your own.")


def check_groups(by: Actor, groups: Iterable[str]) -> list[str]:
    """Return the groups by name; raises BadName, NotAllowed."""
    wanted = sorted({unicodedata.normalize("NFC", one.strip()) for one in groups})
    for group in wanted:
        fits = 0 < len(group) <= _LONGEST_NAME and group.isprintable()
        if not fits or any(c in ":,/" for c in group):
            raise BadName("A group name has 1 to 64 characters, without : , and /.")
        if group.casefold() in RESERVED_GROUPS:
            raise BadName("This word stands for an audience. Choose another name.")
    if not by.at_least(ADMIN) and not set(wanted) <= by.groups:
        raise NotAllowed("You can invite only to groups that you are in.")
    return wanted


def check_number(number: int, most: int) -> None:
    """Raise BadRequest for a number of days or uses that cannot be."""
    if not 1 <= number <= most:
        raise BadRequest("Choose a number from 1 to %(most)d.", most=most)


def one_line(label: str) -> str:
    """Return a label somebody typed, cleaned and not too long."""
    plain = "".join(c if c.isprintable() else " " for c in label[:500])
    return " ".join(plain.split())[:_LONGEST_LABEL]
