"""JSON API v1: the same service calls, rights and checks as the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, request, url_for

from wiki.errors import (
    BadRequest,
    BaseNeeded,
    Conflict,
    NotFound,
    NotValid,
    Stale,
)
from wiki.markup.front import set_fields
from wiki.model import names
from wiki.model.page import Draft, Page, Redirect
from wiki.saving import Saved

from . import api_data as data
from .current import actor, count_read, count_write, page_url, wiki
from .errors import problem_rows

bp = Blueprint("api", __name__, url_prefix="/-/api/v1")

MAX_BODY = 1024 * 1024
MAX_KEY = 64


@dataclass(frozen=True, slots=True)
class Write:
    """The body of a PUT; unknown fields are refused.

    ``widen`` says that more people may read the page than until now.
    """

    source: str
    summary: str = ""
    base: int | None = None
    tags: list[str] | None = None
    dry_run: bool = False
    widen: bool = False


@bp.before_request
def limit() -> None:
    """Count the request; refuse what no limit or size allows."""
    if (request.content_length or 0) > MAX_BODY:
        raise BadRequest("The body is larger than 1 MB. Send less at once.")
    if request.method not in {"GET", "HEAD"}:
        count_write()
        return
    who = actor()
    key = f"user:{who.id}" if who.signed_in else f"address:{request.remote_addr}"
    g.rate = count_read(key, visitor=not who.signed_in)


@bp.after_request
def rate_headers(response: Response) -> Response:
    rate = g.get("rate")
    if rate:
        response.headers["RateLimit"] = (
            f'"reads";r={rate["remaining"]};t={rate["reset"]}'
        )
        response.headers["RateLimit-Policy"] = f'"reads";q={rate["limit"]};w=60'
    response.vary.add("Authorization")
    return response


# -- pages


@bp.get("/pages")
def pages() -> Response:
    """List pages without their text."""
    limit, after = data.paging()
    rows, following = wiki().store.list(
        prefix=request.args.get("in", "")[:1000],
        tag=request.args.get("tag"),
        kind=request.args.get("type"),
        after_key=after,
        limit=limit,
        sees=actor().sees,
    )
    return data.listing([data.row(one) for one in rows], following)


@bp.get("/pages/<path:name>")
def read(name: str) -> Response:
    """Answer with one page; ``include`` adds source, html, fields and links."""
    page = _page(name, data.whole_number("rev"))
    response = jsonify(_shown(page))
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag_of(page))
    response.make_conditional(request)
    return response


def _page(name: str, n: int | None = None) -> Page:
    found = wiki().get(actor(), name, n)
    if isinstance(found, Redirect):
        return wiki().page(actor(), found.name, n)
    return found


def _shown(page: Page) -> dict[str, Any]:
    include = set(request.args.get("include", "").split(","))
    shown = data.page(page, [p for p in CAN if wiki().access.allows(actor(), p, page)])
    if not wiki().sees_source(actor(), page):
        del shown["fields"]
    elif "source" in include:
        shown["source"] = page.text
    if "html" in include:
        shown["html"] = wiki().renderer.page(page, actor().sees).html
    if "links" in include:
        shown["linked_from"] = [
            data.row(one) for one in wiki().backlinks(page.id, actor().sees)
        ]
    return shown


CAN = ("read", "edit", "rename", "delete")


def tag_of(page: Page) -> str:
    return f"{page.n}-{page.rev}"


@bp.put("/pages/<path:name>")
def write(name: str) -> Response:
    """Create or change a page: If-None-Match: *, If-Match, or ``base`` in the body."""
    if not wiki().access.allows(actor(), "edit"):
        wiki().access.check(actor(), "create", name=name)
    body = data.body(Write)
    text = body.source
    if body.tags is not None:
        text = set_fields(text, {"tags": body.tags})
    if body.dry_run:
        made = wiki().preview(actor(), names.clean(name), text)
        return jsonify(html=made.html, problems=problem_rows(made.problems))
    base, merge = _base(name, body)
    try:
        done = wiki().save(
            actor(),
            Draft(name, text, body.summary),
            base,
            merge=merge,
            origin="api",
            key=_idempotency_key(),
            widen=body.widen,
        )
    except Conflict as conflict:
        if merge:
            raise
        raise Stale(f'"{conflict.head}"') from conflict
    return _written(done)


def _base(name: str, body: Write) -> tuple[int, bool]:
    """Return (base version, whether to merge) that the request names."""
    if request.if_none_match.star_tag:
        try:
            page = _page(name)
        except NotFound:
            return 0, False
        raise Stale(f'"{tag_of(page)}"')
    if request.if_match:
        page = _page(name)
        if not request.if_match.contains(tag_of(page)):
            raise Stale(f'"{tag_of(page)}"')
        return page.n, False
    if body.base is not None:
        return body.base, True
    raise BaseNeeded


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > MAX_KEY:
        raise BadRequest("An Idempotency-Key has 1 to 64 characters.")
    return f"{actor().id}:{key}"


def _written(done: Saved) -> Response:
    page = done.page
    response = jsonify(
        id=page.id,
        name=page.name,
        revision=page.n,
        merged=bool(done.merged),
        problems=problem_rows(done.problems),
        notices=list(done.notices),
    )
    if done.held:
        # Kept, but not shown: somebody has to look at it first.
        held = jsonify(name=page.name, held=True)
        held.status_code = 202
        return held
    response.set_etag(tag_of(page))
    if done.created:
        response.status_code = 201
        response.headers["Location"] = url_for("api.read", name=page.name)
    return response


@bp.delete("/pages/<path:name>")
def delete(name: str) -> Response:
    """Move a page to the trash; needs If-Match."""
    page = _page(name)
    if not request.if_match:
        raise BaseNeeded
    if not request.if_match.contains(tag_of(page)):
        raise Stale(f'"{tag_of(page)}"')
    wiki().delete(actor(), page.name)
    return make_response("", 204)


# -- what a page was, and what happens


@bp.get("/history/<path:name>")
def history(name: str) -> Response:
    """List versions, newest first."""
    page = _page(name)
    limit, after = data.paging()
    before = data.cursor_number(after)
    rows = wiki().history(actor(), page, before, limit + 1)
    following = str(rows[limit - 1].n) if len(rows) > limit else None
    return data.listing([data.revision(one) for one in rows[:limit]], following)


@bp.get("/recent")
def recent() -> Response:
    """List changes of pages, newest first."""
    limit, after = data.paging()
    rows = wiki().recent(
        actor(),
        before_seq=data.cursor_number(after),
        limit=limit + 1,
        prefix=request.args.get("in", "")[:1000],
    )
    following = str(rows[limit - 1].seq) if len(rows) > limit else None
    return data.listing([data.change(one) for one in rows[:limit]], following)


# -- render, search


@bp.post("/render")
def render() -> Response:
    """Render a text as a save would; nothing is kept."""
    wiki().access.check(actor(), "edit")
    given: Mapping[str, Any] = data.plain_body({"source": str, "name": str})
    name = given.get("name") or "draft"
    if not isinstance(given.get("source"), str):
        raise NotValid(sentence="Send the text as “source”.")
    made = wiki().preview(actor(), names.clean(name), given["source"])
    return jsonify(html=made.html, problems=problem_rows(made.problems))


@bp.get("/search")
def search() -> Response:
    """Search; ``after`` is the cursor of the next page of 20."""
    _limit, after = data.paging()
    q = request.args.get("q", "")
    for field in ("type", "tag", "in", "lang"):
        for value in request.args.getlist(field):
            q += f' {field}:"{value}"'
    found = wiki().search(actor(), q, data.cursor_number(after) or 1)
    following = str(found.page + 1) if found.page < found.pages else None
    return data.results(found, following)


@bp.get("/suggest")
def suggest() -> Response:
    hits = wiki().suggest(actor(), request.args.get("q", "")[:256])
    return jsonify(
        items=[
            {"name": h.name, "title": h.title, "url": page_url(h.name)} for h in hits
        ]
    )


@bp.get("/me")
def me() -> Response:
    """Answer with who the token belongs to and what it may do."""
    who = actor()
    return jsonify(
        id=who.id,
        name=who.name,
        role=who.role,
        scopes=sorted(who.scopes) if who.scopes is not None else None,
    )
