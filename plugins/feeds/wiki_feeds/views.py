"""The addresses of feeds: for everybody and, with a token, for one person."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, request

import wiki
from wiki import NotFound, Wiki, WikiError

from .atom import TYPE, written
from .gathering import Gathering

SCOPE = "feed"
ENDED = "This address is not known, or has ended. Make a new one on the page “Feeds”."


def blueprint(service: Wiki) -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint("feeds", __name__, template_folder="templates")

    @pages.get("/feed.atom")
    @pages.get("/feed/<path:name>.atom")
    @pages.get("/t/<token>/feed.atom")
    @pages.get("/t/<token>/feed/<path:name>.atom")
    def feed(name: str = "", token: str = "") -> Any:
        actor = wiki.reader(token, SCOPE) if token else wiki.current_actor()
        if actor is None:
            raise NotFound(ENDED)
        made = Gathering(service, actor, full=request.args.get("full") == "1")
        folder, query = request.args.get("in", "")[:1000], _query()
        if name:
            page = service.page(actor, name)
            if page.name != name:  # another spelling, or an old name
                start = request.path.removesuffix(f"/{name}.atom")
                return redirect(f"{start}{wiki.page_url(page.name)}.atom", 301)
            gather = partial(made.page, name)
        elif query:
            gather = partial(made.search, query)
        else:
            gather = partial(made.changes, folder)
        # A secret address stands in no feed, which may be handed on.
        own = "" if token else request.url
        return wiki.answer(
            lambda: written(gather(), f"{wiki.site_url()}/", own), TYPE, actor=actor
        )

    @pages.get("/")
    def index() -> Any:
        return _index()

    @pages.post("/")
    def make() -> Any:
        """Make a token; it is shown once, as part of an address."""
        try:
            token = wiki.make_token(SCOPE, wiki.gettext("Feeds"))
        except WikiError as error:
            return _index(error.status, problem=error)
        return _index(secret=f"{wiki.site_url()}/-/p/feeds/t/{token}/feed.atom")

    return pages


def _query() -> str:
    """Return what is searched for: words, and a tag and a folder given apart."""
    words = request.args.get("q", "").strip()
    tag, folder = (request.args.get(it, "").replace('"', "") for it in ("tag", "in"))
    if tag:
        words = f'{words} tag:"{tag}"'.strip()
    return f'{words} in:"{folder}"' if words and folder else words


def _index(status: int = 200, **names: Any) -> Response:
    answer = wiki.render(
        "feeds/index.html",
        status,
        site_url=wiki.site_url(),
        fresh=wiki.is_proven(),
        **names,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
