"""The file that accounts are in."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from wiki.accounts import Accounts
from wiki.config import Config
from wiki.errors import (
    StartError,
)
from wiki.store.private import PrivateStore


def _open(path: str, barrier: Any, out: Any) -> None:
    barrier.wait()
    store = PrivateStore(Path(path))
    out.put(len(store.users()))
    store.close()


def test_two_first_starts_end_with_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, out = context.Barrier(3), context.Queue()
    path = str(tmp_path / "var" / "private.db")
    started = [
        context.Process(target=_open, args=(path, barrier, out)) for _ in range(3)
    ]
    for process in started:
        process.start()
    assert [out.get(timeout=60) for _ in started] == [0, 0, 0]
    for process in started:
        process.join()
        assert process.exitcode == 0


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "private.db"
    broken.write_bytes(b"no database at all" * 100)
    with pytest.raises(StartError, match="damaged"):
        PrivateStore(broken)
    with pytest.raises(StartError, match="cannot be"):
        PrivateStore(Path("/proc/nowhere/private.db"))


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    store = PrivateStore(tmp_path / "private.db")
    with store.writing() as at:
        at.exec_driver_sql("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(StartError, match="newer") as refused:
        PrivateStore(tmp_path / "private.db")
    assert refused.value.exit_code == 4


def test_memory_store_leaves_nothing(config: Config) -> None:
    store = PrivateStore(None)
    folder = store.path.parent
    assert Accounts(store, config).first_link()
    assert folder.exists()
    store.close()
    del store
    assert not os.path.exists(folder)
