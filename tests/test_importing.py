"""What an import does with files that are there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from wiki.importing import FolderImport, ImportReport, found_in
from wiki.model.actor import ADMIN, Actor
from wiki.store.memory import MemoryStore


class OnlyStore:
    """As much of a wiki as the files of an import need."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store


@pytest.fixture
def wiki():
    return OnlyStore(MemoryStore(None, None))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "pic.png").write_bytes(b"old")
    return tmp_path


def bring(wiki, source: Path, **how: bool) -> ImportReport:
    replace, dry_run = how.get("replace", False), how.get("dry_run", False)
    actor = Actor(None, "import", ADMIN, sees=None)
    job = FolderImport(wiki, actor, source, "", replace=replace)
    assert list(job.run(found_in(source), dry_run=dry_run))
    return job.report


def content(wiki) -> bytes:
    with wiki.store.open_beside("x", "pic.png") as file:
        return file.read()


def test_a_file_that_differs_is_kept_unless_replaced(wiki, source):
    assert bring(wiki, source).files == 1
    assert bring(wiki, source) == ImportReport(files=1)
    (source / "pic.png").write_bytes(b"new")
    assert bring(wiki, source) == ImportReport(kept=1)
    assert content(wiki) == b"old"
    assert bring(wiki, source, replace=True, dry_run=True) == ImportReport(files=1)
    assert content(wiki) == b"old"
    assert bring(wiki, source, replace=True) == ImportReport(files=1)
    assert content(wiki) == b"new"
