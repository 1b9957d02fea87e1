"""Reading views whose answers are kept for the person who asked.

They are kept in front of routing (``response_cache``), under the cookies that the
request came with, while nothing was committed by any process, no account or session
changed, the page's file was not touched, and for a minute at most.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from flask import Response, g, request, session

from .current import wiki
from .response_cache import FOR_READER

P = ParamSpec("P")


def kept(view: Callable[P, Response]) -> Callable[P, Response]:
    """Offer the answers of a reading view to the cache, where the view lets it."""

    @functools.wraps(view)
    def answer(*args: P.args, **names: P.kwargs) -> Response:
        # What is said once is not said again.
        told = bool(session.get("_flashes"))
        made = view(*args, **names)
        if made.status_code == 200 and "keep_with" in g and not told:
            request.environ[FOR_READER] = (g.keep_with,)
        return made

    return answer


def keep_with(page_id: int | None) -> None:
    """Let this answer be kept while the file of a page (None: no page) is as it is."""
    g.keep_with = wiki().store.file_stamp(page_id) if page_id else None
