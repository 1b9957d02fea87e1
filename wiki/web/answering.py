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
    """Bodies of answers, kept in memory under a mark of all that they depend on."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, mark: str, make: Callable[[], bytes]) -> bytes:
        body = self._bodies.get(mark)
        if body is None:
            body = make()
            self._put(mark, body)
        return body

    def _put(self, mark: str, body: bytes) -> None:
        with self._lock:
            if mark not in self._bodies:
                self._bodies[mark] = body
                self._size += len(body)
            while self._size > MOST_BYTES:
                self._size -= len(self._bodies.popitem(last=False)[1])


def answer(
    make: Callable[[], bytes], media_type: str, *, actor: Actor | None = None
) -> Response:
    """Return what ``make`` makes for a reader, until anything in the wiki changes.

    It has an ETag and may depend on the address, the language and what the reader
    sees. What visitors get may be kept by anybody, all else by nobody.
    """
    reader = actor or current_actor()
    mark = _mark(reader)
    if request.if_none_match.contains(mark):
        response = make_response("", 304)
    else:
        kept: Kept = current_app.extensions["wiki.answers"]
        response = make_response(kept.get(mark, make))
        response.content_type = f"{media_type}; charset=utf-8"
    response.set_etag(mark)
    response.vary.add("Accept-Language")
    public = not reader.signed_in
    response.headers["Cache-Control"] = "public, no-cache" if public else "no-store"
    return response


def _mark(reader: Actor) -> str:
    """Return what differs whenever the answer would, without making it."""
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
