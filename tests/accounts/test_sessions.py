"""Sessions: how long they last, and how they end."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import event

from wiki.accounts import Accounts
from wiki.accounts.credentials import DAY_MS, HOUR_MS
from wiki.config import Config, Sessions
from wiki.errors import (
    LinkOver,
)
from wiki.store.private import PrivateStore

from .people import GOOD, MINUTE, Clock, actor


def test_only_hashes_of_secrets_are_stored(
    accounts: Accounts, ana: int, tmp_path: Path
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    token = accounts.make_token(ana, ["read"])
    link = accounts.link_for(ana)
    accounts.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("private.db*"))
    for one in (secret, token, token.removeprefix("cgw_"), link, GOOD):
        assert one.encode() not in stored
        assert len(secret) >= 43


def test_the_file_is_for_its_owner_only(store: PrivateStore, tmp_path: Path) -> None:
    with store.writing():
        for path in tmp_path.glob("private.db*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_session_ends_when_idle(  # R15
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    for _ in range(5):
        clock.ms += 11 * HOUR_MS
        assert accounts.session(secret)
    clock.ms += 12 * HOUR_MS + 1
    assert accounts.session(secret) is None


def test_a_session_in_use_ends_at_last(  # R15
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    end = clock.ms + 30 * DAY_MS
    while clock.ms + 6 * HOUR_MS < end:
        clock.ms += 6 * HOUR_MS
        assert accounts.session(secret)
    clock.ms = end
    assert accounts.session(secret) is None


def test_a_remembered_session_may_rest(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    secret = accounts.sign_in("ana", GOOD, remember=True)
    clock.ms += 29 * DAY_MS
    assert accounts.session(secret)
    assert accounts.sessions_of(ana)[0].used_day == clock.ms // DAY_MS
    clock.ms += DAY_MS
    assert accounts.session(secret) is None
    assert accounts.sessions_of(ana) == []


@pytest.mark.parametrize("quiet_minutes", [1, 59, 61, 90])
def test_a_visit_now_and_then_keeps_a_short_session(
    store: PrivateStore, tmp_path: Path, clock: Clock, quiet_minutes: int
) -> None:
    config = Config(tmp_path, sessions=Sessions(idle_hours=2))
    accounts = Accounts(store, config, clock)
    accounts.create_user("Bo", "member", GOOD)
    secret = accounts.sign_in("bo", GOOD)
    for _ in range(40):
        clock.ms += quiet_minutes * MINUTE
        assert accounts.session(secret)


def test_sign_out_ends_it_in_every_process(
    accounts: Accounts, ana: int, config: Config, clock: Clock, tmp_path: Path
) -> None:
    other_store = PrivateStore(tmp_path / "private.db")
    other = Accounts(other_store, config, clock)
    secret = accounts.sign_in("ana", GOOD)
    assert other.session(secret)
    assert other.session(secret)
    accounts.sign_out(secret)
    assert other.session(secret) is None
    assert accounts.session(secret) is None
    other_store.close()


def test_a_new_role_counts_at_once(accounts: Accounts, ana: int) -> None:
    secret = accounts.sign_in("ana", GOOD)
    assert actor(accounts, secret).role == "editor"
    accounts.set_role(ana, "moderator")
    accounts.set_groups(ana, ["press"])
    found = actor(accounts, secret)
    assert (found.role, found.groups) == ("moderator", {"press"})


def statements(store: PrivateStore) -> list[str]:
    """Return a list that every statement from now on is written to."""
    seen: list[str] = []
    event.listen(
        store._db._engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: seen.append(statement),
    )
    return seen


def test_a_session_costs_one_statement_and_then_none(
    accounts: Accounts, ana: int, store: PrivateStore
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    seen = statements(store)
    for _ in range(5):
        assert accounts.session(secret)
    assert len(seen) == 1
    assert accounts.session("unknown") is None
    assert len(seen) == 2


@pytest.mark.parametrize("secret", ["", "x" * 100_000, "\ud800", "cgw_é", "\x00"])
def test_strange_secrets_are_nobody(accounts: Accounts, secret: str) -> None:
    assert accounts.session(secret) is None
    assert accounts.token(secret) is None
    with pytest.raises(LinkOver):
        accounts.follow_link(secret)


def test_other_sessions_can_be_ended(accounts: Accounts, ana: int) -> None:
    here, there = (accounts.sign_in("ana", GOOD) for _ in range(2))
    assert sorted(row.current for row in accounts.sessions_of(ana, here)) == [
        False,
        True,
    ]
    accounts.end_sessions(ana, keep=here)
    assert accounts.session(here)
    assert accounts.session(there) is None
    accounts.end_sessions(ana)
    assert accounts.session(here) is None
