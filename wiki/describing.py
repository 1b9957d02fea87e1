"""What a text says about its page: front matter, links, tags, audience."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

from .errors import Busy
from .markup.facts import describe
from .model.page import Facts
from .rendering import Renderer

log = logging.getLogger("wiki.describing")


class Describer:
    """Says what a text says about its page; the store asks it before each commit.

    What the service has just worked out is not worked out again: see ``known``.
    Raises Busy, OSError and MemoryError only: a text that cannot be understood is a
    page with a name and a text.
    """

    def __init__(self) -> None:
        self._known = threading.local()
        self.renderer: Renderer | None = None

    def __call__(self, name: str, text: str) -> Facts:
        known = getattr(self._known, "value", None)
        if known is not None and known[0] == (name, text):
            facts: Facts = known[1]
            return facts
        try:
            return self._describe(name, text)
        except (Busy, OSError, MemoryError):
            raise  # a moment of load says nothing about the text
        except Exception:
            log.exception("a text could not be described")
            # Closed by default: nobody but admins sees what cannot be understood.
            return Facts(title=name.rpartition("/")[2], audience="admins")

    def _describe(self, name: str, text: str) -> Facts:
        if self.renderer is None:
            raise RuntimeError("no renderer yet")
        front = self.renderer.front(text)
        return describe(name, front, self.renderer.tree(front))

    @contextlib.contextmanager
    def known(self, name: str, text: str, facts: Facts) -> Iterator[None]:
        self._known.value = ((name, text), facts)
        try:
            yield
        finally:
            self._known.value = None
