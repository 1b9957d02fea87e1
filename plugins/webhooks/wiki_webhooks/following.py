"""What happened, made into messages: a follower of the wiki's changes and its log."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import wiki
from wiki import Actor, Database, Gone, NotFound, Row, Wiki

from .tables import ON, PUT, REACHED, WAITING

# Events by the kinds of changes and of acts in the log.
PAGES = {
    "put": "page.saved",
    "rename": "page.renamed",
    "delete": "page.deleted",
    "restore": "page.restored",
}
JOINED, FAILING, TEST = "person.joined", "plugin.failing", "test"
JOINS = dict.fromkeys(
    ("account.joined", "account.opened", "account.let_in", "account.made"), JOINED
)
EVENTS = (*PAGES.values(), JOINED, FAILING)
PUBLIC, MEMBERS, ADMINS = AUDIENCES = ("public", "members", "admins")
BATCH, MOST_ACTS = 100, 500  # changes at once, and messages that may wait


class Following:
    """Keeps messages to be sent, each once, with how far their endpoint was told."""

    def __init__(self, db: Database, wiki: Wiki) -> None:
        self._db, self._wiki = db, wiki

    def start(self) -> tuple[int, int]:
        """Return where a new endpoint begins: the last change and the last act."""
        acts = self._wiki.accounts.audit.acts(limit=1, kind="account")
        return self._wiki.last_seq(), acts[0].id if acts else 0

    def catch_up(self) -> None:
        """Keep messages about all that is new, for each endpoint that is on."""
        for to in self._db.rows(ON):
            waiting = self._db.rows(WAITING, to["id"])[0]["n"]
            if waiting < BATCH and self.start() != (to["seq"], to["act"]):
                self._catch_up(to)

    def _catch_up(self, to: Row) -> None:
        changes, seq = self._wiki.changes(_reader(self._wiki, to), to["seq"], BATCH)
        acts = self._wiki.accounts.audit.acts(limit=MOST_ACTS, kind="account")
        new = [it for it in reversed(acts) if it.id > to["act"]]
        found = [
            self._message(PAGES.get(it.kind, ""), f"page {it.page}", it.ts, **_of(it))
            for it in changes
            if _is_in(it.name, to["folder"])
        ]
        for it in new:
            who = {"name": it.subject or it.actor, "by": it.actor}
            found.append(self._message(JOINS.get(it.kind, ""), JOINED, it.ts, **who))
        self._keep(to, found, seq, new[-1].id if new else to["act"])

    def plugin_failing(self, plugin: str) -> None:
        """Keep messages about a plugin that fails."""
        for to in self._db.rows(ON):
            made = self._message(FAILING, plugin, _now(), name=plugin)
            self._keep(to, [made], to["seq"], to["act"])

    def _keep(self, to: Row, found: list[dict[str, Any]], seq: int, act: int) -> None:
        """Keep what an endpoint hears of, and how far it was told: both or neither."""
        wanted = [one for one in found if one["type"] in to["events"].split()]
        with self._db.writing() as at:
            at.executemany(PUT, [one | {"endpoint": to["id"]} for one in wanted])
            at.execute(REACHED, (seq, act, to["id"]))

    def test(self, to: Row, by: str) -> Row:
        """Return a message that tells of nothing; it is not sent by itself."""
        made = self._message(
            TEST, TEST, _now(), name=self._wiki.config.site.home, by=by
        )
        with self._db.writing() as at:
            at.execute(PUT, made | {"endpoint": to["id"], "due": None})
        return self._db.rows("SELECT * FROM message WHERE key = ?", made["key"])[0]

    def may_tell(self, to: Row, message: Row) -> bool:
        """Tell whether a page is still for those whom an endpoint speaks to."""
        if message["subject"].startswith("page "):
            name = json.loads(message["body"])["data"]["name"]
            try:
                self._wiki.page(_reader(self._wiki, to), name)
            except Gone:
                return True  # deleted, and not hidden
            except NotFound:
                return False
        return True

    def _message(self, type: str, subject: str, ms: int, **data: Any) -> dict[str, Any]:
        at = self._wiki.told_time(ms).isoformat(timespec="seconds")
        if type not in (JOINED, FAILING):
            path = wiki.page_url(data["name"])
            data["url"] = self._wiki.config.site.url.rstrip("/") + path
        data = {"name": "", "url": "", "revision": None, "by": "", **data}
        body = {"type": type, "timestamp": at.replace("+00:00", "Z"), "data": data}
        return {
            "key": f"msg_{secrets.token_hex(12)}",
            "subject": subject,
            "type": type,
            "body": json.dumps(body, ensure_ascii=False),
            "due": time.time(),
        }


def _of(it: wiki.Change) -> dict[str, Any]:
    return {"name": it.name, "revision": it.detail.get("n"), "by": it.author}


def _reader(wiki: Wiki, to: Row) -> Actor:
    """Return somebody who sees what an endpoint may be told of."""
    if to["audience"] == ADMINS:
        return Actor(sees=None)
    sees = {PUBLIC, MEMBERS} if to["audience"] == MEMBERS else {PUBLIC}
    return wiki.access.reader(Actor(sees=frozenset(sees)))


def _now() -> int:
    return int(time.time() * 1000)


def _is_in(name: str, folder: str) -> bool:
    return not folder or f"{name}/".casefold().startswith(f"{folder}/".casefold())
