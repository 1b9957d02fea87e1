"""Pytest fixtures for this project and for plugin authors: verbs, not plumbing.

``wiki`` is a whole wiki in memory with strict plugins; ``client`` a browser without
scripts; ``login(role)`` signs the client in; ``page(name, text)`` writes a page;
``plugin(cls, **settings)`` adds a plugin before the wiki is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from .app import create_app
from .config import load
from .model import names
from .model.actor import SYSTEM
from .model.page import Draft, Page
from .plugin import Plugin
from .service import Wiki

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"


@dataclass
class Extra:
    """Plugins asked for by a test, and their settings."""

    classes: list[type[Plugin]] = field(default_factory=list)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)


@pytest.fixture
def extra_plugins() -> Extra:
    return Extra()


@pytest.fixture
def plugin(extra_plugins: Extra) -> Callable[..., None]:
    """Return ``plugin(cls, **settings)``: call it before ``wiki`` is used."""

    def add(cls: type[Plugin], **settings: Any) -> None:
        extra_plugins.classes.append(cls)
        extra_plugins.settings[cls.name] = settings

    return add


@pytest.fixture
def app(tmp_path: Path, extra_plugins: Extra) -> Iterator[Flask]:
    """Return the application of a wiki in memory; every plugin failure raises."""
    config = replace(load(tmp_path, {}), plugin=extra_plugins.settings)
    made = create_app(
        config=config, plugins=extra_plugins.classes, strict=True, memory=True
    )
    made.testing = False  # errors answer as they do for people
    yield made
    made.extensions["wiki"].close()


@pytest.fixture
def wiki(app: Flask) -> Wiki:
    found: Wiki = app.extensions["wiki"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def login(wiki: Wiki, client: FlaskClient) -> Callable[[str], None]:
    """Return ``login(role)``: the client is a person with that role from then on."""

    def sign_in(role: str) -> None:
        name = f"a {role}"
        if all(row.name != name for row in wiki.accounts.list_users()):
            wiki.accounts.create_user(name, role, PASSWORD)
        submit(client, "/-/sign-in", name=name, password=PASSWORD)

    return sign_in


@pytest.fixture
def page(wiki: Wiki) -> Callable[..., Page]:
    """Return ``page(name, text)``: writes a page, whatever the rights."""

    def write(name: str, text: str) -> Page:
        base = 0
        if wiki.store.exists([_key(name)]):
            base = wiki.page(SYSTEM, name).n
        return wiki.save(SYSTEM, Draft(name, text), base).page

    return write


def _key(name: str) -> str:
    return names.key(names.clean(name))


def submit(client: FlaskClient, url: str, to: str = "", /, **fields: Any) -> Any:
    """Send the form at ``url`` as a browser does: with its token, from this site."""
    shown = client.get(url)
    found = TOKEN.search(shown.text)
    token = found.group(1) if found else ""
    return client.post(
        to or url, data={"csrf_token": token, **fields}, headers=SAME_SITE
    )
