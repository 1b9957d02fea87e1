"""What plugins' own pages may use of the web: re-exported by ``wiki``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, request

from wiki.model.actor import Actor, audiences_of

from . import frame, sessions
from .account.blueprint import proof
from .admin.blueprint import check
from .answering import answer
from .current import actor as current_actor
from .current import page_url, site_url, wiki
from .language import gettext


def render(template: str, status: int = 200, **names: Any) -> Response:
    """Return a response made from a plugin's template in the wiki's frame."""
    g.view = "plugin"
    return frame.render(template, status, **names)


def for_admins(pages: Blueprint) -> None:
    """Let only administrators at a blueprint's pages, as at those of the wiki."""
    pages.before_request(check)


def reader(secret: str, scope: str) -> Actor | None:
    """Return who reads with a token that has this one scope, None for any other.

    They see what members and their groups see, and may change nothing.
    """
    found = wiki().accounts.token(secret)
    if found is None or found.scopes != frozenset({scope}):
        return None
    sees = audiences_of(found.role, found.groups)
    return wiki().access.reader(replace(found, sees=sees))


def is_proven() -> bool:
    """Tell whether this person signed in just now and need not prove who they are.

    Else a form has a field ``proof``: see wiki/templates/account/_proof.html.
    """
    cookie = sessions.cookie_of(request)
    return wiki().accounts.is_fresh(current_actor().id or 0, cookie)


def make_token(scope: str, label: str, days: int = 365) -> str:
    """Return a new token of this person with one scope, to be shown once.

    The form of the request proves that it is they. Raises NotAllowed, ProofNeeded,
    SignInFailed, TooManySignIns.
    """
    own = wiki().accounts
    return own.make_own_token(current_actor(), *proof(), {scope}, days, label)


__all__ = [
    "answer",
    "current_actor",
    "for_admins",
    "gettext",
    "is_proven",
    "make_token",
    "page_url",
    "reader",
    "render",
    "site_url",
]
