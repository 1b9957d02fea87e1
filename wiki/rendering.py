"""Rendered HTML of pages: cached per revision, plugins, dependencies and readers.

A rendering holds for a set of readers (``sees``), because a link to a page that a
reader may not see must look like a link to a page that does not exist.
"""

from __future__ import annotations

import contextlib
import contextvars
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from .directives import Directives
from .errors import BadName
from .hooks import Door
from .markup.child import ParserPool, is_passing, was_stopped
from .markup.front import Front, kind_of, split
from .markup.links import Target, url_of
from .markup.parse import Tree
from .markup.render import copy, render
from .model import names
from .model.actor import Sees
from .model.page import Page, Problem
from .model.parts import (
    FrontLimits,
    Link,
    OutlineItem,
    PageContext,
    PageType,
    RenderedPage,
    Token,
)
from .store.base import Store
from .store.cache import RenderCache

# Raised when what the core renders changes, so that old cached HTML is not used.
RENDERER = 1
KEPT = 256  # rendered pages in memory, a process
# A dependency that never holds: what has it is made anew at each view.
NEVER: Mapping[str, int] = {"never": -1}
TREES, TREE_LENGTH = 16, 64 * 1024  # trees in memory, characters of one at most

# The topics that the rendering now under way asked for.
_asked: contextvars.ContextVar[dict[str, int] | None] = contextvars.ContextVar(
    "asked", default=None
)


def depend(topic: str, stamp: int) -> None:
    """Note that the rendering now under way, if any, depends on a topic."""
    asked = _asked.get()
    if asked is not None:
        asked.setdefault(topic, stamp)


def shifted(problems: Sequence[Problem], lines: int) -> list[Problem]:
    """Return problems of a body with the lines of its whole text."""
    return [_shifted(it, lines) if it.line and lines else it for it in problems]


def _shifted(problem: Problem, lines: int) -> Problem:
    params = dict(problem.params)
    if "line" in params:
        params["line"] += lines
    return replace(problem, line=problem.line + lines, params=params)


def readers_key(sees: Sees) -> str:
    """Return a text that is the same for the same readers."""
    return "*" if sees is None else ",".join(sorted(sees))


