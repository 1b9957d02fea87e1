"""Passkeys: a device's lock opens the door (extra ``passkeys``), both steps in one.

Each ceremony has a challenge of its own, kept as a hash, good once and for 5 minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy import Connection

from ..errors import BadRequest, NotAllowed, NotFound, SignInFailed
from ..store.private import PrivateStore
from ..store.private_factors import FactorRows, PasskeyRow
from ..store.private_rows import User
from .credentials import DAY_MS

webauthn: ModuleType | None
try:
    import webauthn
    from webauthn.helpers import structs
except ImportError:  # the extra is not installed
    webauthn = None

CHALLENGE = "challenge"
MOST_PASSKEYS = 20
_MINUTES = 5
_LONGEST_ANSWER = 20_000

REFUSED = (
    "This passkey was not accepted. It may be of another wiki, or removed from its "
    "account. Try again, or sign in another way."
)
TOO_LATE = "That took too long, or was sent twice. Nothing was changed. Try again."


@dataclass(frozen=True, slots=True)
class Party:
    """What a passkey belongs to: the host name, and the origin that asks for it."""

    host: str
    origin: str


class Passkeys:
    """Passkeys of accounts. ``now`` is ms UTC."""

    def __init__(self, store: PrivateStore, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._rows = FactorRows(store.database)

    @property
    def available(self) -> bool:
        """Whether passkeys can be used as far as what is installed goes."""
        return webauthn is not None

    def of(self, user_id: int) -> list[PasskeyRow]:
        """Return the passkeys of an account, newest first."""
        return self._rows.passkeys_of(user_id)

    # -- adding one

    def options_to_add(self, user: User, party: Party, title: str) -> str:
        """Return JSON for ``navigator.credentials.create``."""
        module = _installed()
        self._check_room(user.id)
        known = self._rows.passkeys_of(user.id)
        options = module.generate_registration_options(
            rp_id=party.host,
            rp_name=title,
            user_name=user.name,
            user_id=_handle(user.id),
            user_display_name=user.display or user.name,
            # Found on the device without a name, and opened by its owner only.
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(id=one.id) for one in known
            ],
        )
        self._keep(options.challenge, user.id)
        return str(module.options_to_json(options))

    def made(self, user_id: int, answer: str, party: Party) -> dict[str, Any]:
        """Return the row of the passkey that a device made; raises BadRequest.

        The challenge is used up, whatever comes of it.
        """
        found = _read(answer)
        challenge = self._take(found, user_id)
        try:
            made = _installed().verify_registration_response(
                credential=found,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except Exception as error:  # whatever a hostile answer may do to the library
            raise BadRequest(REFUSED) from error
        return {
            "id": made.credential_id,
            "user": user_id,
            "public_key": made.credential_public_key,
            "sign_count": made.sign_count,
            "created": self._now(),
        }

    def add(self, at: Connection, row: dict[str, Any], label: str) -> None:
        """Keep a passkey; raises BadRequest where somebody has it, NotAllowed."""
        self._check_room(row["user"], at)
        if self._rows.passkey(row["id"], at) is not None:
            raise BadRequest("This passkey belongs to an account already.")
        self._rows.add_passkey(at, **row, label=label)

    def _check_room(self, user_id: int, at: Connection | None = None) -> None:
        if len(self._rows.passkeys_of(user_id, at)) >= MOST_PASSKEYS:
            raise NotAllowed(
                "An account has at most %(most)d passkeys. Remove one first.",
                most=MOST_PASSKEYS,
            )

    def remove(self, at: Connection, user_id: int, key_id: bytes) -> None:
        """Remove a passkey of an account; raises NotFound."""
        if not self._rows.drop_passkey(at, user_id, key_id):
            raise NotFound("There is no such passkey. It may be removed already.")

    # -- using one

    def options_to_sign_in(self, party: Party) -> str:
        """Return JSON for ``navigator.credentials.get``; no name is asked for."""
        module = _installed()
        options = module.generate_authentication_options(
            rp_id=party.host,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        self._keep(options.challenge, None)
        return str(module.options_to_json(options))

    def owner(self, answer: str, party: Party) -> int:
        """Return whose passkey gave an answer; raises SignInFailed, BadRequest."""
        found = _read(answer)
        challenge = self._take(found, None)
        row = self._rows.passkey(_bytes(found, "rawId"))
        if row is None:
            raise SignInFailed(REFUSED)
        try:
            _check_handle(found["response"].get("userHandle"), row.user)
            made = _installed().verify_authentication_response(
                credential=found,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except Exception as error:  # whatever a hostile answer may do to the library
            raise SignInFailed(REFUSED) from error
        with self._store.writing() as at:
            self._rows.change_passkey(
                at,
                row.id,
                sign_count=made.new_sign_count,
                used_day=self._now() // DAY_MS,
            )
        return row.user

    # -- challenges

    def _keep(self, challenge: bytes, user_id: int | None) -> None:
        now = self._now()
        with self._store.writing() as at:
            self._store.forget_old(at, now)
            self._store.add_link(
                at,
                hash=_hash(challenge),
                kind=CHALLENGE,
                user=user_id,
                role="",
                uses_left=1,
                created=now,
                expires=now + _MINUTES * 60_000,
            )

    def _take(self, answer: dict[str, Any], user_id: int | None) -> bytes:
        """Return the challenge that an answer is for, used up; raises BadRequest."""
        try:
            data = json.loads(_bytes(answer["response"], "clientDataJSON"))
            challenge = _unpacked(data["challenge"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BadRequest(REFUSED) from error
        with self._store.writing() as at:
            row = self._store.link(_hash(challenge), self._now(), at)
            if row is None or row.kind != CHALLENGE or row.user != user_id:
                raise BadRequest(TOO_LATE)
            self._store.use_link(at, _hash(challenge))
        return challenge


def _installed() -> ModuleType:
    if webauthn is None:
        raise NotAllowed("Passkeys are not installed in this wiki.")
    return webauthn


def _read(answer: str) -> dict[str, Any]:
    """Return what a browser sent; raises BadRequest for anything but an object."""
    if len(answer) > _LONGEST_ANSWER:
        raise BadRequest(REFUSED)
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise BadRequest(REFUSED) from error
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise BadRequest(REFUSED)
    return found


def _bytes(found: dict[str, Any], key: str) -> bytes:
    text = found.get(key)
    return _unpacked(text) if isinstance(text, str) else b""


def _unpacked(text: str) -> bytes:
    """Return the bytes of base64url without padding; raises ValueError."""
    return bytes(_installed().base64url_to_bytes(text))


def _handle(user_id: int) -> bytes:
    """Return what a device keeps of whose passkey it is: no name."""
    return b"person-%d" % user_id


def _check_handle(handle: object, user_id: int) -> None:
    """Raise ValueError where a device says that the passkey is of somebody else."""
    if handle and (
        not isinstance(handle, str) or _unpacked(handle) != _handle(user_id)
    ):
        raise ValueError("somebody else's passkey")


def _hash(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
