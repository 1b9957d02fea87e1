"""Where to report faults that endanger others (RFC 9116)."""

from __future__ import annotations

import time

from flask import Blueprint, Response, make_response

from wiki.errors import NotFound

from .current import wiki

bp = Blueprint("well_known", __name__)

DAY, GOOD_FOR = 86_400, 180  # seconds, days


@bp.get("/.well-known/security.txt")
def security() -> Response:
    """Answer with the address for reports; 404 where nobody takes any."""
    config = wiki().config
    if not config.security.contact:
        raise NotFound
    # Whole days: the same for everybody who asks on one day.
    expires = time.gmtime((time.time() // DAY + GOOD_FOR) * DAY)
    lines = (
        f"Contact: {config.security.contact}",
        f"Expires: {time.strftime('%Y-%m-%dT00:00:00Z', expires)}",
        f"Preferred-Languages: {', '.join(config.site.languages)}",
    )
    response = make_response("\n".join(lines) + "\n")
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
