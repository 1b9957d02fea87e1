"""Static files of the core and of plugins: read once, hashed, served from memory.

One hash over all of them stands in every address, so that a style sheet can name
its neighbors by relative address and everything can be kept for a year.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request

from wiki.errors import StartError

bp = Blueprint("assets", __name__)

YEAR = "public, max-age=31536000, immutable"
PACKED = frozenset({".css", ".js", ".svg", ".json", ".txt"})


@dataclass(frozen=True)
class StaticFile:
    """A file in memory; ``packed`` is made when it is first asked for."""

    media_type: str
    body: bytes
    packs: bool

    @cached_property
    def packed(self) -> bytes | None:
        return gzip.compress(self.body, 9) if self.packs else None


class Assets:
    """All static files by path; a plugin's lie under ``p/<plugin>/``.

    Those in ``own``, a folder of the wiki that is served, take the place of others.
    """

    def __init__(self, folders: Mapping[str, Path], own: Path | None = None) -> None:
        self._files: dict[str, StaticFile] = {}
        digest = hashlib.sha256()
        homes: dict[str, Path] = {}  # where what a style sheet imports is looked for
        for prefix, folder in [*sorted(folders.items()), *([("", own)] if own else [])]:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                name = prefix + path.relative_to(folder).as_posix()
                home = homes.setdefault(name, path.parent)
                self._files[name] = _read(path, home)
                digest.update(name.encode() + self._files[name].body)
        self.hash = digest.hexdigest()[:16]

    def url(self, path: str) -> str:
        """Return the address of a file; raises KeyError for one that is not there."""
        if path not in self._files:
            raise KeyError(f"no static file “{path}”")
        return f"/-/static/{self.hash}/{path}"

    def get(self, path: str) -> StaticFile | None:
        return self._files.get(path)


IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
CHARSET = re.compile(r'@charset "[^"]*";', re.IGNORECASE)


def _with_imports(css: str, folder: Path) -> str:
    """Return a style sheet with what it imports in its place: one request fewer."""

    def inline(match: re.Match[str]) -> str:
        text = (folder / match.group(1)).read_text("utf-8")
        return f"@layer {match.group(2)} {{{CHARSET.sub('', text)}}}"

    return IMPORT.sub(inline, css)


def _read(path: Path, home: Path) -> StaticFile:
    try:
        body = path.read_bytes()
        if path.suffix == ".css":
            body = _with_imports(body.decode("utf-8"), home).encode()
    except (OSError, UnicodeError) as error:
        raise StartError(
            f"“{path}” cannot be used ({error}). Mend it or take it away."
        ) from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        media_type = "text/javascript"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return StaticFile(media_type, body, path.suffix in PACKED)


@bp.get("/-/static/<digest>/<path:path>")
def static(digest: str, path: str) -> Response:
    assets: Assets = current_app.extensions["wiki.assets"]
    found = assets.get(path)
    if found is None:
        abort(404)
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    packed = found.packed if packs else None
    response = Response(packed or found.body, content_type=found.media_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    # An address with an old hash gets the file, but is not kept.
    response.headers["Cache-Control"] = YEAR if digest == assets.hash else "no-cache"
    return response
