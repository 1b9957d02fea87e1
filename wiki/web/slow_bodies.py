"""Keeps slow senders from holding the threads that answer everybody else.

The server cannot stop reading a body once it has begun (it has no timeout for that),
so a body is read by a thread of its own. The thread that answers waits a moment, a
few threads wait up to a deadline, and beyond that the sender is told and, where they
stay on the line, hung up on. Addresses are held in memory while they are late only.
"""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from flask import Flask, request

from wiki.errors import TooManySlow, TooSlow, WikiError

Environ = dict[str, Any]

GRACE = 1.0  # seconds that any request may wait for its body
WAITING = 16  # requests that may wait longer, a process
READERS = 200  # bodies read at once, a process
LEAST_SECONDS, LEAST_RATE = 30.0, 2048  # a body's deadline: seconds, bytes a second
SILENCE = 60.0  # seconds without an answer to a late sender until it is hung up on
LOOK = 5.0  # seconds between looks at who is late
_REFUSED = "wiki.body_refused"
_SENT = struct.Struct("44xI")  # tcp_info: milliseconds since something was sent


class _Reading:
    """A body on its way, read by a thread that ends with it."""

    def __init__(self, environ: Environ, most: int, done: Callable[[], None]) -> None:
        address = str(environ.get("REMOTE_ADDR", ""))
        self.address = address.removeprefix("::ffff:")
        self.late_since = 0.0
        self.body: bytes | None = None
        self._input, self._most, self._done = environ["wsgi.input"], most, done
        self._length = _length(environ)
        self.over = threading.Event()
        threading.Thread(target=self._read, name="wiki-body", daemon=True).start()

    def deadline(self) -> float:
        return LEAST_SECONDS + (self._length or 0) / LEAST_RATE

    def _read(self) -> None:
        try:
            self.body = self._whole()
        except Exception:
            self.body = None  # the sender went away: nobody waits for the answer
        finally:
            self.over.set()
            self._done()

    def _whole(self) -> bytes:
        if self._length is not None:
            return bytes(self._input.read(self._length))
        parts, size = list[bytes](), 0
        while size <= self._most and (part := self._input.read(65536)):
            parts.append(bytes(part))
            size += len(part)
        return b"".join(parts)


class SlowBodies:
    """WSGI middleware; bodies above ``most`` bytes are the application's to refuse."""

    def __init__(self, app: Any, most: int) -> None:
        self._app, self._most = app, most
        self._slots = threading.BoundedSemaphore(WAITING)
        self._readers = threading.BoundedSemaphore(READERS)
        self._late: set[_Reading] = set()
        self._lock = threading.Lock()

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
        if not self._readers.acquire(blocking=False):
            raise TooManySlow
        reading = _Reading(environ, self._most, self._readers.release)
        if not reading.over.wait(GRACE) and not self._wait(reading):
            raise TooSlow
        if reading.body is None:
            raise TooSlow
        return reading.body

    def _wait(self, reading: _Reading) -> bool:
        """Wait longer, where not too many do; False when the deadline has passed."""
        if not self._slots.acquire(blocking=False):
            self._hang_up_later(reading)
            raise TooManySlow
        try:
            if reading.over.wait(reading.deadline()):
                return True
        finally:
            self._slots.release()
        self._hang_up_later(reading)
        return False

    def _hang_up_later(self, reading: _Reading) -> None:
        reading.late_since = time.monotonic()
        with self._lock:
            alone = not self._late
            self._late.add(reading)
        if alone:
            threading.Thread(target=self._watch, name="wiki-late", daemon=True).start()

    def _watch(self) -> None:
        """Hang up on who stays on the line; ends when nobody is late any more."""
        while True:
            time.sleep(LOOK)
            with self._lock:
                self._late = {one for one in self._late if not one.over.is_set()}
                late = set(self._late)
            if not late:
                return
            until = time.monotonic() - SILENCE
            hang_up({one.address for one in late if one.late_since < until}, SILENCE)


def hang_up(addresses: set[str], silence: float) -> None:
    """Close connections from addresses to which nothing was sent for some seconds.

    Does nothing where the system does not tell (it is Linux that does).
    """
    if not addresses or not hasattr(socket, "TCP_INFO"):
        return
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with closing(socket.socket(fileno=os.dup(int(name)))) as line:
                    _hang_up(line, addresses, silence)
        except OSError:
            continue  # gone meanwhile, or not connected


def _hang_up(line: socket.socket, addresses: set[str], silence: float) -> None:
    if line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    if str(line.getpeername()[0]).removeprefix("::ffff:") not in addresses:
        return
    told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SENT.size)
    if _SENT.unpack(told)[0] >= silence * 1000:
        line.shutdown(socket.SHUT_RDWR)


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
    app.wsgi_app = SlowBodies(app.wsgi_app, most)  # type: ignore[method-assign]


def refuse() -> None:
    """Say why a body was not read, before anything looks for what was in it."""
    error: WikiError | None = request.environ.get(_REFUSED)
    if error is not None:
        raise error
