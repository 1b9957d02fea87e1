"""Whole answers for visitors, kept in front of routing.

A page that every visitor gets alike is kept as bytes, keyed by path, host, language
and encoding. It holds while nothing was committed by any process, the page's file
was not touched and it is not older than a minute (asks pass their deadline).
"""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

StartResponse = Callable[..., Any]
FileStamp = tuple[str, int, int, int] | None
Environ = dict[str, Any]

MAX_AGE = 60.0  # seconds
MAX_BYTES = 32 * 1024 * 1024
COOKIES = ("wiki=", "__Host-wiki=", "wiki_form=")
PACK_FROM = 1024  # bytes


class Marked(Protocol):
    """What tells whether anything was committed: a store."""

    def change_mark(self) -> int: ...


@dataclass(slots=True)
class Kept:
    """An answer: valid for one change mark and one state of a file."""

    mark: int
    file: FileStamp
    until: float
    headers: list[tuple[str, str]]
    etag: str
    body: bytes


class ResponseCache:
    """WSGI middleware; a view offers its answer through ``environ``."""

    def __init__(self, app: Any, store: Marked) -> None:
        self._app, self._store = app, store
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            answer: Iterable[bytes] = self._app(environ, start)
            return answer
        mark = self._store.change_mark()
        kept = self._kept.get(key)
        if kept is not None and kept.mark == mark and _holds(kept):
            return _answer(kept, environ, start)
        return self._ask(key, mark, environ, start)

    def _ask(
        self, key: tuple[str, ...], mark: int, environ: Environ, start: StartResponse
    ) -> Iterable[bytes]:
        told: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told[:] = [status, headers]
            return start(status, headers, *rest)

        answer = self._app(environ, listen)
        offered = environ.get("wiki.same_for_visitors")
        if offered is None or not told or not told[0].startswith("200"):
            return answer  # type: ignore[no-any-return]
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if body and environ["REQUEST_METHOD"] == "GET":
            self._keep(key, mark, offered[0], told[1], body)
        return [body]

    def _keep(
        self,
        key: tuple[str, ...],
        mark: int,
        file: FileStamp,
        headers: list[tuple[str, str]],
        body: bytes,
    ) -> None:
        if any(name.lower() == "set-cookie" for name, _ in headers):
            return
        etag = next((v for n, v in headers if n.lower() == "etag"), "")
        headers = [(n, v) for n, v in headers if n.lower() != "content-length"]
        if key[-1] == "gzip" and len(body) > PACK_FROM:
            body = gzip.compress(body, 6, mtime=0)
            packed = f'{etag[:-1]}-gzip"' if etag.endswith('"') else etag
            headers = [(n, packed if n.lower() == "etag" else v) for n, v in headers]
            headers.append(("Content-Encoding", "gzip"))
            etag = packed
        headers.append(("Content-Length", str(len(body))))
        kept = Kept(mark, file, time.monotonic() + MAX_AGE, headers, etag, body)
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += len(body) - (len(old.body) if old else 0)
            self._kept[key] = kept
            while self._size > MAX_BYTES:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped.body)


def _key(environ: Environ) -> tuple[str, ...] | None:
    """Return the key of a visitor's plain reading request, None for any other."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("QUERY_STRING"):
        return None
    path = environ["PATH_INFO"]
    if path.startswith("/-/") or "HTTP_AUTHORIZATION" in environ:
        return None
    cookie = environ.get("HTTP_COOKIE")
    if cookie and any(name in cookie for name in COOKIES):
        return None
    packs = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    return (
        path,
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_HOST", ""),
        environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200],
        "gzip" if packs else "",
    )


def _holds(kept: Kept) -> bool:
    return time.monotonic() <= kept.until and untouched(kept.file)


def untouched(file: FileStamp) -> bool:
    """Tell whether a file is as it was when its stamp was taken."""
    if file is None:
        return True
    path, mtime_ns, size, inode = file
    try:
        now = os.stat(path)
    except OSError:
        return False
    return (now.st_mtime_ns, now.st_size, now.st_ino) == (mtime_ns, size, inode)


def _answer(kept: Kept, environ: Environ, start: StartResponse) -> Iterable[bytes]:
    wanted = environ.get("HTTP_IF_NONE_MATCH")
    if wanted and kept.etag and kept.etag in wanted:
        drop = {"content-length", "content-encoding", "content-type"}
        start("304 Not Modified", [h for h in kept.headers if h[0].lower() not in drop])
        return []
    start("200 OK", kept.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]
