"""Signing in with an account elsewhere (OpenID Connect), and connecting one.

The browser keeps what a sign-in began with in the signed cookie of forms. Coming back
is the one GET that signs somebody in: its state is the proof that a form gives else.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import asdict
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    request,
    session,
    url_for,
)

from wiki.accounts.identities import BEGUN_MINUTES, UnknownThere
from wiki.accounts.invitations import CLOSED
from wiki.accounts.joining import LONGEST_ABOUT, OPEN, Application
from wiki.accounts.openid import Begun, Proved, Provider
from wiki.errors import BadRequest, LinkOver, NotAllowed, NotFound, WikiError

from . import sessions
from .account import PersonForm, show_sign_in, signed_in
from .account.blueprint import draw, go_to, proof
from .current import actor, count_write, wiki
from .frame import render
from .joining import asked, read_application
from .language import gettext, sentence
from .mailing import outside

bp = Blueprint("openid", __name__)

BEGIN_AGAIN = (
    "This sign-in was begun in another browser, was finished already, or took too "
    "long. Begin again."
)
_BEGUN, _PROVED = "openid", "openid_proved"


# -- there and back


@bp.post("/-/openid")
def begin() -> Response:
    """Lead the browser to the provider."""
    form = PersonForm(page=request.form.get("page", "")[:1000])
    try:
        sessions.check_transport()
        count_write()
        return _go(page=form.page)
    except WikiError as error:
        return show_sign_in(form, sentence(error), error.status)


def _provider() -> Provider:
    found = wiki().accounts.provider
    if found is None:
        raise NotFound
    return found


def _go(*, page: str = "", connect: int = 0) -> Response:
    """Answer with a page that leads on: a form here may lead to no other site."""
    begun = _provider().begin(outside("openid.back"))
    session[_BEGUN] = {
        **asdict(begun),
        "url": "",
        "until": int(time.time()) + BEGUN_MINUTES * 60,
        "page": page,
        "connect": connect,
    }
    answer = render("openid_go.html", url=begun.url, provider=_label())
    answer.headers["Refresh"] = f"0; url={begun.url}"
    return answer


@bp.get("/-/openid/back")
def back() -> Response:
    """Take in whoever comes back from the provider."""
    kept = session.pop(_BEGUN, None)
    page = str(kept.get("page", "")) if isinstance(kept, dict) else ""
    try:
        sessions.check_transport()
        provider = _provider()
        _check_state(kept)
        begun = Begun("", kept["state"], kept["nonce"], kept["verifier"])
        answer = {name: text[:4000] for name, text in request.args.items()}
        proved = provider.finish(begun, outside("openid.back"), answer)
        if kept["connect"]:
            return _connect(proved, kept["connect"])
        return _enter(proved, page)
    except NotFound:
        raise
    except WikiError as error:
        if actor().signed_in:
            raise
        form = PersonForm(page=page)
        return show_sign_in(form, sentence(error), error.status)


def _check_state(kept: Any) -> None:
    """Raise BadRequest for a browser that did not begin this, or comes back twice."""
    state = request.args.get("state", "")[:200]
    if not isinstance(kept, dict) or time.time() > kept["until"]:
        raise BadRequest(BEGIN_AGAIN)
    if not hmac.compare_digest(state.encode(), kept["state"].encode()):
        raise BadRequest(BEGIN_AGAIN)
    try:
        wiki().accounts.use_state(state)
    except LinkOver:
        raise BadRequest(BEGIN_AGAIN) from None


def _enter(proved: Proved, page: str) -> Response:
    try:
        return signed_in(wiki().accounts.enter(proved), PersonForm(page=page))
    except UnknownThere:
        if wiki().accounts.provider_mode == CLOSED:
            raise NotAllowed(
                "You have no account here yet, and joining needs an invitation. Ask "
                "somebody who has an account."
            ) from None
    session[_PROVED] = {
        **asdict(proved),
        "until": int(time.time()) + BEGUN_MINUTES * 60,
        "page": page,
    }
    return make_response(redirect(url_for("openid.join"), 303))


# -- joining as somebody the provider knows


@bp.get("/-/openid/join")
def join() -> Response:
    kept = _proved()
    return _show_join(Application(name=kept["suggested"]))


@bp.post("/-/openid/join")
def join_now() -> Response:
    kept, form = _proved(), read_application()
    proved = Proved(kept["issuer"], kept["subject"])
    try:
        sessions.check_transport()
        secret = wiki().accounts.join_proved(proved, form, request.remote_addr or "")
    except NotFound:
        session.pop(_PROVED, None)
        raise
    except WikiError as error:
        return _show_join(form, sentence(error), error.status)
    session.pop(_PROVED, None)
    if secret is None:
        return asked()
    return signed_in(secret, PersonForm(page=str(kept["page"])))


def _proved() -> dict[str, Any]:
    """Return who was proved just now in this browser; raises LinkOver."""
    kept = session.get(_PROVED)
    if wiki().accounts.provider is None:
        raise NotFound
    if not isinstance(kept, dict) or time.time() > kept["until"]:
        raise LinkOver(BEGIN_AGAIN)
    return kept


def _show_join(form: Application, problem: str = "", status: int = 200) -> Response:
    answer = render(
        "openid_join.html",
        status,
        form=form,
        problem=problem,
        provider=_label(),
        waits=wiki().accounts.provider_mode != OPEN,
        has_mail=wiki().accounts.has_mail,
        most=LONGEST_ABOUT,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


# -- connecting from within an account


@bp.get("/-/account/openid")
def connection() -> Response:
    wiki().access.check_signed_in(actor())
    _provider()
    return _show_connection()


@bp.post("/-/account/openid")
def connect() -> Response:
    """Go to the provider and connect what comes back with this account."""
    return _changed(lambda: _go(connect=actor().id or 0))


@bp.post("/-/account/openid/end")
def disconnect() -> Response:
    return _changed(_disconnect)


def _changed(act: Any) -> Response:
    wiki().access.check_signed_in(actor())
    _provider()
    try:
        count_write()
        wiki().accounts.prove(actor(), *proof())
        done: Response = act()
    except WikiError as error:
        return _show_connection(sentence(error), error.status)
    return done


def _disconnect() -> Response:
    wiki().accounts.disconnect(actor())
    flash(gettext("Your account is not connected any more."), "ok")
    return go_to("account.ways")


def _connect(proved: Proved, user_id: int) -> Response:
    if actor().id != user_id:
        raise BadRequest(BEGIN_AGAIN)
    wiki().accounts.connect(actor(), proved)
    flash(gettext("Your account is connected. You can sign in with it now."), "ok")
    return go_to("account.ways")


def _show_connection(problem: str = "", status: int = 200) -> Response:
    return draw(
        "openid.html",
        status,
        problem=problem,
        provider=_label(),
        connected=wiki().accounts.is_connected(actor()),
    )


def _label() -> str:
    return wiki().config.access.oidc_label
