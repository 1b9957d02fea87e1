"""Draws pages: the frame once for each kind of reader, the blocks for each page.

The frame (base.html) is the same for many answers, so it is drawn with slots and
kept; a page draws its blocks only. Tokens of forms are slots too, filled last, so
that what was drawn can be kept without them.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, session
from flask_wtf.csrf import generate_csrf
from jinja2 import BaseLoader, Environment
from markupsafe import Markup, escape

BLOCKS = ("title", "robots", "head", "frame", "crumbs", "main", "aside")
# Nobody can write these into a page: they are new in each process.
_MARK = secrets.token_hex(8)
CUT = Markup(f"\x00{_MARK}:cut\x00")
TOKEN = Markup(f"\x00{_MARK}:token\x00")
QUERY = Markup(f"\x00{_MARK}:query\x00")
SLOTS: Mapping[str, Markup] = {
    name: Markup(f"\x00{_MARK}:{name}\x00") for name in BLOCKS
} | {"cut": CUT}
_SLOT = re.compile(f"\x00{_MARK}:([a-z]+)\x00")

MAX_SHELLS, MAX_AGE = 256, 60.0  # frames kept, seconds that one is kept
MAX_TOKENS, TOKEN_AGE = 1000, 600.0  # of forms, seconds


class BlocksLoader(BaseLoader):
    """Loads base_blocks.html where a template asks for base.html."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> Any:
        name = "base_blocks.html" if template == "base.html" else template
        return self._loader.get_source(environment, name)


class Drawing:
    """Draws templates of one app; ``context`` gives what every template may use."""

    def __init__(self, app: Flask, context: Callable[[], dict[str, Any]]) -> None:
        self._env = app.jinja_env
        loader = self._env.loader
        if loader is None:
            raise RuntimeError("the application has no templates")
        self._blocks = self._env.overlay(loader=BlocksLoader(loader))
        self._context = context
        self._shells: OrderedDict[Any, tuple[float, list[str]]] = OrderedDict()
        self._lock = threading.Lock()

    def fragment(self, template: str, **names: Any) -> Markup:
        """Draw a template that stands in no frame."""
        made = self._env.get_template(template)
        return Markup(made.render(self._names(names)))

    def page(
        self, template: str, key: Any, names: Mapping[str, Any], head: str = ""
    ) -> str:
        """Draw a page; ``key`` names all that its frame depends on.

        ``head`` is put at the end of its head; it may differ from page to page.
        Tokens of forms are left open; :func:`seal` fills them in.
        """
        _told()  # asked before drawing says it
        drawn = self._blocks.get_template(template).render(self._names(names))
        blocks = dict(zip(BLOCKS, drawn.split(CUT)[1:], strict=True))
        blocks["robots"] = blocks["robots"].strip()
        # As plain text: joined to marked-up text, the block would be escaped.
        blocks["head"] += str(head)
        shell = self._shell((key, bool(blocks["robots"])), names, blocks)
        blocks["query"] = str(escape(names.get("query", "")))
        blocks["token"] = TOKEN
        # Every second part is the name of a slot.
        return "".join(
            blocks.get(part, "") if i % 2 else part for i, part in enumerate(shell)
        )

    def _names(self, names: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._context(), "slots": SLOTS, "csrf_token": _token, **names}

    def _shell(
        self, key: Any, names: Mapping[str, Any], blocks: Mapping[str, str]
    ) -> list[str]:
        kept = self._shells.get(key)
        if kept is not None and kept[0] > time.monotonic() and not _told():
            return kept[1]
        slots = dict(SLOTS)
        if not blocks["robots"]:
            slots["robots"] = Markup("")
        given = self._names({**names, "slots": slots, "query": QUERY})
        parts = _SLOT.split(self._env.get_template("base_shell.html").render(given))
        if not _told():
            self._keep(key, parts)
        else:
            # Drawing said what there was to tell; it is not said twice.
            session.pop("_flashes", None)
        return parts

    def _keep(self, key: Any, parts: list[str]) -> None:
        with self._lock:
            self._shells[key] = (time.monotonic() + MAX_AGE, parts)
            self._shells.move_to_end(key)
            while len(self._shells) > MAX_SHELLS:
                self._shells.popitem(last=False)


def _token() -> Markup:
    return TOKEN


def _told() -> bool:
    """Tell whether there are messages for the person of this request."""
    if "told" not in g:
        g.told = bool(session.get("_flashes"))
    return bool(g.told)


def drawing() -> Drawing:
    found: Drawing = current_app.extensions["wiki.drawing"]
    return found


def seal(response: Response) -> Response:
    """Fill the tokens of forms in; a page without a form gets no cookie."""
    if g.pop("unsealed", False) and not response.direct_passthrough:
        body = response.get_data()
        mark = str(TOKEN).encode()
        if mark in body:
            response.set_data(body.replace(mark, _signed_token()))
    return response


def _signed_token() -> bytes:
    """Return the token of this session, signed anew every ten minutes."""
    signed: dict[str, tuple[float, bytes]] = current_app.extensions["wiki.tokens"]
    raw = session.get("csrf_token", "")
    kept = signed.get(raw)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    made: bytes = generate_csrf().encode()
    if len(signed) >= MAX_TOKENS:
        signed.clear()
    signed[session["csrf_token"]] = (time.monotonic() + TOKEN_AGE, made)
    return made
