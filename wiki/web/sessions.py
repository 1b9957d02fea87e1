"""Who is asking: the session cookie or the bearer token of a request."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface

from wiki.accounts.devices import DEVICE_DAYS
from wiki.errors import BadRequest, NotAllowed, SignInNeeded
from wiki.model.actor import VISITOR_ACTOR

from .current import wiki
from .security import is_loopback

SECURE_COOKIE = "__Host-wiki"
PLAIN_COOKIE = "wiki"  # plain HTTP on this machine only
SECURE_DEVICE, PLAIN_DEVICE = "__Host-wiki-device", "wiki-device"
API = "/-/api/"


class FormSessions(SecureCookieSessionInterface):
    """What forms and messages need of a browser, in a cookie like the session's."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def install(app: Flask) -> None:
    app.session_interface = FormSessions()
    app.before_request(load_actor)


def load_actor() -> None:
    """Set ``g.actor`` and ``g.by_token`` for this request."""
    g.by_token = False
    g.actor = VISITOR_ACTOR
    if "access_token" in request.args:
        raise BadRequest("A token belongs in the Authorization header, not in a link.")
    header = request.headers.get("Authorization", "")
    if header and request.path.startswith(API):
        _by_token(header)
        return
    secret = cookie_of(request)
    if secret:
        found = wiki().accounts.session(secret)
        if found is not None:
            g.actor = wiki().access.reader(found)


def _by_token(header: str) -> None:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise SignInNeeded("Send the token as “Authorization: Bearer cgw_…”.")
    found = wiki().accounts.token(secret.strip())
    if found is None:
        raise SignInNeeded("This token is unknown, revoked or has expired.")
    g.actor, g.by_token = wiki().access.reader(found), True


def cookie_of(request: Request) -> str:
    name = SECURE_COOKIE if request.is_secure else PLAIN_COOKIE
    return request.cookies.get(name, "")


def check_transport() -> None:
    """Refuse to sign anybody in over plain HTTP from another machine."""
    if request.is_secure or is_loopback(request.host) or _is_onion():
        return
    if not current_app.config["WIKI_ALLOW_HTTP"]:
        raise NotAllowed(
            "Signing in needs a protected connection. Open this wiki by https, or "
            "ask the person who runs it to set security.allow_http for this network."
        )


def _is_onion() -> bool:
    """Tell whether this is the wiki's own onion service: Tor protects the way."""
    ours = urlsplit(current_app.config["WIKI_SITE_URL"]).hostname or ""
    here = urlsplit(request.host_url).hostname
    return ours.endswith(".onion") and here == ours


def begin(response: Response, secret: str, *, days: int | None) -> Response:
    """Put the session's cookie on a response; ``days`` None ends with the browser."""
    secure = request.is_secure
    response.set_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        secret,
        max_age=days * 86400 if days else None,
        secure=secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def device_of(request: Request) -> str:
    """Return what a browser keeps of an earlier sign-in, "" before the first."""
    name = SECURE_DEVICE if request.is_secure else PLAIN_DEVICE
    return request.cookies.get(name, "")


def keep_device(response: Response, secret: str) -> None:
    """Have a browser keep the secret that it is known by; it signs nobody in."""
    secure = request.is_secure
    response.set_cookie(
        SECURE_DEVICE if secure else PLAIN_DEVICE,
        secret,
        max_age=DEVICE_DAYS * 86400,
        secure=secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def end(response: Response) -> Response:
    """Take the session's cookie away and have the browser forget what it kept."""
    secure = request.is_secure
    response.delete_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        secure=secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
