"""An instance in a temporary folder, and what can happen to it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest

from wiki.store import saving
from wiki.store.sql import SqlStore

plain = SimpleNamespace(**run_path(str(Path(__file__).with_name("plain.py"))))


class Instance(plain.Hand):
    """An instance folder with an open store, to be treated badly."""

    def __init__(self, folder: Path) -> None:
        self.var, self.pages = folder / "var", folder / "pages"
        self.store: Any = None
        self.open()

    def open(self) -> Any:
        if self.store is not None:
            self.store.close()
        self.store = self.another()
        return self.store

    def another(self) -> Any:
        """Open the instance a second time, as another process would."""
        return SqlStore(self.var, self.pages, plain.describe, plain.merge)

    def close(self) -> None:
        self.store.close()

    def file(self, path: str) -> Path:
        return self.pages / path

    def write(self, path: str, text: str | bytes, *, age: float = 60) -> Path:
        """Write a file as an editor does, some seconds ago."""
        file = self.pages / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        self.age(path, age)
        return file

    def age(self, path: str, age: float = 60) -> None:
        then = time.time_ns() - int(age * 1e9)
        os.utime(self.pages / path, ns=(then, then))

    def read(self, path: str) -> str:
        return (self.pages / path).read_bytes().decode()

    def texts(self, page: Any) -> list[str]:
        """Return all texts of a page that are kept, newest first."""
        revs = self.store.history(page.id)
        return [self.store.revision_text(it.id) for it in revs]

    def kept(self) -> dict[str, list[str]]:
        """Return {state: texts} of all revisions, proposed and merged ones included."""
        kept: dict[str, list[str]] = {}
        with self.store._database.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT state, id FROM revision ORDER BY id"
            ).all()
        for state, rev in rows:
            kept.setdefault(state, []).append(self.store.revision_text(rev))
        return kept


@pytest.fixture
def instance(tmp_path):
    instance = Instance(tmp_path)
    yield instance
    instance.close()


@pytest.fixture
def killed_after_commit(monkeypatch):
    """End saves at COMMIT, as if the process were killed before the rename."""

    def switch(on: bool = True) -> None:
        if on:
            monkeypatch.setattr(saving._Files, "bring", lambda *args: True)
        else:
            monkeypatch.undo()

    return switch
