"""How the wiki is, in sentences: each is fine, or says what to do about it."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from wiki.build import release
from wiki.hooks import Fault
from wiki.model.actor import ADMIN
from wiki.registry import BROKEN

from ..current import actor, wiki
from ..frame import address
from ..health import plugin_checks
from ..language import day, gettext, ngettext

OK, WARNING, DANGER = "ok", "warning", "danger"
FULL, VERY_FULL = 0.90, 0.98
MOST_FILES = 20
ABOVE = 50  # folders that are looked at, from the innermost


@dataclass(frozen=True, slots=True)
class State:
    """Something that was looked at. ``again`` is a plugin that can be tried again.

    ``todo`` says what to do; ``url`` leads there and ``words`` are those of the link.
    """

    status: str
    text: str
    todo: str = ""
    url: str = ""
    words: str = ""
    again: str = ""


def states() -> list[State]:
    """Return everything looked at, what needs somebody first."""
    found = [
        *_settings(),
        *_search(),
        *_files(),
        *_plugins(),
        *_disk(),
        *_folders(),
        *_people(),
        *_mail(),
        *_safety(),
        *_copies(),
    ]
    order = (DANGER, WARNING, OK)
    return sorted(found, key=lambda one: order.index(one.status))


def counts() -> str:
    """Return the version and how much there is, in a sentence."""
    kept = wiki().store.counts()
    return gettext(
        "Common Ground %(version)s. %(pages)s pages, %(versions)s versions.",
        version=release(),
        pages=kept["pages"],
        versions=kept["revisions"],
    )


def _settings() -> Iterator[State]:
    reloading = current_app.extensions.get("wiki.reloading")
    if reloading is not None and reloading.failure:
        yield State(
            DANGER,
            gettext("The newest settings are not in effect; those before them are."),
            gettext("The reason: %(reason)s", reason=reloading.failure),
            address("admin.settings"),
            gettext("Settings"),
        )


def _search() -> Iterator[State]:
    lag = wiki().finder.lag()
    if lag < 0:
        text = gettext("The search index is being built; titles are searched.")
        yield State(
            WARNING,
            text,
            gettext("This ends by itself. If it stays so: wiki index rebuild"),
        )
    elif lag:
        yield State(
            OK,
            ngettext(
                "%(num)s change is on its way into the search index.",
                "%(num)s changes are on their way into the search index.",
                lag,
            ),
        )
    else:
        yield State(OK, gettext("Search is up to date."))


def _files() -> Iterator[State]:
    problems = wiki().store.problems()
    for path, sentence in list(problems.items())[:MOST_FILES]:
        yield State(WARNING, f"{path}: {gettext(sentence)}", gettext(CHANGE_FILE))
    if not problems:
        yield State(OK, gettext("Every file of the pages folder is taken in."))


CHANGE_FILE = "The page is not shown until the file is changed."


def _plugins() -> Iterator[State]:
    fine = True
    for known in wiki().registry.states.values():
        if known.state == BROKEN:
            fine = False
            text = gettext("The plugin “%(name)s” is off.", name=known.title)
            yield State(WARNING, text, gettext(known.reason), again=known.name)
    for fault in list(wiki().door.faults.values()):
        fine = False
        yield _fault(fault)
    for plugin, name, status, text in plugin_checks():
        fine = fine and status == OK
        kind = {"ok": OK, "failing": DANGER}.get(status, WARNING)
        yield State(kind, f"{plugin}, {name}: {gettext(text)}")
    if fine:
        yield State(OK, gettext("All plugins work."))


def _fault(fault: Fault) -> State:
    text = gettext(
        "The plugin “%(plugin)s” failed in “%(hook)s” %(count)s times since %(day)s.",
        plugin=fault.plugin,
        hook=fault.hook,
        count=fault.count,
        day=day(int(fault.since * 1000)).striptags(),
    )
    if fault.off:
        todo = gettext(
            "It is left out there now. The last time: %(text)s", text=fault.text
        )
    else:
        todo = gettext("The last time: %(text)s", text=fault.text)
    return State(WARNING, text, todo, again=fault.plugin)


def _disk() -> Iterator[State]:
    disk = shutil.disk_usage(wiki().config.folder)
    share = 1 - disk.free / disk.total
    text = gettext(
        "The disk is %(share)s %% full; %(free)s GB are free.",
        share=int(share * 100),
        free=round(disk.free / 1e9, 1),
    )
    if share < FULL:
        yield State(OK, text)
        return
    todo = gettext("When it is full, nothing can be saved. Make room on the machine.")
    yield State(DANGER if share >= VERY_FULL else WARNING, text, todo)


def _folders() -> Iterator[State]:
    config = wiki().config
    for name, path in ((config.store.pages, config.pages), ("var", config.var)):
        if _others_may_read(path):
            yield State(
                WARNING,
                gettext(
                    "Other people with an account on this machine may read the folder "
                    "“%(name)s”, and so pages that are for few.",
                    name=name,
                ),
                gettext("In the folder of the wiki: chmod 700 %(name)s", name=name),
            )
    yield State(OK, gettext(ALL_ON_DISK))


ALL_ON_DISK = (
    "Files on disk hold everything: whoever can read the pages folder reads pages "
    "that are for few, too."
)


def _others_may_read(path: Path) -> bool:
    """Tell whether anybody but the owner gets into a folder, those above it counted."""
    for folder in (path, *path.parents)[:ABOVE]:
        try:
            mode = stat.S_IMODE(folder.stat().st_mode)
        except OSError:
            continue
        if not mode & 0o055:
            return False
    return True


def _people() -> Iterator[State]:
    accounts = wiki().accounts
    waiting = accounts.people_by_state(actor()).get("waiting", 0)
    if waiting:
        yield State(
            WARNING,
            ngettext(
                "%(num)s person waits to be let in.",
                "%(num)s people wait to be let in.",
                waiting,
            ),
            url=address("admin.waiting"),
            words=gettext("Who asks to join"),
        )
    admins, _more = accounts.people(actor(), role=ADMIN, state="open")
    bare = [
        row.user.name for row in admins if not accounts.has_second_step(row.user.id)
    ]
    if bare:
        yield State(
            WARNING,
            gettext(
                "Administrators without a passkey or one-time codes: %(names)s.",
                names=", ".join(bare),
            ),
            gettext("A stolen password is enough to become one of them."),
            address("account.account"),
            gettext("Your account"),
        )
    else:
        yield State(OK, gettext("Every administrator needs more than a password."))


def _mail() -> Iterator[State]:
    failed = wiki().accounts.outbox.failed
    if failed:
        yield State(
            WARNING,
            gettext(
                "A mail could not be sent on %(day)s.", day=day(failed).striptags()
            ),
            gettext("The log says why. Look at the mail server in the settings."),
            address("admin.settings"),
            gettext("Settings"),
        )


def _safety() -> Iterator[State]:
    if wiki().config.security.allow_http:
        yield State(
            WARNING,
            gettext("People can sign in without encryption."),
            gettext("Whoever is on the way between them and here reads passwords."),
            address("admin.settings").rstrip("/") + "/security",
            gettext("Safety"),
        )


def _copies() -> Iterator[State]:
    yield State(
        WARNING,
        gettext("The wiki makes no backup by itself."),
        gettext("Copy its whole folder to a safe place, often, while it is stopped."),
    )
