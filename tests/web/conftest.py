"""One wiki a file of tests, people to ask it as, and a reader of what it answers."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, submit

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)
NO_LIMITS = {
    "limits.writes_per_minute": 10**6,
    "limits.reads_per_minute": 10**6,
    # Nobody is new here; test_moderation.py has newcomers.
    "moderation.newcomer_days": 0,
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
COUNT = itertools.count(1)


@dataclass
class Element:
    """An element of a page, as a browser without scripts would see it."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words inside, with single spaces."""
        return " ".join("".join(self.raw()).split())

    def raw(self) -> Iterator[str]:
        for one in self.inside:
            if isinstance(one, str):
                yield one
            else:
                yield from one.raw()

    @property
    def value(self) -> str:
        """What a textarea holds: a first line end does not count."""
        return "".join(self.raw()).removeprefix("\n")

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    def walk(self) -> Iterator[Element]:
        for one in self.inside:
            if isinstance(one, Element):
                yield one
                yield from one.walk()

    def all(self, tag: str = "", **attrs: str) -> list[Element]:
        """Return elements by tag and attributes; ``class_`` is one of the classes."""
        wanted = {name.rstrip("_").replace("_", "-"): v for name, v in attrs.items()}
        return [
            one
            for one in self.walk()
            if (not tag or one.tag == tag)
            and all(
                value in one.get(name).split()
                if name == "class"
                else one.attrs.get(name) == value
                for name, value in wanted.items()
            )
        ]

    def one(self, tag: str = "", **attrs: str) -> Element:
        found = self.all(tag, **attrs)
        assert len(found) == 1, (tag, attrs, len(found), self.text[:500])
        return found[0]

    def links(self) -> dict[str, str]:
        """Return {address: words} of all links."""
        return {one["href"]: one.text for one in self.all("a") if "href" in one.attrs}


class Reader(HTMLParser):
    """Makes the tree of a page; an element closed out of turn is a failure."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#page")
        self._open = [self.root]
        self.feed(html)
        self.close()
        assert len(self._open) == 1, [one.tag for one in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(one)
        if tag not in VOID:
            self._open.append(one)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, (tag, [one.tag for one in self._open])
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


@pytest.fixture(scope="session")
def read() -> Callable[[Any], Element]:
    """Return ``read(response or HTML)``: the tree of a page."""

    def parse(response: Any) -> Element:
        text = response if isinstance(response, str) else response.text
        return Reader(text).root

    return parse


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One wiki in memory for a whole file of tests: each writes pages of its own."""
    config = load(tmp_path_factory.mktemp("wiki"), {}, NO_LIMITS)
    made = create_app(config=config, strict=True, memory=True)
    yield made
    made.extensions["wiki"].close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Return a page name that no other test uses."""
    plain = re.sub(r"[^a-z0-9]+", "-", request.node.originalname.lower())
    return f"{plain.removeprefix('test-')}-{next(COUNT)}"


@pytest.fixture(scope="module")
def people(app: Flask) -> Callable[[str], FlaskClient]:
    """Return ``people(role)``: the browser of one person of that role."""
    wiki: Wiki = app.extensions["wiki"]
    browsers: dict[str, FlaskClient] = {}

    def someone(role: str) -> FlaskClient:
        if role not in browsers:
            browsers[role] = app.test_client()
            if role != "visitor":
                account = f"the {role}"
                wiki.accounts.create_user(account, role, PASSWORD)
                done = submit(
                    browsers[role], "/-/sign-in", name=account, password=PASSWORD
                )
                assert done.status_code == 303, done.text
        return browsers[role]

    return someone


@pytest.fixture
def editor(people: Callable[[str], FlaskClient]) -> FlaskClient:
    return people("editor")


@pytest.fixture
def admin(people: Callable[[str], FlaskClient]) -> FlaskClient:
    return people("admin")


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who comes for the first time."""
    return app.test_client()


@pytest.fixture
def bearer(wiki: Wiki) -> Callable[..., dict[str, str]]:
    """Return ``bearer(role, *scopes)``: headers of a program with a token."""
    known: dict[str, int] = {}

    def headers(role: str = "editor", *scopes: str) -> dict[str, str]:
        account = f"a program of {role} {next(COUNT)}"
        known[account] = wiki.accounts.create_user(account, role)
        allowed = frozenset(scopes or ("read", "write"))
        secret = wiki.accounts.make_token(known[account], allowed, 90, "")
        return {"Authorization": f"Bearer {secret}"}

    return headers


@pytest.fixture(scope="session")
def save() -> Callable[..., Any]:
    """Return ``save(client, name, text, base)``: what the edit form sends."""

    def send(
        client: FlaskClient, name: str, text: str, base: int = 0, **fields: Any
    ) -> Any:
        url = f"/-/edit/{name}" if base else "/-/new"
        form = {"name": name, "text": text, "base": base, "save": "1", **fields}
        return submit(client, "/-/account", url, **form)

    return send


@pytest.fixture(scope="session")
def same_site() -> dict[str, str]:
    return SAME_SITE


@pytest.fixture(scope="module")
def known(app: Flask) -> str:
    """Return the name of a page that is there, with two versions and a file."""
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("known", "---\ntags: [known]\n---\none"), 0)
    wiki.save(SYSTEM, Draft("known", "---\ntags: [known]\n---\ntwo"), 1)
    wiki.save(SYSTEM, Draft("home", "# Home\n"), 0)
    wiki.save(SYSTEM, Draft("gone", "x"), 0)
    wiki.delete(SYSTEM, "gone")
    wiki.save(SYSTEM, Draft("older", "x"), 0)
    wiki.rename(SYSTEM, "older", "newer")
    wiki.store.put_beside("known/x", "map.png", io.BytesIO(PNG))
    return "known"


@pytest.fixture
def api(app: Flask, bearer: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    """Return ``api(method, path, body, …)``: a program that may read and write."""
    client, own = app.test_client(), bearer("editor")

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(
            "/-/api/v1" + path, method=method, json=body, headers=own | given
        )

    return call
