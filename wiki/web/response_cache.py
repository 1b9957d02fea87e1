"""Whole answers, kept in front of routing: for all visitors, and for each reader.

A page that every visitor gets alike is kept as bytes, keyed by path, host, language
and encoding; an answer for one reader is kept under the cookies of the request too.
It holds while nothing was committed by any process, the page's file was not touched
and it is not older than a minute (asks pass their deadline); a reader's answer also
only while no account, session or group changed.
"""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

StartResponse = Callable[..., Any]
FileStamp = tuple[str, int, int, int] | None
Environ = dict[str, Any]
Key = tuple[str, ...]

# What a view says of its answer: (stamp of a file,).
FOR_VISITORS, FOR_READER = "wiki.same_for_visitors", "wiki.same_for_reader"

MAX_AGE = 60.0  # seconds
MAX_BYTES = 32 * 1024 * 1024
COOKIES = ("wiki=", "__Host-wiki=", "wiki_form=")
MAX_COOKIE = 4096  # characters; a longer header is nobody's whom we know
PACK_FROM = 1024  # bytes


@dataclass(slots=True)
class Kept:
    """An answer: valid for one state of the wiki and one state of a file."""

    mark: tuple[int, ...]
    file: FileStamp
    until: float
    headers: list[tuple[str, str]]
    etag: str
    body: bytes


class ResponseCache:
    """WSGI middleware; a view offers its answer through ``environ``.

    ``pages`` and ``people`` return a number that differs when anything was committed
    to either database.
    """

    def __init__(
        self, app: Any, pages: Callable[[], int], people: Callable[[], int]
    ) -> None:
        self._app, self._pages, self._people = app, pages, people
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        offer, key = _key(environ)
        if key is None:
            answer: Iterable[bytes] = self._app(environ, start)
            return answer
        mark: tuple[int, ...] = (self._pages(),)
        if offer == FOR_READER:
            mark = (*mark, self._people())
        kept = self._kept.get(key)
        if kept is not None and kept.mark == mark and _holds(kept):
            return _answer(kept, environ, start)
        return self._ask(offer, key, mark, environ, start)

    def _ask(
        self,
        offer: str,
        key: Key,
        mark: tuple[int, ...],
        environ: Environ,
        start: StartResponse,
    ) -> Iterable[bytes]:
        told: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told[:] = [status, headers]
            return start(status, headers, *rest)

        answer = self._app(environ, listen)
        offered = environ.get(offer)
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
        key: Key,
        mark: tuple[int, ...],
        file: FileStamp,
        headers: list[tuple[str, str]],
        body: bytes,
    ) -> None:
        if any(name.lower() == "set-cookie" for name, _ in headers):
            return
        etag = next((v for n, v in headers if n.lower() == "etag"), "")
        headers = [(n, v) for n, v in headers if n.lower() != "content-length"]
        if key[0] == "gzip" and len(body) > PACK_FROM:
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


def _key(environ: Environ) -> tuple[str, Key | None]:
    """Return which offer counts and the key of a plain reading request, or None."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return "", None
    if "HTTP_AUTHORIZATION" in environ:
        return "", None
    key = (
        environ["PATH_INFO"],
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_HOST", ""),
        environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200],
    )
    cookie = environ.get("HTTP_COOKIE", "")
    if any(name in cookie for name in COOKIES):
        if len(cookie) > MAX_COOKIE:
            return "", None
        # Never packed: the size of what holds a secret and typed text would tell.
        return FOR_READER, ("", *key, environ.get("QUERY_STRING", ""), cookie)
    if environ.get("QUERY_STRING") or environ["PATH_INFO"].startswith("/-/"):
        return "", None
    packs = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    return FOR_VISITORS, ("gzip" if packs else "", *key)


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
