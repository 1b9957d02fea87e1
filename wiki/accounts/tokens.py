"""Tokens: what programs show instead of a person's session."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import BadRequest
from ..model.actor import SYSTEM, Actor
from ..store.private_rows import TokenRow
from .checks import check_number, one_line
from .credentials import DAY_MS, TOKEN_PREFIX, hashed, new_secret
from .standing import Standing

# A token with the scope “feed” reads feeds and nothing else: it stands in addresses.
SCOPES = frozenset({"read", "write", "files", "admin", "feed"})

_MOST_DAYS = 365


class Tokens(Standing):
    """Tokens of accounts: made, listed and ended; each is shown once."""

    def make_token(
        self,
        user_id: int,
        scopes: Iterable[str],
        days: int = 90,
        label: str = "",
        *,
        by: Actor = SYSTEM,
    ) -> str:
        """Return a token for programs, shown once; raises BadRequest, NotFound."""
        wanted = frozenset(scopes)
        if not wanted or not wanted <= SCOPES:
            raise BadRequest(
                "A token is for one or more of: admin, feed, files, read, write."
            )
        check_number(days, _MOST_DAYS)
        secret, now = TOKEN_PREFIX + new_secret(), self._now()
        with self._store.writing() as at:
            user, said = self._open_user(user_id, at), " ".join(sorted(wanted))
            self._store.add_token(
                at,
                hash=hashed(secret),
                user=user_id,
                label=one_line(label),
                scopes=said,
                created=now,
                expires=now + days * DAY_MS,
            )
            self.audit.note(by, "account.token", user.name, at=at, scopes=said)
        return secret

    def tokens_of(self, user_id: int) -> list[TokenRow]:
        return self._store.tokens_of(user_id, self._now())

    def revoke(self, user_id: int, token: bytes | str, *, by: Actor = SYSTEM) -> bool:
        """End a token, given as secret or by the hash of its row, at once.

        Returns False where this account has no such token.
        """
        key = hashed(token) if isinstance(token, str) else token
        with self._store.writing() as at:
            ended = self._store.revoke_tokens(at, user_id, self._now(), key) > 0
            if ended:
                name = self._open_user(user_id, at).name
                self.audit.note(by, "account.token_off", name, at=at)
            return ended
