"""What plugins' own pages may use of the web: re-exported by ``wiki``."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from . import frame
from .current import actor as current_actor
from .current import page_url
from .language import gettext


def render(template: str, status: int = 200, **names: Any) -> Response:
    """Return a response made from a plugin's template in the wiki's frame."""
    g.view = "plugin"
    return frame.render(template, status, **names)


__all__ = ["current_actor", "gettext", "page_url", "render"]
