"""Answers kept for one person while nothing changed, like those for visitors.

Holds for the same address, person, rights and language, while nothing was committed
by any process, the page's file was not touched, and for a minute at most.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec

from flask import Response, current_app, g, request, session

from . import language
from .current import actor, wiki
from .response_cache import MAX_AGE, FileStamp, untouched

P = ParamSpec("P")

MAX_BYTES = 16 * 1024 * 1024


class KeptAnswers:
    """Bytes of answers, tokens of forms left open."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[int, FileStamp, float, Response]]
        self._kept = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Any, mark: int) -> Response | None:
        """Return a fresh copy of an answer that still holds."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != mark or kept[2] < time.monotonic():
            return None
        if not untouched(kept[1]):
            return None
        return _copy(kept[3])

    def put(self, key: Any, mark: int, file: FileStamp, answer: Response) -> None:
        size = len(answer.get_data())
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += size - (len(old[3].get_data()) if old else 0)
            until = time.monotonic() + MAX_AGE
            self._kept[key] = (mark, file, until, _copy(answer))
            while self._size > MAX_BYTES:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped[3].get_data())


def _copy(answer: Response) -> Response:
    return Response(answer.get_data(), answer.status_code, answer.headers.copy())


def kept(view: Callable[P, Response]) -> Callable[P, Response]:
    """Keep the answers of a reading view for the person who asked."""

    @functools.wraps(view)
    def answer(*args: P.args, **names: P.kwargs) -> Response:
        if request.if_none_match or session.get("_flashes"):
            return view(*args, **names)
        answers: KeptAnswers = current_app.extensions["wiki.kept"]
        key, mark = _key(), wiki().store.change_mark()
        found = answers.get(key, mark)
        if found is not None:
            g.unsealed = True
            return found
        made = view(*args, **names)
        if made.status_code == 200 and "keep_with" in g:
            answers.put(key, mark, g.keep_with, made)
        return made

    return answer


def _key() -> tuple[Any, ...]:
    who = actor()
    return (
        request.path,
        request.query_string,
        request.host,
        language.current(),
        who.id,
        who.name,
        who.role,
        who.groups,
    )


def keep_with(page_id: int | None) -> None:
    """Let this answer be kept while the file of a page (None: no page) is as it is."""
    g.keep_with = wiki().store.file_stamp(page_id) if page_id else None
