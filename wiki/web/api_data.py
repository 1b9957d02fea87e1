"""JSON of the API: what goes out, what comes in, cursors."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, TypeVar, get_type_hints
from urllib.parse import quote, urlencode

from flask import Response, current_app, jsonify, request

from wiki.errors import BadRequest, NotValid
from wiki.model.page import Change, Page, PageRow, Revision
from wiki.model.times import moment
from wiki.search.base import Results

from .current import page_url
from .language import of_change, sentence

T = TypeVar("T")

MAX_ITEMS, USUAL_ITEMS = 100, 30
KINDS = {
    "put": "edited",
    "rename": "renamed",
    "delete": "deleted",
    "restore": "restored",
}


class BadCursor(BadRequest):
    slug = "bad-cursor"
    sentence = "This cursor is not one of ours. Begin again without “after”."


# -- going out


def stamp(ms: int) -> str:
    """Return RFC 3339 of the time of a change, as coarse as this wiki tells it."""
    return moment(of_change(ms)).isoformat(timespec="seconds").replace("+00:00", "Z")


def row(one: PageRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "url": _url(one.name),
        "type": one.kind or None,
        "lang": one.lang or None,
        "audience": one.audience,
        "tags": list(one.tags),
        "revision": one.n,
        "updated": stamp(one.mtime),
    }


def page(one: Page, can: Sequence[str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "url": _url(one.name),
        "type": one.kind or None,
        "lang": one.lang or None,
        "audience": one.audience,
        "tags": list(one.tags),
        "fields": dict(one.meta),
        "revision": one.n,
        "updated": stamp(one.ts),
        "by": {"id": one.author_id, "name": one.author},
        "can": list(can),
    }


def revision(one: Revision) -> dict[str, Any]:
    return {
        "revision": one.n,
        "at": stamp(one.ts),
        "by": {"id": one.author_id, "name": one.author},
        "summary": one.comment,
        "size": one.delta,
        "minor": one.minor,
    }


def change(one: Change) -> dict[str, Any]:
    kind = KINDS.get(one.kind, one.kind)
    if one.kind == "put" and one.detail.get("created"):
        kind = "created"
    shown: dict[str, Any] = {
        "revision": one.detail.get("n"),
        "name": one.name,
        "title": one.title,
        "kind": kind,
        "at": stamp(one.ts),
        "by": {"id": one.author_id, "name": one.author},
        "summary": one.comment,
        "size": one.delta,
    }
    if one.kind == "rename":
        shown["from"] = one.detail.get("from")
    return shown


def results(found: Results, following: str | None) -> Response:
    """Return the answer of a search; snippets are data, never HTML."""
    return jsonify(
        query={"text": found.text, "understood": found.understood},
        notes=[sentence(note) for note in found.notes],
        total=found.total,
        index_current=found.current,
        items=[
            {
                "name": hit.name,
                "title": hit.title,
                "url": _url(hit.name),
                "snippet": [
                    {"text": part.text, "mark": True}
                    if part.mark
                    else {"text": part.text}
                    for part in hit.snippet
                ],
                "matched": list(hit.matched),
                "updated": stamp(hit.updated),
            }
            for hit in found.hits
        ],
        facets={
            name: [{"value": value, "count": n} for value, n in values]
            for name, values in found.facets.items()
        },
        did_you_mean=found.did_you_mean,
        next=cursor(following),
    )


def listing(items: list[dict[str, Any]], following: str | None) -> Response:
    """Return a page of a list, with the cursor of the next one."""
    token = cursor(following)
    response = jsonify(items=items, next=token)
    if token:
        args = {**request.args.to_dict(), "after": token}
        where = f"{quote(request.path)}?{urlencode(args)}"
        response.headers["Link"] = f'<{where}>; rel="next"'
    return response


def _url(name: str) -> str:
    base = current_app.config["WIKI_SITE_URL"] or request.host_url.rstrip("/")
    return f"{base}{page_url(name)}"


# -- coming in


def body(shape: type[T]) -> T:
    """Return the JSON body as a dataclass; NotValid for what does not fit."""
    hints = get_type_hints(shape)
    kinds = {one.name: hints[one.name] for one in fields(shape)}  # type: ignore[arg-type]
    given = plain_body(kinds)
    for one in fields(shape):  # type: ignore[arg-type]
        if one.default is MISSING and one.name not in given:
            raise NotValid(sentence=f"“{one.name}” is missing.")
    return shape(**given)


def plain_body(kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object of the body; unknown fields and wrong types refused."""
    try:
        given = request.get_json(silent=True)
    except RecursionError:
        given = None
    if not isinstance(given, dict):
        raise BadRequest("Send a JSON object, with Content-Type: application/json.")
    for name, value in given.items():
        if name not in kinds:
            known = ", ".join(kinds)
            raise NotValid(sentence=f"Unknown field “{name}”. Known: {known}.")
        if not _fits(value, str(kinds[name])):
            raise NotValid(sentence=f"“{name}” has the wrong type.")
    return given


def _fits(value: Any, kind: str) -> bool:
    if "list[str]" in kind and value is not None:
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if "bool" in kind:
        return isinstance(value, bool)
    if "int" in kind:
        if isinstance(value, int) and not isinstance(value, bool):
            return 0 <= value < 2**62
        return value is None
    return value is None if "None" in kind and value is None else isinstance(value, str)


# -- cursors: opaque and signed, so that nobody builds one


def cursor(value: str | None) -> str | None:
    """Return the cursor that stands for a place in this list."""
    if value is None:
        return None
    raw = value.encode()
    return base64.urlsafe_b64encode(_sign(raw) + raw).decode().rstrip("=")


def paging() -> tuple[int, str]:
    """Return (limit, place) of the request; BadCursor, BadRequest."""
    limit = whole_number("limit") or USUAL_ITEMS
    if limit > MAX_ITEMS:
        raise BadRequest("“limit” goes up to 100.")
    token = request.args.get("after", "")
    if not token:
        return limit, ""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise BadCursor from None
    signature, value = raw[:8], raw[8:]
    if not hmac.compare_digest(signature, _sign(value)):
        raise BadCursor
    return limit, value.decode()


def cursor_number(value: str) -> int | None:
    if not value:
        return None
    if not value.isdigit():
        raise BadCursor
    return int(value)


def whole_number(field: str) -> int | None:
    text = request.args.get(field)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 18 and int(text)):
        raise BadRequest("Give a whole number from 1 up.")
    return int(text)


def _sign(value: bytes) -> bytes:
    key = str(current_app.secret_key).encode()
    where = request.path.encode()
    return hmac.digest(key, where + b"\0" + value, hashlib.sha256)[:8]
