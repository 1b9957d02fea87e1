"""What surrounds every page: navigation, languages, rights, assets of plugins."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    current_app,
    g,
    make_response,
    request,
    url_for,
)
from markupsafe import Markup

from wiki.model.page import Page

from . import language
from .assets import Assets
from .current import actor, page_url, wiki
from .drawing import Drawing, drawing, seal

# Endpoint, label and group of the core's own navigation; labels are message ids.
NAVIGATION = (
    ("page.home", "Home", "main"),
    ("lists.pages", "All pages", "main"),
    ("lists.recent", "Recent changes", "main"),
    ("lists.tags", "Tags", "more"),
)


def install(app: Flask) -> None:
    env = app.jinja_env
    env.filters.update(language.FILTERS)
    env.globals.update(page_url=page_url, can=can, static=static, _=language.words)
    env.globals.update(gettext=language.markup, ngettext=language.plural_markup)
    env.trim_blocks = env.lstrip_blocks = True
    app.extensions["wiki.drawing"] = Drawing(app, context)
    app.after_request(seal)


def can(permission: str, page: Page | None = None, name: str = "") -> bool:
    """Tell whether the person of this request has a right."""
    return wiki().access.allows(actor(), permission, page, name)


def static(path: str) -> str:
    assets: Assets = current_app.extensions["wiki.assets"]
    return assets.url(path)


def context() -> dict[str, Any]:
    """Return what every template may use; see the list in wiki/templates/base.html."""
    tag = language.current()
    return {
        "site": wiki().config.site,
        "actor": actor(),
        "lang": tag,
        "dir": language.direction(tag),
        "query": "",
    }


def navigation() -> list[dict[str, Any]]:
    """Return the entries of the main navigation, the core's and the plugins'."""
    here = request.path
    found = [
        {
            "label": language.gettext(label),
            "url": address(endpoint),
            "group": group,
            "current": here == address(endpoint),
        }
        for endpoint, label, group in NAVIGATION
    ]
    items = wiki().door.collect("nav_items", actor=actor())
    for _plugin, item in sorted(items, key=lambda one: one[1].weight):
        url = address(item.endpoint)
        if url:
            found.append(
                {
                    "label": language.gettext(item.label),
                    "url": url,
                    "group": item.group,
                    "current": here.startswith(url),
                }
            )
    return found


def address(endpoint: str) -> str:
    """Return the address of an endpoint without arguments, "" for an unknown one."""
    known: dict[str, str] = current_app.extensions["wiki.addresses"]
    if endpoint not in known:
        try:
            known[endpoint] = url_for(endpoint)
        except Exception:  # a plugin may name what is not there
            known[endpoint] = ""
    return known[endpoint]


def languages(tag: str) -> list[dict[str, Any]]:
    known: list[str] = current_app.config["WIKI_LANGUAGES"]
    args = [one for one in request.args.items(multi=True) if one[0] != "lang"]
    return [
        {
            "tag": one,
            "label": language.own_name(one),
            "url": "?" + urlencode([*args, ("lang", one)]),
            "current": one == tag,
        }
        for one in known
    ]


def plugin_assets() -> list[dict[str, str]]:
    assets: Assets = current_app.extensions["wiki.assets"]
    view = getattr(g, "view", "page")
    found = []
    subject = getattr(g, "subject", None)
    for plugin, item in wiki().door.collect("assets", view=view, subject=subject):
        path = f"p/{plugin}/{item.path}"
        if assets.get(path) is not None:
            found.append({"kind": item.kind, "url": assets.url(path)})
    return found


ALTERNATE = Markup('<link rel="alternate" type="{}" href="{}" title="{}">\n')


def alternates() -> Markup:
    """Return links to other forms of this page, for its head."""
    view, subject = getattr(g, "view", "page"), getattr(g, "subject", None)
    found = wiki().door.collect("alternates", view=view, subject=subject)
    links = [
        ALTERNATE.format(one.media_type, one.url, one.title)
        for _plugin, one in found
        # Another site's address would be asked by the readers' programs.
        if one.url.startswith("/") and not one.url.startswith(("//", "/\\"))
    ]
    return Markup("").join(links)


def render(template: str, status: int = 200, **names: Any) -> Response:
    """Return a response made from a template in the frame."""
    who, nav = actor(), navigation()
    tag = language.current()
    given = {
        "nav": nav,
        "languages": languages(tag),
        "assets": plugin_assets(),
        **names,
    }
    key = (
        who.id,
        who.name,
        who.role,
        tag,
        tuple((item["url"], item["current"]) for item in nav),
        tuple(item["url"] for item in given["assets"]),
        request.query_string,
        # The way to sign in leads back to the page.
        names["view"].page.name if "view" in names and not who.signed_in else "",
    )
    g.unsealed = True
    drawn = drawing().page(template, key, given, head=alternates())
    return make_response(drawn, status)
