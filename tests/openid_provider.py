"""An OpenID provider, built with authlib's server side, on a port of this machine.

It signs everybody in as ``subject``. ``twist`` makes it lie: each name stands for one
way in which a provider, or somebody in its place, may answer wrongly.
"""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "the-wiki", "secret of the wiki"


@dataclass
class Client:
    """The wiki, as the provider knows it."""

    client_id: str = CLIENT
    id_token_signed_response_alg: str = "RS256"

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri.endswith("/-/openid/back")

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Person:
    subject: str
    name: str

    def get_user_id(self) -> str:
        return self.subject


@dataclass
class Code:
    """An authorization code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: Person
    auth_time: int = field(default_factory=lambda: int(time.time()))
    acr: str | None = None
    amr: list[str] | None = None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> str | None:
        return self.acr

    def get_amr(self) -> list[str] | None:
        return self.amr


@dataclass
class OpenIdProvider:
    """A provider; ``asked`` holds the paths that it was asked for."""

    issuer: str = ""
    subject: str = "subject-1"
    name: str = "Bo from Elsewhere"
    twist: str = ""
    key: Any = field(
        default_factory=lambda: RSAKey.generate_key(
            2048, {"kid": "one", "use": "sig"}, auto_kid=False
        )
    )
    codes: dict[str, Code] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def person(self) -> Person:
        return Person(self.subject, self.name)


def make_app(provider: OpenIdProvider) -> Flask:
    """Return the provider as an application."""
    app = Flask("provider")
    client = Client()
    server = AuthorizationServer(
        app,
        query_client=lambda client_id: client if client_id == CLIENT else None,
        save_token=lambda token, request: None,
    )
    server.register_grant(
        _code_grant(provider),
        [_open_id(provider), CodeChallenge(required=True)],
    )

    app.before_request(partial(_before, provider))
    app.add_url_rule("/jwks", "keys", partial(_keys, provider))

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        own = provider.issuer
        other = "https://evil.example" if provider.twist == "other name" else own
        plain = "http://evil.example" if provider.twist == "unprotected" else own
        return jsonify(
            issuer=other,
            authorization_endpoint=f"{own}/authorize",
            token_endpoint=f"{plain}/token",
            jwks_uri=f"{own}/jwks",
            response_types_supported=["code"],
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/authorize")
    def authorize() -> Any:
        if provider.twist == "denied":
            state = request.args["state"]
            return redirect(
                f"{request.args['redirect_uri']}?error=access_denied&state={state}"
            )
        grant = server.get_consent_grant(end_user=provider.person)
        return server.create_authorization_response(
            grant_user=provider.person, grant=grant
        )

    @app.post("/token")
    def token() -> Any:
        return _twisted(provider, server.create_token_response())

    return app


def _before(provider: OpenIdProvider) -> Any:
    """Note what is asked for, and fail where that is the twist."""
    provider.asked.append(request.path)
    if provider.twist == "error":
        return Response("no", 500)
    if provider.twist == "slow":
        time.sleep(1.5)
    if provider.twist == "moved" and request.path == "/token":
        return redirect("http://127.0.0.1:1/token", 307)
    if provider.twist == "huge" and request.path == "/jwks":
        return Response(b"{" + b" " * 10**6 + b"}", content_type="application/json")
    return None


def _keys(provider: OpenIdProvider) -> Any:
    if provider.twist == "no keys":
        return jsonify(keys="none")
    key = provider.key
    if provider.twist == "other key":
        key = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
    return jsonify(keys=[key.as_dict(private=False)])


def _code_grant(provider: OpenIdProvider) -> type:
    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = ["client_secret_basic"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            provider.codes[code] = Code(
                code,
                request.payload.redirect_uri,
                request.payload.scope,
                data.get("nonce", ""),
                data.get("code_challenge", ""),
                data.get("code_challenge_method", ""),
                request.user,
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: Code) -> None:
            provider.codes.pop(code.code, None)

        def authenticate_user(self, code: Code) -> Person:
            return code.person

    return CodeGrant


def _open_id(provider: OpenIdProvider) -> OpenIDCode:
    class Own(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": provider.issuer}

        def get_encode_header(self, client: Client) -> dict[str, Any]:
            return {"alg": "RS256", "kid": "one"}

        def resolve_client_private_key(self, client: Client) -> Any:
            return provider.key

        def generate_user_info(self, user: Person, scope: str) -> UserInfo:
            return UserInfo(
                sub=user.subject,
                preferred_username=user.name,
                email="canary@example.org",
                picture="https://canary.example/face.png",
            )

    return Own(require_nonce=True)


def _twisted(provider: OpenIdProvider, response: Response) -> Response:
    """Return the token's answer with another identity token in it."""
    if response.status_code != 200 or provider.twist not in TWISTS:
        return response
    body = response.get_json()
    claims = jwt.decode(body["id_token"], provider.key).claims
    body["id_token"] = TWISTS[provider.twist](provider, claims)
    if provider.twist == "no token":
        del body["id_token"]
    return jsonify(body)


def _with(**changes: Any) -> Any:
    def change(provider: OpenIdProvider, claims: dict[str, Any]) -> Any:
        made = {**claims, **changes}
        kept = {name: value for name, value in made.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "one"}, kept, provider.key)

    return change


def _later(**seconds: int) -> Any:
    def change(provider: OpenIdProvider, claims: dict[str, Any]) -> Any:
        now = int(time.time())
        return _with(**{name: now + by for name, by in seconds.items()})(
            provider, claims
        )

    return change


def _unsigned(provider: OpenIdProvider, claims: dict[str, Any]) -> str:
    return _by_hand({"alg": "none"}, claims, b"")


def _shared(provider: OpenIdProvider, claims: dict[str, Any]) -> str:
    """Sign with the public key as a shared secret: the oldest trick."""
    header = {"alg": "HS256", "kid": "one"}
    return _by_hand(header, claims, provider.key.as_pem(private=False))


def _by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """Return a token that no library would make."""
    text = ".".join(_part(json.dumps(one).encode()) for one in (header, claims))
    made = hmac.digest(secret, text.encode(), "sha256") if secret else b""
    return f"{text}.{_part(made)}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


TWISTS: dict[str, Any] = {
    "wrong nonce": _with(nonce="another"),
    "no nonce": _with(nonce=None),
    "wrong audience": _with(aud="another-client"),
    "two audiences": _with(aud=[CLIENT, "another-client"]),
    "another party": _with(aud=[CLIENT, "another-client"], azp="another-client"),
    "other issuer": _with(iss="https://evil.example"),
    "expired": _later(iat=-3600, exp=-121),
    "not yet": _later(iat=600, exp=900),
    "a little late": _later(iat=-400, exp=-100),
    "a little early": _later(iat=100, exp=400),
    "no expiry": _with(exp=None),
    "no subject": _with(sub=None),
    "odd subject": _with(sub={"$ne": ""}),
    "long subject": _with(sub="x" * 256),
    "alg none": _unsigned,
    "shared secret": _shared,
    "no token": _with(),
    "odd name": _with(preferred_username="<b>\u202e" + "x" * 500),
    "no name": _with(preferred_username=None),
}


@contextmanager
def serving(provider: OpenIdProvider) -> Iterator[OpenIdProvider]:
    """Serve a provider on a free port of this machine; its issuer is set."""
    server = make_server("127.0.0.1", 0, make_app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
