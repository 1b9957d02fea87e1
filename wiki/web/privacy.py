"""What this site stores, said from the settings that are in effect (P20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request

from wiki.accounts.devices import DEVICE_DAYS
from wiki.config import Config
from wiki.model.actor import ADMIN, MODERATOR

from . import sessions
from .current import wiki
from .frame import render
from .language import gettext, ngettext

bp = Blueprint("privacy", __name__)

LOG_LEVELS = {
    "debug": "The log tells every step, for finding faults.",
    "info": "The log tells what the wiki did: started, took in files, failed.",
    "warning": "The log tells what looks wrong and what failed.",
    "error": "The log tells what failed, and nothing else.",
}
JOINING = {
    "open": "Anybody can make an account by themselves.",
    "approve": "Anybody can ask for an account; an administrator lets them in.",
    "invite": "An account needs an invitation.",
    "closed": "Nobody can make an account now.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: sentences, and rows of a table with their heads."""

    title: str
    sentences: list[str]
    heads: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()


@bp.get("/-/privacy")
def privacy() -> Response:
    return render("privacy.html", parts=parts())


def parts() -> list[Part]:
    """Return all that this site stores, in the language of the request."""
    config = wiki().config
    return [
        Part(gettext("If you only read"), [*_reading(config)]),
        _cookies(config),
        Part(gettext("If you have an account"), [*_accounts(config)]),
        Part(gettext("If you write"), [*_writing(config)]),
        Part(gettext("What other services learn"), [*_others(config)]),
        Part(gettext("Plugins"), [*_plugins()]),
        Part(gettext("Copies"), [*_copies()]),
        Part(gettext("How long things are kept"), [*_retention(config)]),
        Part(
            gettext("Who runs this site, and how to have something removed"), [*_who()]
        ),
    ]


def _reading(config: Config) -> Iterator[str]:
    yield gettext(
        "Nobody needs an account to read what is public. No cookie is set before you "
        "sign in or fill in a form."
    )
    if config.access.read == "members":
        yield gettext("Pages that name no audience are for members only.")
    else:
        yield gettext("Pages that name no audience are public.")
    yield gettext(
        "No address, no name of your browser and no page you came from is stored or "
        "logged. To slow down attacks, requests are counted in memory, under "
        "scrambled addresses that are forgotten within an hour."
    )
    yield gettext("What you search for is not stored.")
    yield (
        gettext(LOG_LEVELS[config.log.level])
        + " "
        + gettext("It holds no addresses, no searches and no text of pages.")
    )


def _cookies(config: Config) -> Part:
    secure = request.is_secure
    hours, days = config.sessions.idle_hours, config.sessions.remember_days
    rows = [
        (
            sessions.SECURE_COOKIE if secure else sessions.PLAIN_COOKIE,
            gettext("when you sign in, so that you stay signed in"),
            gettext(
                "until you sign out or close the browser, and %(hours)s hours without "
                "a visit; with “Keep me signed in” %(days)s days",
                hours=hours,
                days=days,
            ),
        ),
        (
            sessions.SECURE_DEVICE if secure else sessions.PLAIN_DEVICE,
            gettext(
                "when you sign in, so that nobody who tries your password elsewhere "
                "can lock you out here"
            ),
            gettext("%(days)s days", days=DEVICE_DAYS),
        ),
        (
            str(current_app.config["SESSION_COOKIE_NAME"]),
            gettext("when a form is shown, so that no other site can send it for you"),
            gettext("until you close the browser"),
        ),
    ]
    sentence = gettext(
        "There are no others, and none is for counting or following people. The colors "
        "you choose and the text you are writing are kept by your browser, on your "
        "device."
    )
    heads = (gettext("Cookie"), gettext("When and why"), gettext("How long"))
    return Part(gettext("Cookies"), [sentence], heads, rows)


