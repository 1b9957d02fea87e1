"""Prints CPU ms of a sign-in that fails, for every kind of name, and their ratios.

Nobody may tell from the time whether a name is known: the ratios to an unknown name
must lie within 10 %. ``python -m bench.sign_in`` runs it; the medians are of 60 tries
each, taken in turn.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyotp

from wiki.accounts import Accounts
from wiki.config import Config
from wiki.errors import SecondStepNeeded, SignInNeeded
from wiki.model.actor import SYSTEM
from wiki.store.private import PrivateStore

TRIES = 60
# Of so many addresses, none fails too often.
ADDRESSES = (f"2001:db8:{n:x}::1" for n in itertools.count(1))
GOOD, WRONG = "correct horse battery", "staple of another kind"


class Clock:
    """Goes on by 20 minutes a try, so that no door closes. ms UTC."""

    def __init__(self) -> None:
        self.ms = time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self.ms


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        store = PrivateStore(Path(folder) / "private.db")
        accounts = Accounts(store, Config(Path(folder)), clock)
        fill(accounts, store)
        print(f"CPU ms of a sign-in that fails, median of {TRIES}")
        show(measure(clock, {name: wrong(accounts, name) for name in NAMES}))
        print(f"\nCPU ms of a second step that fails, median of {TRIES}")
        show(measure(clock, codes(accounts)))
        accounts.close()


NAMES = ("unknown", "known", "closed", "waiting", "blocked", "no password", "codes on")


def fill(accounts: Accounts, store: PrivateStore) -> None:
    """Open an account of each kind, and a thousand others."""
    with store.writing() as at:
        for n in range(1000):
            name = f"person {n}"
            store.add_user(
                at, (), name=name, name_key=name, display=name, role="member", created=1
            )
    for name in NAMES[1:]:
        accounts.create_user(name, "member", None if name == "no password" else GOOD)
    accounts.close_user(accounts.user_id("closed"))
    with store.writing() as at:
        store.change_user(at, accounts.user_id("waiting"), waiting=1)
    accounts.create_user("chief", "admin", GOOD)
    accounts.block(accounts.user_id("blocked"), by=SYSTEM)


def wrong(accounts: Accounts, name: str) -> Callable[[], float]:
    def run() -> float:
        address = next(ADDRESSES)
        return cpu_ms(lambda: accounts.sign_in(name, WRONG, address))

    return run


def codes(accounts: Accounts) -> dict[str, Callable[[], float]]:
    """Return second steps that fail, each for a reason of its own."""
    session = accounts.sign_in("codes on", GOOD)
    me = accounts.session(session)
    if me is None or me.id is None:
        raise RuntimeError("nobody signed in")
    accounts.begin_codes(me, "", session)
    secret = accounts.second_step.new_secret_of(me.id)
    totp = pyotp.TOTP(secret)
    accounts.confirm_codes(me, totp.at(accounts._now() // 1000), session)

    def second(typed: Callable[[], str]) -> Callable[[], float]:
        def run() -> float:
            key, code, address = begin(accounts), typed(), next(ADDRESSES)
            return cpu_ms(lambda: accounts.finish_sign_in(key, code, address))

        return run

    def slow() -> str:
        return totp.at(accounts._now() // 1000, counter_offset=-5)

    return {
        "wrong code": second(lambda: "000000"),
        "code of a slow clock": second(slow),
        "wrong recovery code": second(lambda: "abcd-efgh-jkmn-pqrs"),
    }


def begin(accounts: Accounts) -> str:
    try:
        accounts.sign_in("codes on", GOOD)
    except SecondStepNeeded as needed:
        return needed.key
    raise RuntimeError("no code was asked for")


def cpu_ms(act: Callable[[], object]) -> float:
    """Return what a refused try cost this process."""
    before = time.process_time_ns()
    try:
        act()
    except SignInNeeded:
        return (time.process_time_ns() - before) / 1e6
    raise RuntimeError("a wrong try was let in")


def measure(
    clock: Clock, kinds: dict[str, Callable[[], float]]
) -> dict[str, list[float]]:
    """Try each kind in turn, so that a busy machine slows all of them alike."""
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(TRIES):
        clock.ms += 20 * 60_000
        for name, run in kinds.items():
            found[name].append(run())
            clock.ms += 20 * 60_000
    return found


def show(found: dict[str, list[float]]) -> None:
    first = statistics.median(next(iter(found.values())))
    for name, times in found.items():
        median = statistics.median(times)
        print(f"  {name:22} {median:8.2f}   {median / first:5.3f}")


if __name__ == "__main__":
    main()
