"""The addresses of feeds: for everybody, and with a token for one person."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, request

import wiki
from wiki import Actor, Change, NotFound, Wiki, WikiError

from .atom import TYPE, Feed, written
from .entries import Entries, tag
from .sitemap import Sitemap

SCOPE, HOME = "feed", "/-/p/feeds"
KEPT = 64  # answers
UNKNOWN = "This address is not known, or was ended. Make a new one under “Feeds”."


def blueprint(wiki_: Wiki, entries: Entries, sitemap: Sitemap) -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint("feeds", __name__, template_folder="templates")
    answers = Answers(wiki_)

    def of_wiki(actor: Actor, own: str) -> Response:
        full = request.args.get("full") == "1"
        folder, query = request.args.get("in", "")[:1000], _query()

        def make() -> bytes:
            if query:
                title, found = query, entries.found(actor, query, full=full)
                about, args = ("search", query), {"q": query}
                page = "/-/search"
            else:
                title, found = folder, entries.recent(actor, folder, full=full)
                about, args = ("folder", folder), {"in": folder} if folder else {}
                page = "/-/recent"
            site = wiki_.config.site.title
            url = page + (f"?{urlencode(args)}" if args else "")
            return _drawn(
                tag(*about) if title else tag("feed"),
                f"{site}: {title}" if title else site,
                url,
                own,
                found,
            )

        return answers.get(actor, make, secret=not own)

    def of_page(actor: Actor, name: str, own: str, at: str) -> Response:
        page = wiki_.page(actor, name)
        if page.name != name:  # another spelling, or an old name
            return make_response(redirect(f"{at}{wiki.page_url(page.name)}.atom", 301))
        full = request.args.get("full") == "1"

        def make() -> bytes:
            found = entries.of_page(actor, page, full=full)
            title, url = f"{wiki_.config.site.title}: {page.title}", wiki.page_url(name)
            return _drawn(tag("page", page.id), title, url, own, found)

        return answers.get(actor, make, secret=not own)

    @pages.get("/feed.atom")
    def recent() -> Response:
        return of_wiki(wiki.current_actor(), request.url)

    @pages.get("/feed/<path:name>.atom")
    def page(name: str) -> Response:
        return of_page(wiki.current_actor(), name, request.url, "/-/feed")

    @pages.get("/t/<token>/feed.atom")
    def own(token: str) -> Response:
        return of_wiki(_owner(token), "")

    @pages.get("/t/<token>/feed/<path:name>.atom")
    def own_page(token: str, name: str) -> Response:
        return of_page(_owner(token), name, "", f"{HOME}/t/{token}/feed")

    @pages.get("/")
    def index() -> Any:
        return _index()

    @pages.post("/")
    def make() -> Any:
        try:
            return _index(token=wiki.make_token(SCOPE, wiki.gettext("Feeds")))
        except WikiError as error:
            return _index(error.status, problem=error)

    @pages.get("/sitemap.xml")
    def sitemap_() -> Response:
        part = request.args.get("part", "")
        if part and not (part.isascii() and part.isdigit() and 0 < int(part[:9]) < 10**6):
            raise NotFound
        visitor = Actor()
        return answers.get(
            visitor, lambda: sitemap.part(int(part) if part else None), "application/xml"
        )

    return pages


def _query() -> str:
    """Return what is searched for: the words, and a tag and a folder given apart."""
    words = [request.args.get("q", "")]
    given = [(it, request.args.get(it, "").replace('"', "")) for it in ("tag", "in")]
    if words[0].strip() or given[0][1]:
        words += [f'{field}:"{value}"' for field, value in given if value]
    return " ".join(words).strip()


def _drawn(id: str, title: str, url: str, own: str, found: Any) -> bytes:
    site = wiki.site_url()
    return written(Feed(id, title, f"{site}/", site + url, own, found))


def _owner(token: str) -> Actor:
    found = wiki.reader(token, SCOPE)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def _index(status: int = 200, token: str = "", problem: Any = "") -> Any:
    """Show what feeds there are; a token is shown once, as part of an address."""
    secret = f"{wiki.site_url()}{HOME}/t/{token}/feed.atom" if token else ""
    answer = wiki.render(
        "feeds/index.html",
        status,
        address=f"{wiki.site_url()}/-/feed",
        secret=secret,
        problem=problem,
        fresh=wiki.is_proven(),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


class Answers:
    """Answers feeds: 304 where nothing changed, and not made twice."""

    def __init__(self, wiki: Wiki) -> None:
        self._wiki = wiki
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def get(
        self,
        actor: Actor,
        make: Callable[[], bytes],
        media_type: str = TYPE,
        *,
        secret: bool = False,
    ) -> Response:
        """Return what ``make`` draws, kept until anything in the wiki changes."""
        mark = self._mark(actor)
        if request.if_none_match.contains(mark):
            response = make_response("", 304)
        else:
            response = make_response(self._body(mark, make))
            response.content_type = f"{media_type}; charset=utf-8"
        response.set_etag(mark)
        response.vary.add("Accept-Language")
        if not secret and not actor.signed_in:
            response.headers["Cache-Control"] = "public, no-cache"
        return response

    def _mark(self, actor: Actor) -> str:
        parts = (
            self._wiki.last_seq(),
            self._wiki.boot,
            self._wiki.config.privacy.time_in_history,
            actor.id,
            actor.role,
            actor.sees and sorted(actor.sees),
            request.url,
            wiki.gettext("Feeds"),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]

    def _body(self, mark: str, make: Callable[[], bytes]) -> bytes:
        kept = self._kept.get(mark)
        if kept is None:
            kept = self._kept[mark] = make()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return kept
