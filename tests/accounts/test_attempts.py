"""Failed sign-ins are counted for all processes, and nobody is locked out by others."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest

from wiki.accounts import Accounts
from wiki.accounts.attempts import Attempts
from wiki.config import Config
from wiki.errors import SignInFailed, TooManySignIns
from wiki.store.private import PrivateStore
from wiki.store.private_factors import AttemptRows

from .people import GOOD, MINUTE, OTHER, Clock

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE


@pytest.fixture
def attempts(store: PrivateStore, tmp_path: Path, clock: Clock) -> Attempts:
    return Attempts(AttemptRows(store.database), tmp_path, clock)


def rows(store: PrivateStore) -> list[tuple[bytes, int]]:
    with store.database.reading() as at:
        found = at.exec_driver_sql("SELECT key, count FROM attempt").all()
    return [(row[0], row[1]) for row in found]


def fail(accounts: Accounts, times: int, **more: Any) -> None:
    for _ in range(times):
        with pytest.raises(SignInFailed):
            accounts.sign_in("ana", OTHER, **more)


def test_r14_five_failures_and_fifteen_minutes(
    accounts: Accounts, ana: int, clock: Clock
) -> None:  # R14
    fail(accounts, 5)
    with pytest.raises(TooManySignIns) as refused:
        accounts.sign_in("ana", GOOD)
    assert refused.value.seconds == 15 * 60
    clock.ms += 15 * MINUTE - 1
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD)
    clock.ms += 1
    assert accounts.sign_in("ana", GOOD)


def test_midnight_forgets_no_failure(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    clock.ms = (clock.ms // DAY + 1) * DAY - MINUTE
    fail(accounts, 3)
    clock.ms += 2 * MINUTE
    fail(accounts, 2)
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD)


def test_a_clock_set_back_locks_nobody_for_long(
    accounts: Accounts, ana: int, clock: Clock
) -> None:  # R21
    fail(accounts, 5)
    clock.ms -= 30 * DAY
    assert accounts.sign_in("ana", GOOD)


def test_thirty_failures_close_the_door_of_an_address(
    attempts: Attempts,
) -> None:  # R14
    for i in range(30):
        attempts.begin(f"name {i}", f"2001:db8:1:2::{i:x}")
        attempts.failed(f"2001:db8:1:2::{i:x}")
    with pytest.raises(TooManySignIns):
        attempts.begin("another", "2001:db8:1:2::ffff")
    attempts.begin("another", "2001:db8:1:3::1")


def test_tries_at_once_are_no_way_around(attempts: Attempts) -> None:
    refused: list[bool] = []

    def attempt() -> None:
        try:
            attempts.begin("ana")
            refused.append(False)
        except TooManySignIns:
            refused.append(True)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused.count(False) == 5


def _try(folder: str, out: Any) -> None:
    store = PrivateStore(Path(folder) / "private.db")
    accounts = Accounts(store, Config(Path(folder)))
    for _ in range(4):
        try:
            accounts.sign_in("ana", OTHER)
        except TooManySignIns:
            out.put("too many")
        except SignInFailed:
            out.put("failed")
    store.close()


def test_r14_all_processes_count_together(tmp_path: Path) -> None:  # R14
    store = PrivateStore(tmp_path / "private.db")
    Accounts(store, Config(tmp_path)).create_user("Ana", "editor", GOOD)
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    started = [
        context.Process(target=_try, args=(str(tmp_path), out)) for _ in range(3)
    ]
    for process in started:
        process.start()
    outcomes = [out.get(timeout=120) for _ in range(12)]
    for process in started:
        process.join()
    assert outcomes.count("failed") == 5
    store.close()


def test_names_and_addresses_are_kept_nowhere(
    attempts: Attempts, store: PrivateStore, tmp_path: Path
) -> None:  # R18
    attempts.begin("account:ana canary", "203.0.113.77")
    attempts.failed("203.0.113.77")
    memory = repr(vars(attempts._limiter.storage))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("private.db*"))
    for word in ("203.0.113.77", "canary"):
        assert word not in memory
        assert word.encode() not in stored
    assert len(rows(store)) == 1


def test_p01_two_days_give_two_hashes(
    attempts: Attempts, store: PrivateStore, clock: Clock
) -> None:  # P1
    attempts.begin("account:ana")
    first = rows(store)
    clock.ms += HOUR
    attempts.begin("account:ana")
    assert rows(store) == first
    clock.ms += DAY
    attempts.begin("account:ana")
    assert not {key for key, _ in first} & {key for key, _ in rows(store)}


def test_p09_failures_are_gone_after_a_day(
    attempts: Attempts, store: PrivateStore, clock: Clock
) -> None:  # P9
    attempts.begin("account:ana")
    old = rows(store)[0][0]
    clock.ms += 25 * HOUR
    attempts.begin("account:bo")
    assert old not in dict(rows(store))


def test_p09_what_has_ended_is_gone_though_nobody_signs_in(
    accounts: Accounts, ana: int, store: PrivateStore, clock: Clock
) -> None:  # P9
    accounts.sign_in("ana", GOOD, remember=True)
    accounts.link_for(ana)
    accounts.devices.remember(ana)
    fail(accounts, 1)
    clock.ms += 181 * DAY
    accounts.forget_old()
    with store.database.reading() as at:
        for table in ("attempt", "session", "link", "device"):
            left = at.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            assert left == 0, table


def test_r14_a_known_device_is_not_locked_out_by_others(
    accounts: Accounts, ana: int
) -> None:  # R14
    device = accounts.devices.remember(ana)
    fail(accounts, 5, address="192.0.2.7")
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD, "192.0.2.8")
    assert accounts.sign_in("ana", GOOD, "192.0.2.7", device=device)
    # The others are where they were.
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD, "192.0.2.8")


def test_a_known_device_guesses_no_more_than_anybody(
    accounts: Accounts, ana: int
) -> None:
    device = accounts.devices.remember(ana)
    fail(accounts, 5, device=device)
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD, device=device)


@pytest.mark.parametrize("secret", ["", "x", "x" * 10_000, "\ud800"])
def test_devices_that_are_none(accounts: Accounts, ana: int, secret: str) -> None:
    assert not accounts.devices.knows(ana, secret)
    fail(accounts, 5)
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD, device=secret)


def test_a_device_is_known_to_its_account_for_half_a_year(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    bo = accounts.create_user("Bo", "member", GOOD)
    device = accounts.devices.remember(ana)
    assert not accounts.devices.knows(bo, device)
    assert accounts.devices.remember(bo, device) != device
    clock.ms += 179 * DAY
    assert accounts.devices.remember(ana, device) == device
    clock.ms += 180 * DAY
    assert not accounts.devices.knows(ana, device)


def test_signing_out_everywhere_forgets_the_devices(
    accounts: Accounts, ana: int
) -> None:
    device = accounts.devices.remember(ana)
    accounts.end_sessions(ana)
    assert not accounts.devices.knows(ana, device)


def test_a_lock_is_noted_once(accounts: Accounts, ana: int) -> None:
    fail(accounts, 5)
    for _ in range(3):
        with pytest.raises(TooManySignIns):
            accounts.sign_in("ana", GOOD)
    for _ in range(5):
        with pytest.raises(SignInFailed):
            accounts.sign_in("a stranger", GOOD)
    locks = [act for act in accounts.audit.acts() if act.kind == "sign_in.locked"]
    assert [act.subject for act in locks] == ["Ana"]


def test_r14_who_waited_for_the_other_does_not_start_anew(
    attempts: Attempts, clock: Clock
) -> None:  # R14
    """A try may be counted after one that began later, in another process."""
    for step in (0, 5, -5, 3, -2):
        clock.ms += step
        attempts.begin("account:ana")
    clock.ms -= 4
    with pytest.raises(TooManySignIns):
        attempts.begin("account:ana")
