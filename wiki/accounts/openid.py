"""OpenID Connect: what the provider that administrators chose says about somebody.

Authorization code flow with PKCE. Nobody but that provider is asked, and nothing it
says is kept but the subject and, for a moment, a suggested name. Needs the extra
``oidc``; without it no provider can be set.
"""

from __future__ import annotations

import io
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import BadRequest, NotAllowed, WikiError
from ..sections import AccessRules
from .checks import one_line

try:
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.requests_client import OAuth2Session
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from requests import RequestException, Response
except ImportError:  # the extra is not installed
    pass

log = logging.getLogger("wiki.openid")

SCOPE = "openid profile"
# Signed with the provider's own key: neither unsigned nor by a shared secret.
ALGORITHMS = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip

_SECONDS, _MOST_SECONDS, _MOST_BYTES = 5, 15, 256 * 1024
_CLOCK_SECONDS = 120
_KEPT_SECONDS = 600
_LONGEST_SUBJECT = 255
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderAway(WikiError):
    status, slug = 503, "provider-away"
    sentence = (
        "The site behind “%(provider)s” cannot be reached just now. Try again in a "
        "minute, or sign in with your name and password."
    )

    def __init__(self, provider: str = "…") -> None:
        super().__init__(provider=provider)


class ProviderRefused(NotAllowed):
    sentence = "You were not signed in with “%(provider)s”. Nothing was changed here."

    def __init__(self, provider: str = "…") -> None:
        super().__init__(provider=provider)


class ProviderUnclear(BadRequest):
    sentence = (
        "The answer of “%(provider)s” could not be checked, so you are not signed in. "
        "Try again. If it happens again, tell an administrator."
    )

    def __init__(self, provider: str = "…") -> None:
        super().__init__(provider=provider)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where to go, and what the browser keeps meanwhile."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Proved:
    """Who somebody is at a provider."""

    issuer: str
    subject: str
    suggested: str = ""


class Provider:
    """The provider of one wiki. ``now`` is ms UTC."""

    def __init__(self, rules: AccessRules, now: Callable[[], int]) -> None:
        self._rules, self._now = rules, now
        self.issuer = rules.oidc_issuer
        self._known: tuple[float, Mapping[str, Any]] = (0.0, {})

    def begin(self, back: str) -> Begun:
        """Return the address to send a browser to; ``back`` is where it returns.

        Raises ProviderAway, ProviderUnclear.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        endpoint = self._metadata()["authorization_endpoint"]
        with self._session(back) as session:
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return Begun(url, state, nonce, verifier)

    def finish(self, begun: Begun, back: str, answer: Mapping[str, str]) -> Proved:
        """Return who came back with ``answer``, the query of the address.

        The state was compared before. Raises ProviderRefused, ProviderAway,
        ProviderUnclear.
        """
        if answer.get("iss", self.issuer) != self.issuer:
            raise self._unclear("another issuer")
        if "error" in answer or not answer.get("code"):
            raise ProviderRefused(self._rules.oidc_label)
        metadata = self._metadata()
        with self._session(back) as session:
            token = self._asked(
                lambda: session.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=begun.verifier,
                    redirect_uri=back,
                )
            )
            keys = self._json(session, metadata["jwks_uri"])
        return self._proved(token, keys, begun.nonce)

    def _proved(
        self, token: Mapping[str, Any], keys: Mapping[str, Any], nonce: str
    ) -> Proved:
        try:
            signed = jwt.decode(
                str(token.get("id_token", "")), _keys_of(keys), algorithms=ALGORITHMS
            )
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._rules.oidc_client},
                    "nonce": {"essential": True, "value": nonce},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._rules.oidc_client,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(self._now() // 1000, _CLOCK_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
            raise self._unclear(type(error).__name__) from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise self._unclear("no subject")
        return Proved(self.issuer, subject, _suggested(claims))

    # -- asking the provider

    def _metadata(self) -> Mapping[str, Any]:
        """Return what the provider says of itself, looked up every ten minutes."""
        until, known = self._known
        if time.monotonic() < until:
            return known
        with self._session("") as session:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = self._json(session, url)
        if found.get("issuer") != self.issuer:
            raise self._unclear("it calls itself otherwise than access.oidc_issuer")
        if not all(self._may_ask(found.get(name)) for name in _ENDPOINTS):
            raise self._unclear("one of its addresses is not protected")
        self._known = (time.monotonic() + _KEPT_SECONDS, found)
        return found

    def _may_ask(self, url: object) -> bool:
        """Tell whether an address is protected as well as the provider's own."""
        if not isinstance(url, str):
            return False
        try:
            parts, own = urlsplit(url), urlsplit(self.issuer)
        except ValueError:
            return False
        same = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        return same or (parts.scheme == "https" and bool(parts.hostname))

    def _json(self, session: Any, url: str) -> Mapping[str, Any]:
        return self._asked(lambda: _object(session.get(url, withhold_token=True)))

    def _asked(self, ask: Callable[[], Any]) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = ask()
        except AuthlibBaseError as error:
            raise self._unclear(str(error.error)) from error
        except ValueError as error:
            # Of requests too: what is no JSON is a ValueError first.
            raise self._unclear(type(error).__name__) from error
        except (RequestException, OSError) as error:
            log.warning("The provider does not answer: %s.", type(error).__name__)
            raise ProviderAway(self._rules.oidc_label) from error
        return found

    def _session(self, back: str) -> Any:
        rules = self._rules
        session = OAuth2Session(
            rules.oidc_client,
            rules.oidc_secret or None,
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=_SECONDS,
        )
        # Where it says so, it is asked there and nowhere else.
        session.max_redirects = 0
        session.trust_env = urlsplit(self.issuer).scheme == "https"
        session.hooks["response"].append(_read_at_most)
        return session

    def _unclear(self, reason: str) -> ProviderUnclear:
        log.warning("The provider's answer is not accepted: %s.", reason[:200])
        return ProviderUnclear(self._rules.oidc_label)


def _read_at_most(response: Response, **_: Any) -> None:
    """Read an answer as far as one is ever long, and with little patience."""
    until, body = time.monotonic() + _MOST_SECONDS, io.BytesIO()
    while chunk := response.raw.read(16 * 1024, decode_content=True):
        body.write(chunk)
        if body.tell() > _MOST_BYTES or time.monotonic() > until:
            response.close()
            raise RequestException("the answer is too long")
    response.raw.release_conn()
    body.seek(0)
    response.raw = body


def _object(response: Response) -> Mapping[str, Any]:
    response.raise_for_status()
    found = json.loads(response.content)
    if not isinstance(found, dict):
        raise TypeError("no JSON object")
    return found


def _keys_of(found: Mapping[str, Any]) -> KeySet:
    """Return the keys that signatures are checked with; raises for what is none."""
    rows = found.get("keys")
    if not isinstance(rows, list):
        raise TypeError("no keys")
    return KeySet.import_key_set(
        {
            "keys": [
                row
                for row in rows
                if isinstance(row, dict)
                and row.get("kty") in {"RSA", "EC", "OKP"}
                and row.get("use", "sig") == "sig"
            ]
        }
    )


def _suggested(claims: Mapping[str, Any]) -> str:
    for name in ("preferred_username", "nickname", "name"):
        found = claims.get(name)
        if isinstance(found, str) and one_line(found):
            return one_line(found)[:64]
    return ""
