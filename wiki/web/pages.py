"""Reading: the home page, a page, an older version of it, its source."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, request, session

from wiki.errors import BadName, Gone, NotFound
from wiki.model import names
from wiki.model.page import Page, Redirect
from wiki.service import PageView

from . import robots, views
from .current import actor, number, page_url, wiki
from .drawing import TOKEN
from .frame import can, render
from .kept import keep_with, kept
from .response_cache import FOR_VISITORS

bp = Blueprint("page", __name__)

HALF_DAY = 43_200  # seconds
SOURCE_TYPE = "text/markdown; charset=utf-8; variant=GFM"


@bp.get("/")
@kept
def home() -> Response:
    """Show the home page, or how to begin where there is none."""
    try:
        got = wiki().view(actor(), wiki().config.site.home)
    except NotFound:
        rows, _ = wiki().store.list(limit=1, sees=actor().sees)
        if rows:
            return _missing(wiki().config.site.home, None)
        return render("home_empty.html")
    if isinstance(got, Redirect):
        return _moved(page_url(got.name))
    return _show(got, home=True)


@bp.get("/<path:name>")
@kept
def view(name: str) -> Response:
    """Show a page; another spelling or an old name answers 301."""
    if name.endswith(".md"):
        return source(name)
    try:
        canonical = names.clean(name)
    except BadName:
        if request.path.startswith("/-/api/"):
            raise NotFound from None  # programs get no page
        return _missing(name, None)
    try:
        got = wiki().view(actor(), canonical, number("rev"))
    except Gone as gone:
        return _missing(gone.name, gone)
    except NotFound:
        if request.args.get("rev"):
            raise
        return _missing(canonical, None)
    if isinstance(got, Redirect):
        return _moved(page_url(got.name))
    if got.page.name != name:
        return _moved(page_url(got.page.name))
    if got.page.name == wiki().config.site.home and not request.query_string:
        return _moved("/")
    return _show(got)


@bp.get("/-/raw/<path:name>")
def raw(name: str) -> Response:
    return source(name)


def source(name: str) -> Response:
    """Answer with the source text of a page."""
    page = wiki().page(actor(), name, number("rev"))
    response = make_response(wiki().source(actor(), page))
    response.content_type = SOURCE_TYPE
    _cache_headers(response, page)
    # Erasing changes the text of a version, and when the page last moved.
    response.set_etag(f"{page.n}-{page.rev}-{page.moved}")
    response.make_conditional(request)
    return response


def _show(got: PageView, *, home: bool = False) -> Response:
    g.view = f"page.{got.page.kind}" if got.page_type else "page"
    g.subject = got
    told = bool(session.get("_flashes"))
    shown = views.of_page(got, home=home)
    response = _drawn(got, shown)
    _cache_headers(response, got.page)
    robots.say(response, got)
    if told:
        # What was said once is not said again by the browser's own copy.
        response.headers["Cache-Control"] = "no-store"
        return response
    tag = _etag(response)
    if request.if_none_match.contains(tag):
        response = make_response("", 304)
        _cache_headers(response, got.page)
        robots.say(response, got)
    response.set_etag(tag)
    _offer_to_cache(response, got.page)
    keep_with(got.page.id)
    return response


def _drawn(got: PageView, shown: views.ShownPage) -> Response:
    """Draw a page by its type's own template, or plainly where that fails."""
    names: dict[str, Any] = {"view": shown, "fields": views.fields_of(got)}
    made: list[Response] = []
    page_type = got.page_type
    if page_type is not None and page_type.template:
        template = page_type.template

        def draw() -> None:
            made.append(render(template, **names))

        wiki().door.run(f"type {page_type.name}", f"template {template}", draw)
    return made[0] if made else render("page.html", **names)


def _etag(response: Response) -> str:
    """Return a tag made of the answer alone: it tells of no change that is hidden."""
    body = response.get_data().replace(str(TOKEN).encode(), b"")
    # Tokens of forms on a kept page do not hold for ever.
    age = str(int(time.time() / HALF_DAY)).encode()
    return hashlib.sha256(age + body).hexdigest()[:20]


def _cache_headers(response: Response, page: Page) -> None:
    if page.audience != "public" or (page.is_head is False):
        response.headers["Cache-Control"] = "no-store"
    elif actor().signed_in:
        response.headers["Cache-Control"] = "private, no-cache"
    else:
        response.headers["Cache-Control"] = "public, no-cache"


def _offer_to_cache(response: Response, page: Page) -> None:
    """Tell the cache in front of us that every visitor gets this same answer."""
    visitor = not actor().signed_in and not session.get("_flashes")
    if visitor and page.audience == "public" and page.is_head:
        response.vary.update(("Accept-Encoding", "Accept-Language"))
        stamp = wiki().store.file_stamp(page.id)
        request.environ[FOR_VISITORS] = (stamp,)


def _moved(url: str) -> Response:
    response = make_response(redirect(url, 301))
    # For good as long as nobody takes the old name.
    response.headers["Cache-Control"] = "no-cache"
    return response


def _missing(name: str, gone: Gone | None) -> Response:
    """Answer 404, offering a search and, to those who may, to write the page."""
    words = name.rpartition("/")[2].replace("-", " ")
    similar = wiki().suggest(actor(), words, 5) if len(words) > 1 else []
    return render(
        "missing.html",
        404,
        name=name,
        may_create=_possible(name) and can("create", name=names.clean(name)),
        similar=similar,
        deleted=gone if gone and can("restore", name=gone.name) else None,
    )


def _possible(name: str) -> bool:
    try:
        names.clean(name)
    except BadName:
        return False
    return True
