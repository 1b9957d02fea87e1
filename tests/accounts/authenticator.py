"""An authenticator in a few lines: what a phone or security key does for passkeys.

Chromium's own one is used in tests/journeys; this one also does what none would.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey on one device, for one wiki."""

    host: str = "wiki.example.org"
    origin: str = "https://wiki.example.org"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key_id: bytes = b"the only key"
    handle: bytes = b""
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str, **client: Any) -> str:
        """Answer ``navigator.credentials.create``."""
        asked = json.loads(options)
        self.handle = unpacked(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big")}
        public[-3] = numbers.y.to_bytes(32, "big")
        credential = struct.pack(">16sH", b"", len(self.key_id)) + self.key_id
        data = self._data(self.flags | ATTESTED) + credential + cbor2.dumps(public)
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"attestationObject": packed(made)}
        return self._answer("webauthn.create", asked, response, client)

    def get(self, options: str, **client: Any) -> str:
        """Answer ``navigator.credentials.get``."""
        asked = json.loads(options)
        self.count += 1
        data, told = self._data(self.flags), self._client("webauthn.get", asked, client)
        signed = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(SHA256()))
        response = {
            "authenticatorData": packed(data),
            "signature": packed(signed),
            "userHandle": packed(self.handle),
        }
        return self._answer("webauthn.get", asked, response, client)

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, asked: Any, client: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(told | client).encode()

    def _answer(
        self, kind: str, asked: Any, response: dict[str, str], client: dict[str, Any]
    ) -> str:
        response["clientDataJSON"] = packed(self._client(kind, asked, client))
        key_id = packed(self.key_id)
        return json.dumps(
            {"id": key_id, "rawId": key_id, "type": "public-key", "response": response}
        )
