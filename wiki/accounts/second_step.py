"""One-time codes as a second step of signing in, and the codes for a lost phone.

Checking codes needs the extra ``mfa``; recovery codes work without it.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable
from types import ModuleType

from sqlalchemy import Connection

from ..errors import LinkOver, NotAllowed, WrongCode
from ..store.private import PrivateStore
from ..store.private_factors import CodesRow, FactorRows

pyotp: ModuleType | None
segno: ModuleType | None
try:
    import pyotp
    import segno
except ImportError:  # the extra is not installed
    pyotp = segno = None

STEP_SECONDS = 30
RECOVERY_CODES = 10
# Steps that a phone's clock may be off, and those that its owner is told of.
_DRIFT, _FAR = 1, 20
# Letters and digits that nobody takes for others; 16 of them are 80 bits.
_LETTERS, _LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 16
_LONGEST = 100

CLOCK_SLOW = (
    "This code is too old: the clock of your phone is slow. Check the time of your "
    "phone, best set by the network, and type a new code."
)
CLOCK_FAST = (
    "This code is for later: the clock of your phone is fast. Check the time of your "
    "phone, best set by the network, and type a new code."
)
USED = "This code was used already. Wait until your app shows the next one."
NO_CODES_HERE = (
    "Codes cannot be checked here just now. Use one of your recovery codes, or ask an "
    "administrator for a sign-in link."
)


class SecondStep:
    """Codes of accounts. ``now`` is ms UTC."""

    def __init__(self, store: PrivateStore, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._rows = FactorRows(store.database)

    @property
    def available(self) -> bool:
        """Whether codes can be turned on and checked."""
        return pyotp is not None

    def is_on(self, user_id: int) -> bool:
        row = self._rows.codes(user_id)
        return row is not None and row.confirmed is not None

    def recovery_left(self, user_id: int) -> int:
        return self._rows.count_recovery(user_id)

    # -- turning it on

    def begin(self, user_id: int) -> None:
        """Make a secret for a phone; nothing is asked for until a code confirms it.

        Raises NotAllowed where codes are on or cannot be used.
        """
        if pyotp is None:
            raise NotAllowed("One-time codes are not installed in this wiki.")
        with self._store.writing() as at:
            row = self._rows.codes(user_id, at)
            if row is not None and row.confirmed is not None:
                raise NotAllowed("You use one-time codes already. Turn them off first.")
            self._rows.put_codes(at, user_id, pyotp.random_base32(), self._now())

    def new_secret_of(self, user_id: int) -> str:
        """Return the secret that waits for its first code, "" where none does."""
        row = self._rows.codes(user_id)
        return row.secret if row is not None and row.confirmed is None else ""

    def picture(self, user_id: int, name: str, title: str) -> bytes:
        """Return a PNG that an app reads the new secret from; raises LinkOver."""
        secret = self.new_secret_of(user_id)
        if not secret or pyotp is None or segno is None:
            raise LinkOver
        address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=title)
        made = io.BytesIO()
        segno.make(address, error="m", micro=False).save(made, kind="png", scale=5)
        return made.getvalue()

    def confirm(self, at: Connection, user_id: int, code: str) -> list[str]:
        """Turn codes on; return the recovery codes, shown once. Raises WrongCode."""
        row = self._rows.codes(user_id, at)
        if row is None or row.confirmed is not None:
            raise LinkOver("There is nothing to confirm. Begin again in your account.")
        step, problem = self._judge(row, _plain(code))
        if step is None:
            raise WrongCode(problem)
        self._rows.change_codes(at, user_id, confirmed=self._now(), last_step=step)
        return self.renew_recovery(at, user_id)

    def renew_recovery(self, at: Connection, user_id: int) -> list[str]:
        """Return new recovery codes, shown once; the earlier ones end."""
        codes = [
            "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
            for _ in range(RECOVERY_CODES)
        ]
        self._rows.put_recovery(at, user_id, [_hash(user_id, one) for one in codes])
        return ["-".join(one[i : i + 4] for i in range(0, 16, 4)) for one in codes]

    def turn_off(self, at: Connection, user_id: int) -> None:
        self._rows.drop_codes(at, user_id)

    # -- using it

    def accept(self, at: Connection, user_id: int, typed: str) -> str:
        """Use up a code or a recovery code; return "" or why it is not accepted."""
        row = self._rows.codes(user_id, at)
        code = _plain(typed)
        if row is None or row.confirmed is None:
            return WrongCode.sentence
        if self._rows.use_recovery(at, user_id, _hash(user_id, code)):
            return ""
        step, problem = self._judge(row, code)
        if step is None:
            # What is for later is not told: somebody who guesses could come again.
            return WrongCode.sentence if problem == CLOCK_FAST else problem
        self._rows.change_codes(at, user_id, last_step=step)
        return ""

    def _judge(self, row: CodesRow, code: str) -> tuple[int | None, str]:
        """Return the step that a code is for, or None and why it is not accepted."""
        if not (len(code) == 6 and code.isascii() and code.isdigit()):
            return None, WrongCode.sentence
        if pyotp is None:
            return None, NO_CODES_HERE
        totp = pyotp.TOTP(row.secret)
        here = self._now() // 1000 // STEP_SECONDS
        found = [
            off
            for off in range(-_FAR, _FAR + 1)
            if secrets.compare_digest(totp.generate_otp(max(0, here + off)), code)
        ]
        near = [off for off in found if abs(off) <= _DRIFT]
        new = [here + off for off in near if here + off > row.last_step]
        if new:
            return new[0], ""
        if near:
            return None, USED
        if not found:
            return None, WrongCode.sentence
        return None, CLOCK_SLOW if found[0] < 0 else CLOCK_FAST


def is_code(typed: str) -> bool:
    """Tell whether a text has the form of a code or a recovery code."""
    plain = _plain(typed)
    digits = len(plain) == 6 and plain.isascii() and plain.isdigit()
    return digits or (len(plain) == _LENGTH and set(plain) <= set(_LETTERS))


def _plain(typed: str) -> str:
    """Return a code as it is meant, however it was grouped."""
    return "".join(typed[:_LONGEST].replace("-", " ").split()).lower()


def _hash(user_id: int, code: str) -> bytes:
    # 80 random bits need no slow hash.
    return hashlib.sha256(f"{user_id}:{code}".encode("utf-8", "replace")).digest()