class Renderer:
    """Turns source text into a RenderedPage, and keeps what it made."""

    def __init__(
        self,
        store: Store,
        pool: ParserPool,
        cache: RenderCache,
        door: Door,
        page_types: Mapping[str, PageType],
        directives: Directives,
        fingerprint: str,
        stamps: Callable[[], Mapping[str, int]],
    ) -> None:
        self._store, self._pool, self._cache, self._door = store, pool, cache, door
        self._page_types, self._stamps = page_types, stamps
        self.directives = directives
        plugins = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._fingerprint = f"{RENDERER}:{plugins}"
        self._kept: OrderedDict[tuple[int, str], tuple[str, RenderedPage]]
        self._kept = OrderedDict()
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._lock = threading.Lock()

    # -- parsing

    def limits(self, text: str) -> FrontLimits:
        """Return the front matter caps of the type a text says it has."""
        page_type = self._page_types.get(kind_of(text))
        return page_type.limits if page_type else FrontLimits()

    def front(self, text: str) -> Front:
        return split(text, self.limits(text))

    def tree(self, front: Front) -> Tree:
        """Parse a body where it can be stopped.

        A few trees are kept: a preview, its save and the view after it are one text.
        """
        body = front.body
        with self._lock:
            kept = self._trees.get(body)
            if kept is not None:
                self._trees.move_to_end(body)
                return kept
        tree = self.directives.checked(self._pool.parse(body))
        if len(body) <= TREE_LENGTH and not was_stopped(tree):
            with self._lock:
                self._trees[body] = tree
                while len(self._trees) > TREES:
                    self._trees.popitem(last=False)
        return tree

    # -- rendering

    def page(self, page: Page, sees: Sees) -> RenderedPage:
        """Return a revision's rendering, from the cache where it still holds."""
        readers = readers_key(sees)
        key = f"{page.rev}:{page.moved}:{self._fingerprint}"
        kept = self._remembered(page, readers, key)
        if kept is not None and self._holds(kept):
            return kept
        stored = self._cache.get(page.id, readers, key)
        rendered = _from_json(stored) if stored else None
        if rendered is None or not self._holds(rendered):
            rendered = self.draft(page.name, page.text, sees, title=page.title)
            if page.is_head and not any(map(is_passing, rendered.problems)):
                self._cache.put(page.id, readers, key, _to_json(rendered))
        self._remember(page, readers, key, rendered)
        return rendered

    def draft(
        self,
        name: str,
        text: str,
        sees: Sees,
        *,
        title: str = "",
        preview: bool = False,
    ) -> RenderedPage:
        """Render a text that may not be stored; nothing is kept."""
        front = self.front(text)
        tree = self.tree(front)
        context = PageContext(
            name=name,
            title=title,
            kind=kind_of(text),
            lang=str(front.data.get("lang") or ""),
            meta=front.data,
            sees=sees,
            preview=preview,
        )
        asked: dict[str, int] = {}
        token = _asked.set(asked)
        draw = self.directives.drawer(context, lambda: asked.update(NEVER))
        try:
            made = render(
                tree,
                context,
                lambda targets: self._resolve(targets, context),
                passes=[self._tree_pass],
                html_passes=[self._html_pass],
                draw=draw,
                classes=draw.classes,
            )
        finally:
            _asked.reset(token)
        return RenderedPage(
            made.html,
            made.outline,
            dict(context.data),
            (*front.problems, *shifted(made.problems, front.lines)),
            asked,
        )

    def close(self) -> None:
        """End the processes that parse."""
        self._pool.close()

    # -- inside

    def _tree_pass(self, tokens: list[Token], page: PageContext) -> list[Token]:
        changed: list[Token] = self._door.chain(
            "page_tree", tokens, fresh=copy, page=page
        )
        return changed

    def _html_pass(self, html: str, page: PageContext) -> str:
        changed: str = self._door.chain("page_html", html, page=page)
        return changed

    def _resolve(
        self, targets: Sequence[Target], page: PageContext
    ) -> Mapping[Target, Link]:
        found: dict[Target, Link] = {}
        keys: dict[str, list[Target]] = {}
        for target in targets:
            link = self._prefixed(target, page) if target.kind == "prefixed" else None
            if link is not None:
                found[target] = link
            elif target.kind == "file":
                found[target] = Link(f"/-/files{url_of(target.name)}")
            else:
                # A prefix that no plugin knows is part of a page's name.
                with contextlib.suppress(BadName):
                    keys.setdefault(names.key(target.name), []).append(target)
        rows = self._store.exists(list(keys), sees=page.sees) if keys else {}
        for key, same in keys.items():
            row = rows.get(key)
            for target in same:
                found[target] = (
                    Link(url_of(row.name), row.title)
                    if row
                    else Link(f"/-/new?name={quote(target.name)}", exists=False)
                )
        return found

    def _prefixed(self, target: Target, page: PageContext) -> Link | None:
        prefix, _, name = target.name.partition(":")
        link: Link | None = self._door.first(
            "resolve_link", prefix=prefix, target=name, page=page
        )
        return link

    def _holds(self, rendered: RenderedPage) -> bool:
        if not rendered.depends:
            return True
        now = self._stamps()
        return all(now.get(t, 0) == seen for t, seen in rendered.depends.items())

    def _remembered(self, page: Page, readers: str, key: str) -> RenderedPage | None:
        with self._lock:
            kept = self._kept.get((page.id, readers))
            if kept is None or kept[0] != key:
                return None
            self._kept.move_to_end((page.id, readers))
            return kept[1]

    def _remember(
        self, page: Page, readers: str, key: str, rendered: RenderedPage
    ) -> None:
        if not page.is_head:
            return
        with self._lock:
            self._kept[page.id, readers] = (key, rendered)
            self._kept.move_to_end((page.id, readers))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _to_json(rendered: RenderedPage) -> dict[str, Any]:
    return {
        "html": rendered.html,
        "outline": [[o.level, o.id, o.text] for o in rendered.outline],
        "data": rendered.data,
        "problems": [
            [p.level, p.field, p.message, p.line, dict(p.params)]
            for p in rendered.problems
        ],
        "depends": rendered.depends,
    }


def _from_json(kept: dict[str, Any]) -> RenderedPage | None:
    try:
        return RenderedPage(
            kept["html"],
            tuple(OutlineItem(*o) for o in kept["outline"]),
            kept["data"],
            tuple(Problem(*p) for p in kept["problems"]),
            kept["depends"],
        )
    except (KeyError, TypeError, ValueError):
        return None
