"""Every error as a page for people and as problem+json for programs.

Error pages need neither database nor plugins nor session. They say what happened,
what is kept and what to do, and carry a report id that is found in the log.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    request,
)
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException

from wiki.errors import (
    Conflict,
    NotFound,
    NotValid,
    ReadOnlyForNow,
    SignInNeeded,
    Stale,
    TooMany,
    TooManyWait,
    WikiError,
)
from wiki.model.actor import VISITOR_ACTOR

from .drawing import drawing
from .language import gettext, sentence

log = logging.getLogger("wiki.web")

API = "/-/api/"
TYPED_FIELDS = ("text", "comment", "to", "reason", "q")

# Sentences for faults that Flask finds before we do; message ids.
HTTP = {
    400: "This request could not be understood. Go back and try again.",
    404: "There is no page here.",
    405: "This address cannot be used that way.",
    413: "What you sent is too large. Make it smaller and send it again.",
    415: "This kind of content cannot be read here.",
}
EXPIRED = (
    "This form was open for too long or came from another site. "
    "Your text is below; press Save again."
)


def install(app: Flask) -> None:
    app.register_error_handler(WikiError, wiki_error)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crash)


def wiki_error(error: WikiError) -> Response:
    if error.status >= 500 and not isinstance(error, ReadOnlyForNow):
        _log(error)
    if request.path.startswith(API):
        return problem_json(error)
    return page(error.status, sentence(error), sign_in=isinstance(error, SignInNeeded))


def expired(error: CSRFError) -> Response:
    """Answer a form without a valid token: what was typed stands in a new form."""
    if request.path.startswith(API):
        if not g.actor.signed_in:
            return problem_json(SignInNeeded("Send a token with this request."))
        return _json(400, "bad-request", gettext("Send a token with this request."))
    form_again = current_app.extensions["wiki.form_again"].get(request.endpoint)
    if form_again is not None:
        again: Response = form_again(gettext(EXPIRED))
        return again
    return page(400, gettext(EXPIRED))


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, BadHost):
        # Without a host no address can be written, so there is no page to draw.
        plain = "text/plain; charset=utf-8"
        return Response(gettext(HTTP[400]), status, content_type=plain)
    if status in {301, 302, 303, 304, 307, 308}:
        return make_response(error.get_response())
    text = gettext(HTTP.get(status, HTTP[400]))
    if request.path.startswith(API):
        slug = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
        response = _json(status, slug.get(status, "bad-request"), text)
    else:
        response = page(status, text)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def crash(error: Exception) -> Response:
    _log(error)
    text = gettext(WikiError.sentence)
    if request.path.startswith(API):
        return _json(500, "internal", text)
    return page(500, text)


def report() -> str:
    """Return the id of this request's report, made at first use."""
    if not hasattr(g, "report"):
        g.report = f"r-{secrets.token_hex(4)}"
    return str(g.report)


def _log(error: Exception) -> None:
    # No address, query, form value or page name: the route and the report id only.
    rule = request.url_rule.rule if request.url_rule else "(no route)"
    log.error("%s %s %s", report(), request.method, rule, exc_info=error)


def page(status: int, text: str, *, sign_in: bool = False) -> Response:
    """Return an error page; what was typed in a form stands on it."""
    kept = _typed() if request.method == "POST" and status != 413 else ""
    if not hasattr(g, "actor"):
        g.actor = VISITOR_ACTOR
    html = drawing().fragment(
        "error.html",
        status=status,
        title=_title(status),
        sentence=text,
        kept=kept,
        report=report(),
        # A form that was refused is a step away, at its own address.
        back=request.path if _again(status) else "/",
        again=_again(status),
        page_name=str((request.view_args or {}).get("name", "")),
        sign_in=sign_in,
    )
    return make_response(html, status)


def _again(status: int) -> bool:
    """Tell whether the way on is the form that was sent."""
    return status == 400 and request.method == "POST" and "text" not in request.form


def _typed() -> str:
    fields = (request.form.get(field) for field in TYPED_FIELDS)
    return next((text for text in fields if text), "")


def _title(status: int) -> str:
    titles = {
        401: gettext("Sign in first"),
        403: gettext("This is for others"),
        404: gettext("Nothing here"),
        409: gettext("That does not go together"),
        429: gettext("A little slower"),
        503: gettext("Busy"),
        507: gettext("The disk is full"),
    }
    return titles.get(status, gettext("This did not work"))


# -- for programs


def problem_json(error: WikiError) -> Response:
    """Return RFC 9457 JSON of an error, with what the caller needs to go on."""
    extra: dict[str, Any] = {}
    if isinstance(error, Conflict):
        extra = {
            "base": error.base_text,
            "theirs": {"revision": error.head, "source": error.theirs},
            "yours": error.yours,
        }
    elif isinstance(error, NotValid):
        extra["problems"] = problem_rows(error.problems)
    response = _json(error.status, error.slug, sentence(error), **extra)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    elif isinstance(error, TooManyWait):
        response.headers["Retry-After"] = "3600"
    elif error.status == 503:
        response.headers["Retry-After"] = "5"
    elif isinstance(error, Stale) and error.etag:
        response.headers["ETag"] = error.etag
    elif error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem_rows(problems: Any) -> list[dict[str, Any]]:
    return [
        {
            "level": one.level,
            "field": one.field,
            "message": sentence(one),
            "line": one.line,
        }
        for one in problems
    ]


def _json(status: int, slug: str, text: str, **extra: Any) -> Response:
    response = jsonify(
        type=f"/-/help/errors/{slug}",
        title=text,
        status=status,
        instance=report(),
        **extra,
    )
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


# -- what each error means: the address that problem+json names

bp = Blueprint("errors", __name__)


@bp.get("/-/help/errors/<slug>")
def explain(slug: str) -> Response:
    """Say in a sentence what an error of the API means."""
    for kind in _kinds(WikiError):
        if kind.slug == slug:
            # The places of the sentence are filled where the error happens.
            text = re.sub(r"%\(\w+\)[sd]", "…", gettext(kind.sentence))
            return page(200, text)
    raise NotFound


def _kinds(kind: type[WikiError]) -> Iterator[type[WikiError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
