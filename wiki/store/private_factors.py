"""Rows of what lets people in besides a password, and of tries that failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, false, func, or_, select, update

from .engine import Database
from .private_tables import (
    attempt,
    device,
    identity,
    link,
    passkey,
    recovery,
    totp,
    user,
)


@dataclass(frozen=True, slots=True)
class CodesRow:
    """The one-time codes of an account; ``confirmed`` is None until the first code."""

    secret: str
    confirmed: int | None
    last_step: int


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey; its owner sees label, ``created`` (ms) and ``used_day``."""

    id: bytes
    user: int
    public_key: bytes
    sign_count: int
    label: str
    created: int
    used_day: int | None


class FactorRows:
    """Codes, recovery codes, passkeys and known devices in the private database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # -- one-time codes

    def codes(self, user_id: int, at: Connection | None = None) -> CodesRow | None:
        query = select(totp).where(totp.c.user == user_id)
        row = self._first(query, at)
        return CodesRow(row.secret, row.confirmed, row.last_step) if row else None

    def put_codes(self, at: Connection, user_id: int, secret: str, now: int) -> None:
        """Keep a new secret that no code has confirmed yet, in place of any other."""
        self.drop_codes(at, user_id)
        at.execute(
            totp.insert().values(user=user_id, secret=secret, created=now, last_step=-1)
        )

    def change_codes(self, at: Connection, user_id: int, **values: Any) -> None:
        at.execute(update(totp).where(totp.c.user == user_id).values(**values))

    def drop_codes(self, at: Connection, user_id: int) -> None:
        at.execute(delete(totp).where(totp.c.user == user_id))
        at.execute(delete(recovery).where(recovery.c.user == user_id))

    def put_recovery(
        self, at: Connection, user_id: int, hashes: Iterable[bytes]
    ) -> None:
        """Keep the hashes of new recovery codes in place of all earlier ones."""
        at.execute(delete(recovery).where(recovery.c.user == user_id))
        at.execute(recovery.insert(), [{"hash": h, "user": user_id} for h in hashes])

    def use_recovery(self, at: Connection, user_id: int, hashed: bytes) -> bool:
        """Remove a recovery code; tell whether it was there."""
        query = delete(recovery).where(
            recovery.c.hash == hashed, recovery.c.user == user_id
        )
        return at.execute(query).rowcount > 0

    def count_recovery(self, user_id: int) -> int:
        query = select(func.count()).where(recovery.c.user == user_id)
        with self._db.reading() as connection:
            return int(connection.execute(query).scalar_one())

    # -- passkeys

    def passkey(self, key_id: bytes, at: Connection | None = None) -> PasskeyRow | None:
        row = self._first(select(passkey).where(passkey.c.id == key_id), at)
        return PasskeyRow(*row) if row else None

    def passkeys_of(
        self, user_id: int, at: Connection | None = None
    ) -> list[PasskeyRow]:
        """Return the passkeys of an account, newest first."""
        query = (
            select(passkey)
            .where(passkey.c.user == user_id)
            .order_by(passkey.c.created.desc())
        )
        if at is not None:
            return [PasskeyRow(*row) for row in at.execute(query)]
        with self._db.reading() as connection:
            return [PasskeyRow(*row) for row in connection.execute(query)]

    def add_passkey(self, at: Connection, **values: Any) -> None:
        at.execute(passkey.insert().values(**values))

    def change_passkey(self, at: Connection, key_id: bytes, **values: Any) -> None:
        at.execute(update(passkey).where(passkey.c.id == key_id).values(**values))

    def drop_passkey(self, at: Connection, user_id: int, key_id: bytes) -> bool:
        """Remove a passkey of an account; tell whether it was there."""
        query = delete(passkey).where(passkey.c.id == key_id, passkey.c.user == user_id)
        return at.execute(query).rowcount > 0

    def admins_with(self, *, passkeys: bool, identities: bool) -> int:
        """Count open administrators who need no password to sign in."""
        ways = [passkey] * passkeys + [identity] * identities
        query = select(func.count()).where(
            user.c.role == "admin",
            user.c.closed.is_(None),
            user.c.blocked.is_(None),
            or_(false(), *(user.c.id.in_(select(one.c.user)) for one in ways)),
        )
        with self._db.reading() as connection:
            return int(connection.execute(query).scalar_one())

    # -- known devices

    def device_expires(self, hashed: bytes) -> int | None:
        row = self._first(select(device.c.expires).where(device.c.hash == hashed), None)
        return None if row is None else int(row.expires)

    def put_device(
        self, at: Connection, hashed: bytes, user_id: int, expires: int
    ) -> None:
        at.execute(delete(device).where(device.c.hash == hashed))
        at.execute(device.insert().values(hash=hashed, user=user_id, expires=expires))

    def drop_devices(self, at: Connection, user_id: int) -> None:
        at.execute(delete(device).where(device.c.user == user_id))

    def forget_devices(self, at: Connection, now: int) -> None:
        at.execute(delete(device).where(device.c.expires <= now))

    def drop_all(self, at: Connection, user_id: int) -> None:
        """Remove every way into an account but its password.

        Who somebody is at a provider stays: a closed account keeps them out there, too.
        """
        for table in (totp, recovery, passkey, device):
            at.execute(delete(table).where(table.c.user == user_id))

    # -- sign-ins that wait for their second step

    def drop_waiting(self, at: Connection, user_id: int, kind: str) -> None:
        at.execute(delete(link).where(link.c.user == user_id, link.c.kind == kind))

    def _first(self, query: Any, at: Connection | None) -> Any:
        if at is not None:
            return at.execute(query).first()
        with self._db.reading() as connection:
            return connection.execute(query).first()


class AttemptRows:
    """How often each keyed hash failed of late. Writes are transactions of their own.

    ``since`` is the time of the last failure that counted, ms UTC.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self, key: bytes, earlier: bytes, now: int, most: int, quiet_ms: int
    ) -> tuple[int, int]:
        """Count one more and return (how many, 0); (most, ms to wait) when full.

        What is older than ``quiet_ms`` is forgotten; ``earlier`` is the hash that
        stood for the same one yesterday.
        """
        with self._db.writing() as at:
            at.execute(
                update(attempt)
                .where(attempt.c.key == earlier, attempt.c.since > now - quiet_ms)
                .values(key=key)
                .prefix_with("OR IGNORE")
            )
            query = select(attempt.c.count.label("tries"), attempt.c.since)
            row = at.execute(query.where(attempt.c.key == key)).first()
            if row is None:
                at.execute(attempt.insert().values(key=key, count=1, since=now))
                return 1, 0
            # A little later than now is another process that was first here; much
            # later was counted before the clock was set back.
            if abs(now - row.since) >= quiet_ms:
                count = 1
            elif row.tries >= most:
                return most, row.since + quiet_ms - now
            else:
                count = row.tries + 1
            at.execute(
                update(attempt)
                .where(attempt.c.key == key)
                .values(count=count, since=max(now, row.since) if count > 1 else now)
            )
            return count, 0

    def clear(self, key: bytes) -> None:
        with self._db.writing() as at:
            at.execute(delete(attempt).where(attempt.c.key == key))

    def forget(self, before: int) -> None:
        with self._db.writing() as at:
            at.execute(delete(attempt).where(attempt.c.since <= before))
