"""All blueprints of the core, and the order in which a request meets them."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, Response, request

from wiki.errors import WikiError
from wiki.model.page import ERROR, Problem

from . import (
    account,
    admin,
    api,
    assets,
    audience,
    counting,
    edit,
    errors,
    files,
    groups,
    health,
    history,
    invitations,
    joining,
    links,
    lists,
    moderation,
    openid,
    pages,
    privacy,
    review,
    robots,
    search,
    sitemap,
    well_known,
)
from .current import actor
from .language import gettext

BLUEPRINTS = (
    assets.bp,
    health.bp,
    robots.bp,
    sitemap.bp,
    well_known.bp,
    privacy.bp,
    errors.bp,
    api.bp,
    edit.bp,
    history.bp,
    moderation.bp,
    review.bp,
    search.bp,
    lists.bp,
    files.bp,
    account.bp,
    groups.bp,
    audience.bp,
    joining.bp,
    invitations.bp,
    links.bp,
    openid.bp,
    admin.bp,
    # Last: a page may have any other name.
    pages.bp,
)


def install(app: Flask) -> None:
    counting.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.extensions["wiki.form_again"] = {
        "edit.create": edit_again,
        "edit.update": edit_again,
        "account.sign_in_now": sign_in_again,
        "joining.join_now": joining.join_again,
        "joining.ask_now": joining.ask_again,
    }


SIGNED_OUT = (
    "You were signed out. Sign in in another tab, then press Save here. "
    "Your text is kept."
)


def edit_again(text: str) -> Response:
    """Show the edit form with a fresh token and everything typed."""
    form = edit.read_form((request.view_args or {}).get("name", ""))
    if "resolve" in request.form:
        with suppress(WikiError):
            return edit.conflict_again(form, text)
    if not actor().signed_in:
        text = gettext(SIGNED_OUT)
    return edit.show_form(form, problems=[Problem(ERROR, "", text)], status=400)


def sign_in_again(text: str) -> Response:
    return account.show_sign_in(account.read_form(), text, 400)
