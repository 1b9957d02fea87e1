"""Keeps slow senders from holding the threads that answer everybody else.

The server has no deadline for a body: a thread that reads one is held for as long as
the sender likes. So a body is read before anything else happens. Any request may
wait a moment for its body, a few at a time may wait up to a deadline; the rest, and
who is too slow for that, are told so.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, request

from wiki.errors import TooManySlow, TooSlow, WikiError

from .connections import stop_listening

Environ = dict[str, Any]

GRACE = 1.0  # seconds that any request may wait for its body
WAITING = 16  # requests that may wait longer, a process
LEAST_SECONDS, LEAST_RATE = 30.0, 2048  # a body's deadline: seconds, bytes a second
LOOK = 0.2  # seconds that a reading has to end by itself
PATIENCE = 1.0  # seconds that what was stopped has to end, on a busy machine
TICK = 0.02  # seconds that the system's clock of connections may be behind
_REFUSED = "wiki.body_refused"


class _Reading:
    """A body on its way, read by a thread that ends with it."""

    def __init__(self, environ: Environ, most: int) -> None:
        address = str(environ.get("REMOTE_ADDR", ""))
        self.address = address.removeprefix("::ffff:")
        self.body: bytes | None = None
        self._input, self._most = environ["wsgi.input"], most
        self._length, self.began = _length(environ), time.monotonic()
        self.over = threading.Event()
        with _ended:
            _open.add(self)
        threading.Thread(target=self._read, name="wiki-body", daemon=True).start()

    @property
    def deadline(self) -> float:
        return LEAST_SECONDS + (self._length or 0) / LEAST_RATE

    def _read(self) -> None:
        try:
            self.body = self._whole()
        except Exception:
            self.body = None  # cut off, or the sender went away
        finally:
            with _ended:
                self.over.set()
                _open.discard(self)
                _ended.notify_all()

    def _whole(self) -> bytes | None:
        if self._length is not None:
            body = bytes(self._input.read(self._length))
            return body if len(body) == self._length else None
        parts, size = list[bytes](), 0
        while size <= self._most and (part := self._input.read(65536)):
            parts.append(bytes(part))
            size += len(part)
        return b"".join(parts)

    def stop(self) -> None:
        """End the reading, whatever the sender does.

        The server cannot answer while a body is being read. Where the system does not
        tell which connection it is (Linux does), the sender has to end it.
        """
        if self.over.wait(LOOK):
            return
        with _ended:
            _stopping.add(self)
        while not self.over.is_set():
            with _one_by_one, _ended:
                self._stop_all()
        with _ended:
            _stopping.discard(self)

    def _stop_all(self) -> None:
        """Stop as many connections as there are such readings, and see what ends."""
        late = [
            one
            for one in _stopping
            if one.address == self.address and not one.over.is_set()
        ]
        if late:
            # Nothing was sent to their connections since the readings began.
            unanswered = time.monotonic() - max(one.began for one in late) - TICK
            stop_listening(self.address, unanswered, len(late))
            # Perhaps others were stopped instead: as many have to end, before more.
            left = len(_open) - len(late)
            _ended.wait_for(lambda: len(_open) <= left, PATIENCE)


# All readings, those that are to end, and who is told that one did.
_open: set[_Reading] = set()
_stopping: set[_Reading] = set()
_ended = threading.Condition()
_one_by_one = threading.Lock()


class SlowBodies:
    """WSGI middleware; bodies above ``most`` bytes are the application's to refuse."""

    def __init__(self, app: Any, most: int) -> None:
        self._app, self._most = app, most
        self._waiting = threading.BoundedSemaphore(WAITING)

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        length = _length(environ)
        if length == 0 or (length or 0) > self._most:
            return self._app(environ, start)  # type: ignore[no-any-return]
        try:
            body = self._body(environ)
        except WikiError as error:
            environ[_REFUSED] = error
            body, start = b"", _closing(start)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._app(environ, start)  # type: ignore[no-any-return]

    def _body(self, environ: Environ) -> bytes:
        """Return the whole body; raises TooSlow, TooManySlow."""
        reading = _Reading(environ, self._most)
        if not reading.over.wait(GRACE):
            if not self._waiting.acquire(blocking=False):
                reading.stop()
                raise TooManySlow
            try:
                reading.over.wait(reading.deadline)
            finally:
                self._waiting.release()
            reading.stop()
        if reading.body is None:
            raise TooSlow
        return reading.body


def _length(environ: Environ) -> int | None:
    """Return the length of a body; None where only its end will tell."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _closing(start: Any) -> Any:
    """Have the connection end with its answer."""

    def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start(status, [*headers, ("Connection", "close")], *rest)

    return begin


def install(app: Flask) -> None:
    """Put the middleware in front of an application that is served to people."""
    most: int = app.config["MAX_CONTENT_LENGTH"]
    app.wsgi_app = SlowBodies(app.wsgi_app, most)  # type: ignore


def refuse() -> None:
    """Say why a body was not read, before anything looks for what was in it."""
    error: WikiError | None = request.environ.get(_REFUSED)
    if error is not None:
        raise error
