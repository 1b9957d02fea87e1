"""What search engines may list: pages for everybody that are not kept from them (P16).

Closed by default: every answer says “noindex” unless a page says otherwise.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from wiki.model.actor import PUBLIC
from wiki.model.page import Page, PageRow
from wiki.service import PageView

from .current import site_url, wiki

bp = Blueprint("robots", __name__)

SITEMAP = "/sitemap.xml"
HEADER, CLOSED, OPEN = "X-Robots-Tag", "noindex", "all"


def indexed(got: PageView) -> bool:
    """Tell whether search engines may list a page as it is shown.

    A page says so itself with ``index`` in its front matter; else its type does.
    """
    return not got.old and may_index(got.page)


def may_index(page: Page | PageRow) -> bool:
    """Tell whether search engines may list a page, as it is now."""
    site = wiki().config
    if page.audience != PUBLIC or site.access.read != PUBLIC:
        return False
    own = page.meta.get("index")
    if isinstance(own, bool):
        return own
    kind = wiki().page_type(page.kind)
    return kind is None or kind.index or site.site.index_directory


def say(response: Response, got: PageView) -> None:
    response.headers[HEADER] = OPEN if indexed(got) else CLOSED


@bp.get("/robots.txt")
def robots() -> Response:
    closed = "/" if wiki().config.access.read != PUBLIC else "/-/"
    text = f"User-agent: *\nDisallow: {closed}\n"
    if closed != "/":
        text += f"Sitemap: {site_url()}{SITEMAP}\n"
    response = make_response(text)
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
