"""Files that lie beside pages: pictures are shown, everything else is downloaded."""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from wiki.errors import NotFound

from .current import actor, wiki
from .security import FILE_POLICY

bp = Blueprint("files", __name__)

# Type by the first bytes, never by the name alone (R11).
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
ANY_TYPE = "application/octet-stream"


@bp.get("/-/files/<path:path>")
def beside(path: str) -> Response:
    """Answer with a file beside a page; see ``Wiki.check_file`` for who may."""
    folder, _, name = path.rpartition("/")
    refused = _refused(path)
    # Looked for in any case: what is hidden takes as long as what is missing.
    file = wiki().store.open_beside(_page_in(folder), name)
    if refused:
        file.close()
        raise refused
    media_type = picture_type(file.read(16))
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = Response(
        wrap_file(request.environ, file),
        content_type=media_type or ANY_TYPE,
        direct_passthrough=True,
    )
    response.content_length = size
    response.headers["Content-Security-Policy"] = FILE_POLICY
    if media_type is None:
        response.headers["Content-Disposition"] = (
            f"attachment; filename*=UTF-8''{quote(name)}"
        )
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(f"{_changed(file):x}-{size:x}")
    response.make_conditional(request)
    return response


def _refused(path: str) -> NotFound | None:
    try:
        wiki().check_file(actor(), path)
    except NotFound as error:
        return error
    return None


def _changed(file: BinaryIO) -> int:
    """Return when a file changed; of one that is kept in memory, what it holds."""
    try:
        return os.fstat(file.fileno()).st_mtime_ns
    except OSError:  # it is no file of the system
        digest = hashlib.blake2b(file.read(), digest_size=8).digest()
        file.seek(0)
        return int.from_bytes(digest)


def _page_in(folder: str) -> str:
    """Return the name of a page in a folder, of a possible one where there is none.

    The store finds a folder by its pages: on disk it may be spelled in another way.
    """
    if not folder:
        return "x"
    rows, _ = wiki().store.list(prefix=f"{folder}/", limit=100)
    depth = folder.count("/") + 1
    known = (row.name for row in rows if row.name.count("/") == depth)
    return next(known, f"{folder}/x")


def picture_type(body: bytes) -> str | None:
    """Return the media type of a picture that browsers only ever draw, or None."""
    for signature, media_type in SIGNATURES:
        if body.startswith(signature):
            return media_type
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return None
