"""Accounts over a real private database, with a clock that tests set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from wiki.accounts import Accounts
from wiki.config import Config, Site
from wiki.store.private import PrivateStore

from .people import GOOD, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, site=Site(title="River Union"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PrivateStore]:
    store = PrivateStore(tmp_path / "private.db")
    yield store
    store.close()


@pytest.fixture
def accounts(store: PrivateStore, config: Config, clock: Clock) -> Accounts:
    return Accounts(store, config, clock)


@pytest.fixture
def ana(accounts: Accounts) -> int:
    return accounts.create_user("Ana", "editor", GOOD)
