"""Takes changed settings into effect while requests go on, in each process by itself.

What runs never changes: another application is made and takes the place of the old
one, which finishes its requests.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from wiki.config import Config
from wiki.errors import StartError, WikiError
from wiki.service import Wiki
from wiki.settings_watch import SettingsWatch

log = logging.getLogger("wiki.reloading")

LOOK = 0.5  # seconds between looks at most
GRACE = 30.0  # seconds that requests under way have to finish

Make = Callable[[Config], Flask]


class Reloading:
    """WSGI middleware in front of all; ``make`` returns an application for settings.

    ``wiki`` is the one that answers now; ``failure`` says why a newer could not begin.
    """

    def __init__(self, app: Flask, make: Make) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._next = 0.0
        self._followers: list[Callable[[Wiki], None]] = []
        self.failure = ""
        self._take(app)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if time.monotonic() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next = time.monotonic() + LOOK
                self._lock.release()
        answer: Iterable[bytes] = self._app(environ, start)
        return answer

    def follow(self, follower: Callable[[Wiki], None]) -> None:
        """Have a function called with each new wiki, before the old one is closed."""
        self._followers.append(follower)

    def look_now(self) -> None:
        """Have the next request look, whenever the last one did."""
        self._next = 0.0

    def _take(self, app: Flask) -> None:
        wiki: Wiki = app.extensions["wiki"]
        app.extensions["wiki.reloading"] = self
        self._watch = SettingsWatch(wiki.settings, wiki.config)
        self.wiki, self._app = wiki, app.wsgi_app

    def _look(self) -> None:
        try:
            config = self._watch.newer()
            if config is None:
                self.failure = self.failure if self._watch.waits else ""
                return
            app = self._make(config)
        except Exception as error:  # a plugin may do anything while it begins
            log.exception("the changed settings could not be taken into effect")
            plain = isinstance(error, StartError | WikiError)
            self.failure = str(error) if plain else type(error).__name__
            return
        old = self.wiki
        self._take(app)
        self.failure = ""
        for follower in self._followers:
            follower(self.wiki)
        closing = threading.Timer(GRACE, old.close)
        closing.daemon = True
        closing.start()
        log.info("the settings were changed; they are in effect")
