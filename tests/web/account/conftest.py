"""Somebody with an account, and an administrator of a wiki of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.service import Wiki
from wiki.testing import PASSWORD

from .verbs import (
    enter,
)


@pytest.fixture
def account(wiki: Wiki, name: str) -> str:
    """Return the name of an editor with a password."""
    wiki.accounts.create_user(name, "editor", PASSWORD)
    return name


@pytest.fixture
def mine(app: Flask, account: str) -> FlaskClient:
    """Return the browser of somebody who has just signed in."""
    client = app.test_client()
    assert enter(client, account, label="Desk at home").status_code == 303
    return client


@pytest.fixture
def later(wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return ``later(minutes)``: lets the clock of accounts go on."""
    now = wiki.accounts._now

    def go_on(minutes: int) -> None:
        monkeypatch.setattr(wiki.accounts, "_now", lambda: now() + minutes * 60_000)

    return go_on


@pytest.fixture
def chief(tmp_path: Any) -> Callable[[str], FlaskClient]:
    """Return ``chief(setting)``: an administrator of a wiki of its own."""

    def make(setting: str) -> FlaskClient:
        config = load(tmp_path, {}, {"access.second_factor": setting})
        app = create_app(config=config, strict=True, memory=True)
        app.extensions["wiki"].accounts.create_user("chief", "admin", PASSWORD)
        client = app.test_client()
        assert enter(client, "chief").status_code == 303
        return client

    return make
