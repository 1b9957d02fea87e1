"""At most four passwords are hashed at once, whoever asks, on the whole machine."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest

from wiki.accounts.passwords import Passwords
from wiki.errors import Busy, ReadOnly


def test_too_many_hashes_at_once_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("wiki.accounts.passwords._WAIT_SECONDS", 0.01)
    passwords = Passwords(tmp_path)
    with (
        passwords.turn(),
        passwords.turn(),
        passwords.turn(),
        passwords.turn(),
        pytest.raises(Busy),
        passwords.turn(),
    ):
        pass
    with passwords.turn():
        pass


def test_other_processes_places_are_taken_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("wiki.accounts.passwords._WAIT_SECONDS", 0.01)
    here, there = Passwords(tmp_path), Passwords(tmp_path)
    with (
        here.turn(),
        here.turn(),
        there.turn(),
        there.turn(),
        pytest.raises(Busy),
        there.turn(),
    ):
        pass


def _work(folder: str, inside: Any, most: Any, barrier: Any) -> None:
    """Hash as fast as can be, and note how many do so at the same time."""
    passwords = Passwords(Path(folder))
    barrier.wait()
    for _ in range(6):
        with passwords.turn():
            with inside.get_lock():
                inside.value += 1
                most.value = max(most.value, inside.value)
            passwords.hash("correct horse battery")
            time.sleep(0.01)  # so that others come in between
            with inside.get_lock():
                inside.value -= 1


def test_r14_four_hashes_at_once_in_all_processes(tmp_path: Path) -> None:  # R14
    context = multiprocessing.get_context("spawn")
    inside, most = context.Value("i", 0), context.Value("i", 0)
    barrier = context.Barrier(7)
    started = [
        context.Process(target=_work, args=(str(tmp_path), inside, most, barrier))
        for _ in range(7)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
        assert process.exitcode == 0
    assert most.value == 4


def test_a_process_that_dies_leaves_its_place(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path), ready))
    holder.start()
    assert ready.wait(60)
    holder.kill()
    holder.join()
    passwords = Passwords(tmp_path)
    with passwords.turn(), passwords.turn(), passwords.turn(), passwords.turn():
        pass


def _hold(folder: str, ready: Any) -> None:
    passwords = Passwords(Path(folder))
    with passwords.turn(), passwords.turn(), passwords.turn(), passwords.turn():
        ready.set()
        time.sleep(60)


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("a file where a folder should be")
    with (
        pytest.raises(ReadOnly, match="Nobody can sign in"),
        Passwords(tmp_path / "lock").turn(),
    ):
        pass