def _accounts(config: Config) -> Iterator[str]:
    accounts = wiki().accounts
    yield gettext(JOINING[config.access.join])
    yield gettext(
        "Stored of an account are: its name, which can be made up; its role and "
        "groups; when it was made; the last day it was used; and the names you give "
        "your devices."
    )
    if accounts.passwords_on():
        yield gettext("Your password is stored scrambled, so that nobody can read it.")
    if accounts.passkeys_on():
        yield gettext(
            "Of a passkey the public half is stored. Your finger or face never leaves "
            "your device."
        )
    yield gettext("If you use one-time codes, the secret that makes them is stored.")
    if config.mail.url:
        yield gettext(
            "You may add an e-mail address, for links to a new password. Nobody else "
            "sees it, and nobody needs one."
        )
    else:
        yield gettext("No e-mail address is asked for or stored.")
    if config.access.join == "approve":
        yield gettext(
            "What you write when you ask to join is stored until you are let in or not."
        )


TIMES = {
    "minute": "The time of a change is told to the minute.",
    "hour": "The time of a change is told to the hour only, and stored to the second.",
    "day": "The time of a change is told to the day only, and stored to the second.",
}


def _writing(config: Config) -> Iterator[str]:
    yield gettext(
        "Every version of a page is kept with its text, its time, its comment and the "
        "name of the account that saved it. Whoever may read a page may read its "
        "history."
    )
    yield gettext(TIMES[config.privacy.time_in_history])
    yield gettext(
        "The texts are kept a second time in the search index. It shows nothing to "
        "people who may not read the page."
    )
    if config.moderation.review != "off":
        yield gettext(
            "Changes by new accounts wait, apart from the pages, until somebody has "
            "looked at them; what was declined is kept for its author for a month."
        )
    yield gettext(
        "Pictures are stored as files. A deleted page stays in the history until an "
        "administrator erases it."
    )


def _others(config: Config) -> Iterator[str]:
    yield gettext("No page asks another site for anything.")
    if config.mail.url:
        yield gettext(
            "Mail is sent through %(host)s, which learns the address it goes to.",
            host=urlsplit(config.mail.url).hostname or "",
        )
    else:
        yield gettext("This site sends no mail.")
    if config.access.oidc_issuer:
        yield gettext(
            "You can sign in with an account at %(host)s. If you do, that service "
            "learns that you use this site, and this site keeps the number of your "
            "account there.",
            host=urlsplit(config.access.oidc_issuer).hostname or "",
        )
    else:
        yield gettext("Nobody signs in here with an account of another service.")
    if config.security.allow_http:
        yield gettext(
            "This site can be used without encryption. Then everybody on the way can "
            "read what you read and write, passwords too."
        )


def _plugins() -> Iterator[str]:
    found = False
    for plugin in wiki().registry.plugins.values():
        found = True
        name = gettext(plugin.title or plugin.name)
        if plugin.stores:
            yield f"{name}: {gettext(plugin.stores)}"
        else:
            yield gettext("“%(name)s” does not say what it stores.", name=name)
    if not found:
        yield gettext("No plugin is in use.")


def _copies() -> Iterator[str]:
    yield gettext(
        "The wiki makes no backups by itself and has no copy elsewhere. Whoever runs "
        "the machine can copy its folder."
    )


def _retention(config: Config) -> Iterator[str]:
    yield gettext(
        "Being signed in ends after %(hours)s hours without a visit; with “Keep me "
        "signed in” after %(days)s days.",
        hours=config.sessions.idle_hours,
        days=config.sessions.remember_days,
    )
    yield gettext("Failed sign-ins are counted by account, for 24 hours at most.")
    yield gettext(
        "Links for signing in end after one hour, invitations when their maker says."
    )
    yield gettext(
        "What administrators and moderators do to people, rights and settings is kept "
        "in a log for one year: who, what, when."
    )
    yield gettext("Pages and their history are kept until somebody erases them.")


def _who() -> Iterator[str]:
    by_role = wiki().accounts.count_by_role()
    admins, moderators = by_role.get(ADMIN, 0), by_role.get(MODERATOR, 0)
    yield ngettext(
        "%(num)s administrator runs this site and can read every page.",
        "%(num)s administrators run this site and can read every page.",
        admins,
    )
    if moderators:
        yield ngettext(
            "%(num)s moderator can block people and undo changes.",
            "%(num)s moderators can block people and undo changes.",
            moderators,
        )
    yield gettext(
        "Ask an administrator to have something about you removed. They can take a "
        "text out of pages, old versions, the search index and stored files. You can "
        "remove your account, and your name from the history, yourself."
    )
