"""The first page of the admin home: how the wiki is."""

from __future__ import annotations

from flask import Response

from . import overview
from .blueprint import bp, draw


@bp.get("/")
def home() -> Response:
    return draw("home.html", states=overview.states(), counts=overview.counts())
