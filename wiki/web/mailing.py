"""What the wiki's mail says, in the language of the request that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import current_app, request, url_for

from wiki.accounts.links import Send
from wiki.mail import compose, deliver

from .current import wiki
from .language import gettext

RESET = (
    "A new password for %(site)s",
    """Hello %(name)s,

somebody, probably you, asked for a new password at %(site)s. Follow this link within an hour to sign in and to choose one. It works once.

%(link)s

If it was not you, do nothing. Your password stays as it is.
""",  # noqa: E501
)
LET_IN = (
    "You can sign in at %(site)s",
    """Hello,

an administrator of %(site)s has let you in. Sign in with the name and password that you chose:

%(link)s
""",  # noqa: E501
)
_MARK = "LINK-SECRET"


def outside(endpoint: str, **values: Any) -> str:
    """Return the whole address of an endpoint, for people who come from elsewhere."""
    base: str = current_app.config["WIKI_SITE_URL"] or request.host_url.rstrip("/")
    return base + url_for(endpoint, **values)


def send_reset() -> Send:
    """Return what sends a link to a new password, once this request is over."""
    write = _writer(RESET)
    pattern = outside("links.follow", token=_MARK)

    def send(email: str, name: str, secret: str) -> None:
        write(email, name=name, link=pattern.replace(_MARK, secret))

    return send


def tell_let_in(email: str) -> None:
    """Tell somebody who waited that they can sign in; without mail nothing is told."""
    if email and wiki().accounts.has_mail:
        job = partial(_writer(LET_IN), email, link=outside("account.sign_in"))
        wiki().accounts.outbox.put(job)


def _writer(words: tuple[str, str]) -> Callable[..., None]:
    rules, site = wiki().config.mail, wiki().config.site.title
    subject, text = (gettext(one) for one in words)

    def write(email: str, **places: str) -> None:
        said = {"site": site, **places}
        deliver(rules, compose(rules, site, email, subject % said, text % said))

    return write
