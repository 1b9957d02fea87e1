"""A wiki on disk with its index, and everybody who may come to it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.build import follower
from wiki.config import load
from wiki.model.actor import SYSTEM, Actor
from wiki.model.page import Draft, Page
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

NO_LIMITS = {
    "limits.writes_per_minute": 10**6,
    "limits.reads_per_minute": 10**6,
    "moderation.newcomer_days": 0,
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
API = "/-/api/"
EDITS = "those who may change pages"

# Account: role, groups. Nobody's name tells of a group.
PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "nobody": ("member", ()),
    "outsider": ("member", ("cooks",)),
    "insider": ("member", ("tenants",)),
    "both": ("editor", ("tenants", "cooks")),
    "editor": ("editor", ()),
    "moderator": ("moderator", ()),
    "admin": ("admin", ()),
    "blocked insider": ("editor", ("tenants",)),
}
# Token: whose, its scopes.
TOKENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "reading token of both": ("both", ("read",)),
    "writing token of both": ("both", ("write",)),
    "reading token of nobody": ("nobody", ("read",)),
    "writing token of editor": ("editor", ("write",)),
}
# Who may never know of anything that is not public.
STRANGERS = ("visitor", "writing token of both", "writing token of editor")


@dataclass
class Viewer:
    """Somebody who asks. ``holds`` are the audiences they are in, None for all."""

    name: str
    client: FlaskClient
    holds: frozenset[str] | None
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def may_see(self, needs: tuple[frozenset[str], ...], url: str) -> bool:
        """Tell whether they have the right to something, asked for at ``url``."""
        holds = self.holds
        if self.headers and not url.startswith(API):
            holds = frozenset()  # a token counts for programs' addresses only
        return holds is None or all(clause & holds for clause in needs)

    def get(self, url: str) -> Any:
        return self.client.get(url, headers=self.headers, buffered=True)

    def send(self, method: str, url: str, form: Any, *, json: bool = False) -> Any:
        """Send a form as a browser does, or a body as a program does."""
        if json:
            own = {} if self.headers else {"X-CSRFToken": self.token} | SAME_SITE
            heads = self.headers | own | form.get("headers", {})
            body = {k: v for k, v in form.items() if k != "headers"}
            return self.client.open(url, method=method, json=body, headers=heads)
        data = {"csrf_token": self.token, **form}
        return self.client.open(url, method=method, data=data, headers=SAME_SITE)


class Site:
    """A wiki with verbs for tests: write, hide, go on with the index."""

    def __init__(self, folder: Path) -> None:
        settings = NO_LIMITS | {"store.watch_files": False}
        self.app: Flask = create_app(config=load(folder, {}, settings), strict=True)
        self.folder = folder
        self.wiki: Wiki = self.app.extensions["wiki"]
        self.ids = {
            name: self.wiki.accounts.create_user(name, role, PASSWORD, groups)
            for name, (role, groups) in PEOPLE.items()
        }
        self.wiki.accounts.block(self.ids["blocked insider"], by=self.admin)
        self.viewers = [self._visitor(), *self._people(), *self._programs()]

    @property
    def admin(self) -> Actor:
        return Actor(self.ids["admin"], "admin", "admin", sees=None)

    def _visitor(self) -> Viewer:
        client = self.app.test_client()
        return Viewer("visitor", client, frozenset(), token=_token(client, "/-/join"))

    def _people(self) -> Iterator[Viewer]:
        for name, (role, groups) in PEOPLE.items():
            client = self.app.test_client()
            done = submit(client, "/-/sign-in", name=name, password=PASSWORD)
            assert done.status_code == 303, done.text
            holds = frozenset({"members", *(f"group:{group}" for group in groups)})
            if role != "member" and "blocked" not in name:
                holds |= {EDITS}
            yield Viewer(
                name,
                client,
                None if role == "admin" else holds,
                token=_token(client, "/-/account"),
            )

    def _programs(self) -> Iterator[Viewer]:
        for name, (owner, scopes) in TOKENS.items():
            secret = self.wiki.accounts.make_token(self.ids[owner], scopes)
            groups = PEOPLE[owner][1] if "read" in scopes else ()
            holds = {f"group:{group}" for group in groups}
            holds |= {"members"} if "read" in scopes else set()
            headers = {"Authorization": f"Bearer {secret}"}
            yield Viewer(name, self.app.test_client(), frozenset(holds), headers)

    def viewer(self, name: str) -> Viewer:
        return next(one for one in self.viewers if one.name == name)

    def write(
        self, name: str, text: str, comment: str = "", by: Actor = SYSTEM
    ) -> Page:
        try:
            base = self.wiki.page(SYSTEM, name).n
        except Exception:  # there is none yet, or it was deleted
            base = 0
        return self.wiki.save(by, Draft(name, text, comment), base).page

    def put_file(self, beside: str, name: str, body: bytes) -> None:
        self.wiki.store.put_beside(beside, name, io.BytesIO(PNG + body))

    def index(self) -> None:
        """Let the search index take in everything."""
        stop = threading.Event()
        thread = threading.Thread(target=follower(self.wiki).run, args=(stop,))
        thread.start()
        for _ in range(600):
            if self.wiki.finder.lag() == 0:
                break
            time.sleep(0.05)
        stop.set()
        thread.join()
        assert self.wiki.finder.lag() == 0


def _token(client: FlaskClient, url: str) -> str:
    found = TOKEN.search(client.get(url).text) or TOKEN.search(
        client.get("/-/sign-in").text
    )
    return found.group(1) if found else ""


@contextmanager
def opened(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    yield site
    site.wiki.close()
