"""What happened, made into messages: a follower of the wiki's changes and its log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from typing import Any

import wiki
from wiki import Actor, Change, Wiki

from .keeping import Endpoint, Keeping, Message

PAGES = {
    "put": "page.saved",
    "rename": "page.renamed",
    "delete": "page.deleted",
    "restore": "page.restored",
}
JOINED, FAILING, TEST = "person.joined", "plugin.failing", "test"
EVENTS = (*PAGES.values(), JOINED, FAILING)
JOINS = frozenset({"account.joined", "account.opened", "account.let_in", "account.made"})
PUBLIC, MEMBERS, ADMINS = AUDIENCES = ("public", "members", "admins")
BATCH = 100  # changes at once, and messages that may wait


class Following:
    """``now`` gives seconds."""

    def __init__(self, keeping: Keeping, wiki: Wiki, now: Callable[[], float]) -> None:
        self._keeping, self._wiki, self._now = keeping, wiki, now

    def catch_up(self) -> None:
        """Keep messages about all that is new, for each endpoint that is on."""
        for one in self._keeping.endpoints():
            if not one.off and self._keeping.waiting(one.id) < BATCH:
                self._pages(one)
                self._people(one)

    def start(self) -> dict[str, int]:
        """Return where a new endpoint begins: now."""
        acts = self._wiki.accounts.audit.acts(limit=1)
        return {"seq": self._wiki.last_seq(), "act": acts[0].id if acts else 0}

    def _pages(self, to: Endpoint) -> None:
        if self._wiki.last_seq() == to.seq:
            return
        changes, seq = self._wiki.changes(self._reader(to), to.seq, BATCH)
        rows = [
            self._row(type, f"page {it.page}", it.ts, self._of_page(it))
            for it in changes
            if (type := PAGES.get(it.kind)) and type in to.events.split()
            if _is_in(it.name, to.folder)
        ]
        self._keeping.put(to, rows, seq=seq)

    def _people(self, to: Endpoint) -> None:
        """Tell of people who joined: that is for members, and in no folder."""
        acts = self._wiki.accounts.audit.acts(limit=BATCH)
        new = [it for it in acts if it.id > to.act]
        wanted = JOINED in to.events.split() and to.audience != PUBLIC and not to.folder
        rows = [
            self._row(JOINED, "people", it.ts, _data(it.subject or it.actor, by=it.actor))
            for it in reversed(new)
            if wanted and it.kind in JOINS
        ]
        if new:
            self._keeping.put(to, rows, act=new[0].id)

    def plugin_failing(self, plugin: str) -> None:
        """Tell administrators' programs that a plugin fails."""
        for one in self._keeping.endpoints():
            if not one.off and FAILING in one.events.split() and one.audience == ADMINS:
                row = self._row(FAILING, plugin, int(self._now() * 1000), _data(plugin))
                self._keeping.put(one, [row])

    def test(self, to: Endpoint, by: str) -> Message:
        """Return a message that says nothing, kept in the log and not yet sent."""
        home = self._wiki.config.site.home
        data = _data(home, self._url(home), by=by)
        row = self._row(TEST, TEST, int(self._now() * 1000), data)
        self._keeping.put(to, [row | {"due": None}])
        return next(it for it in self._keeping.messages() if it.key == row["key"])

    def _reader(self, to: Endpoint) -> Actor:
        """Return somebody who sees what an endpoint may be told of."""
        if to.audience == ADMINS:
            return Actor(sees=None)
        sees = {PUBLIC, MEMBERS} if to.audience == MEMBERS else {PUBLIC}
        return self._wiki.access.reader(Actor(sees=frozenset(sees)))

    def _of_page(self, one: Change) -> dict[str, Any]:
        n = one.detail.get("n")
        return _data(one.name, self._url(one.name), n, one.author)

    def _url(self, name: str) -> str:
        return self._wiki.config.site.url.rstrip("/") + wiki.page_url(name)

    def _row(
        self, type: str, subject: str, ms: int, data: dict[str, Any]
    ) -> dict[str, Any]:
        at = self._wiki.told_time(ms).isoformat(timespec="seconds")
        body = {"type": type, "timestamp": at.replace("+00:00", "Z"), "data": data}
        return {
            "key": f"msg_{secrets.token_hex(12)}",
            "subject": subject,
            "type": type,
            "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            "made": ms,
            "due": self._now(),
        }


def _data(
    name: str, url: str = "", revision: int | None = None, by: str = ""
) -> dict[str, Any]:
    return {"name": name, "url": url, "revision": revision, "by": by}


def _is_in(name: str, folder: str) -> bool:
    folder = folder.strip("/").casefold()
    return not folder or f"{name.casefold()}/".startswith(f"{folder}/")
