"""Answers for programs that ask again and again: made once, then “not changed”."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from flask import Response, current_app, make_response, request

from wiki.model.actor import Actor

from . import language
from .current import actor as current_actor
from .current import wiki

MOST_BYTES = 8 * 1024 * 1024


class Kept:
    """Answers, kept in memory under a mark of all that they depend on."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, mark: str, make: Callable[[], bytes]) -> tuple[str, bytes]:
        """Return tag and body of an answer."""
        found = self._bodies.get(mark)
        if found is None:
            body = make()
            found = hashlib.sha256(body).hexdigest()[:20], body
            self._put(mark, found)
        return found

    def _put(self, mark: str, made: tuple[str, bytes]) -> None:
        with self._lock:
            if mark not in self._bodies:
                self._bodies[mark] = made
                self._size += len(made[1])
            while self._size > MOST_BYTES:
                self._size -= len(self._bodies.popitem(last=False)[1][1])


def answer(
    make: Callable[[], bytes], media_type: str, *, actor: Actor | None = None
) -> Response:
    """Return what ``make`` makes for a reader, until anything in the wiki changes.

    It may depend on the address, the language and what the reader sees. Its ETag is
    made of the answer alone: it does not tell of changes that the reader may not see.
    What visitors get may be kept by anybody, all else by nobody.
    """
    reader = actor or current_actor()
    kept: Kept = current_app.extensions["wiki.answers"]
    tag, body = kept.get(_mark(reader), make)
    if request.if_none_match.contains(tag):
        response = make_response("", 304)
    else:
        response = make_response(body)
        response.content_type = f"{media_type}; charset=utf-8"
    response.set_etag(tag)
    response.vary.add("Accept-Language")
    public = not reader.signed_in
    response.headers["Cache-Control"] = "public, no-cache" if public else "no-store"
    return response


def _mark(reader: Actor) -> str:
    """Return what differs whenever the answer may, without making it."""
    parts = (
        wiki().store.last_seq(),
        wiki().boot,
        wiki().config.privacy,
        reader.id,
        reader.role,
        sorted(reader.sees) if reader.sees is not None else None,
        language.current(),
        request.url,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
