"""What a request is about: the wiki it belongs to and the person who asks."""

from __future__ import annotations

from typing import Any, cast

from flask import abort, current_app, g, request

from wiki.errors import TooManyEdits
from wiki.markup.links import url_of
from wiki.model.actor import Actor
from wiki.service import Wiki

from .limits import Limits

# Where a page gets another text.
SAVES = frozenset({"edit.create", "edit.update", "audience.change", "api.write"})


def wiki() -> Wiki:
    return cast(Wiki, current_app.extensions["wiki"])


def actor() -> Actor:
    """Return the person of this request; a visitor where nobody signed in."""
    return cast(Actor, g.actor)


def page_url(name: str) -> str:
    """Return the address of a page."""
    return url_of(name)


def site_url() -> str:
    """Return the address of this wiki, without a slash at its end."""
    return str(current_app.config["WIKI_SITE_URL"] or request.url_root.rstrip("/"))


def number(field: str, default: int | None = None) -> int | None:
    """Return a positive whole number of the query, ``default`` where none is given.

    Answers 404 for anything else: no such version or list page exists.
    """
    text = request.args.get(field, "").strip()
    if not text:
        return default
    return whole_number(text)


def whole_number(text: str) -> int:
    """Return a positive whole number of an address; answers 404 for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) < 1:
        abort(404)
    return int(text)


def form_text(field: str) -> str:
    """Return a field of the form with the line ends that the store keeps."""
    return request.form.get(field, "").replace("\r\n", "\n").replace("\r", "\n")


def count_write() -> None:
    """Count this request as a write of its person, once; raises TooManyEdits."""
    if g.get("counted"):
        return
    g.counted = True
    limits = cast(Limits, current_app.extensions["wiki.limits"])
    who = actor()
    key = f"user:{who.id}" if who.signed_in else f"address:{request.remote_addr}"
    wait = limits.write(key)
    if not wait and request.endpoint in SAVES and wiki().newcomers.is_one(who):
        wait = limits.newcomer(key)
    if wait:
        raise TooManyEdits(wait)


def count_preview() -> None:
    """Count one preview of this person; as many as a program's reads are allowed."""
    count_read(f"preview:{actor().id}", visitor=False)


def count_read(key: str, *, visitor: bool) -> dict[str, Any]:
    """Count one read of a program; raises TooMany, returns the limit's state."""
    limits = cast(Limits, current_app.extensions["wiki.limits"])
    return limits.read(key, visitor=visitor)
