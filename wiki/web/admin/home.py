"""The first page of the admin home."""

from __future__ import annotations

from flask import Response

from .blueprint import bp, draw


@bp.get("/")
def home() -> Response:
    return draw("home.html")
