"""Pages to search, and other processes that search or index them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from wiki.search.base import Document

_FEED = Path(__file__).with_name("feed.py")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("search_feed", _FEED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Any]:
    """Return pages and their changes; ``save`` and ``delete`` change them."""
    found = _load().Feed(tmp_path / "feed.db")
    yield found
    found.close()


@pytest.fixture
def doc() -> Callable[..., Document]:
    """Return a maker of documents."""

    def make(id: int, title: str = "", body: str = "", **more: Any) -> Document:
        more = {"seq": id, "name": f"page-{id}", "updated": id, **more}
        return Document(id, title=title or f"Page {id}", body=body, **more)

    return make


class Other:
    """Another process of the wiki."""

    def __init__(self, job: str, folder: Path) -> None:
        root = str(_FEED.parents[2])
        self.process = subprocess.Popen(
            [sys.executable, str(_FEED), job, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": root, "PATH": "/usr/bin:/bin"},
        )
        assert self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def search(self, query: str) -> tuple[int, list[int], bool]:
        """Return total, ids of the first page, and whether all was searched."""
        assert self.process.stdin is not None
        self.process.stdin.write(query + "\n")
        self.process.stdin.flush()
        total, found, current = json.loads(self._line())
        return total, found, current

    def kill(self) -> None:
        self.process.kill()
        self._end()

    def close(self) -> None:
        if self.process.poll() is None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self._end()

    def _end(self) -> None:
        self.process.wait(timeout=20)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Callable[[str], Other]]:
    """Return a starter of processes: ``other("follow")``, ``other("answer")``."""
    started: list[Other] = []

    def start(job: str) -> Other:
        new = Other(job, tmp_path)
        started.append(new)
        return new

    yield start
    for each in started:
        each.close()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Return a function that waits for something to become true."""

    def wait(true: Callable[[], bool], seconds: float = 20.0) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, "it did not happen"
            time.sleep(0.02)

    return wait
