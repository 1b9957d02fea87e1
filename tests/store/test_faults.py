"""Full, read-only and broken disks, errors at any moment: all or nothing, no lies."""

from __future__ import annotations

import errno
import io
import os
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from wiki.errors import Busy, CorruptData, NoSpace, ReadOnly
from wiki.model.page import NEW, Delete, Put, Rename
from wiki.store.base import Author
from wiki.store.files import Folder
from wiki.store.locks import FileLock


def failing(number):
    def fail(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture
def page(instance):
    page = instance.new("A", "one\n")
    assert instance.store.settle() == 0
    return page


def everything(instance):
    store = instance.store
    files = {
        str(path.relative_to(instance.pages)): path.read_bytes()
        for path in sorted(instance.pages.rglob("*"))
        if path.is_file()
    }
    rows = store.list(include_deleted=True)[0]
    return files, rows, store.last_seq(), store.counts(), store.stamps(), store.wanted()


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, NoSpace),
        (errno.EDQUOT, NoSpace),
        (errno.EFBIG, NoSpace),
        (errno.EROFS, ReadOnly),
        (errno.EACCES, ReadOnly),
        (errno.EIO, ReadOnly),
    ],
)
def test_a_disk_that_refuses_before_the_commit(
    instance, page, monkeypatch, number, error
):
    before = everything(instance)
    monkeypatch.setattr(Folder, "stage", failing(number))
    with pytest.raises(error):
        instance.commit(Put(page.id, "two\n", page.rev))
    monkeypatch.undo()
    assert everything(instance) == before
    assert instance.put(page, "two\n").text == "two\n"


def test_a_folder_that_refuses_after_the_commit_gives_a_notice(
    instance, page, monkeypatch
):
    monkeypatch.setattr(Folder, "publish", failing(errno.EROFS))
    result = instance.commit(Put(page.id, "two\n", page.rev), Put("B", "b\n", NEW))
    assert "Saved." in result.notices[0]
    assert instance.store.get("A").text == "two\n"
    assert instance.read("A.md") == "one\n"
    assert instance.store.counts()["pending"] == 2
    assert instance.store.settle() == 2
    monkeypatch.undo()
    assert instance.store.settle() == 0
    assert (instance.read("A.md"), instance.read("B.md")) == ("two\n", "b\n")
    assert not list(instance.pages.glob(".~*"))


def test_a_file_where_a_folder_is_needed_does_not_stop_the_save(instance):
    instance.write("a", "not a folder")
    result = instance.commit(Put("a/Page", "text\n", NEW))
    assert result.notices
    assert instance.store.get("a/Page").text == "text\n"
    instance.file("a").unlink()
    assert instance.store.settle() == 0
    assert instance.read("a/Page.md") == "text\n"


def test_a_folder_where_a_file_is_needed_does_not_stop_the_save(instance):
    instance.file("A.md").mkdir()
    assert instance.commit(Put("A", "text\n", NEW)).notices
    assert instance.store.get("A").text == "text\n"
    instance.file("A.md").rmdir()
    assert instance.store.settle() == 0
    assert instance.read("A.md") == "text\n"


class Injected(Exception):
    """Stands for any error in the middle of a transaction."""


@contextmanager
def error_at(instance, number):
    """Raise an error at a statement of the database, by its number; count them."""
    engine = instance.store._database._engine
    seen = []

    def before(connection, cursor, statement, *rest):
        if not statement.startswith(("SELECT", "PRAGMA")):
            seen.append(statement)
            if len(seen) == number:
                raise Injected(statement)

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)


def test_an_error_at_any_statement_changes_nothing(instance, page):
    b = instance.new("B", "---\ntags: [x]\ntype: group\ncity: Y\n---\n[[A]]\n")
    c = instance.new("C", "c\n")
    assert instance.store.settle() == 0
    ops = [
        Put(page.id, "---\ntags: [y]\ntype: group\ncity: X\n---\n[[New]]\n", page.rev),
        Rename(b.id, "B2", b.rev),
        Delete(c.id, c.rev),
        Put("New", "[[A]]\n", NEW),
    ]
    before = everything(instance)
    number, failed = 0, True
    while failed:
        number += 1
        with error_at(instance, number) as seen:
            try:
                instance.commit(*ops, idempotency_key="once")
                failed = False
            except Injected:
                assert everything(instance) == before, seen[-1]
    assert number > 15
    assert instance.store.get("B2").text == b.text
    assert instance.store.settle() == 0
    assert sorted(everything(instance)[0]) == ["A.md", "B2.md", "New.md"]


def test_a_database_locked_by_another_program_is_busy(instance, page, monkeypatch):
    other = sqlite3.connect(instance.var / "wiki.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("wiki.store.engine._PRAGMAS", ("PRAGMA busy_timeout = 50",))
    store = instance.open()
    with pytest.raises(Busy):
        store.commit([Put(page.id, "two\n", page.rev)], Author(1, "Ann"))
    assert store.get("A").text == "one\n"
    other.execute("ROLLBACK")
    other.close()
    assert instance.put(page, "two\n").text == "two\n"


def test_a_writer_that_never_ends_makes_others_busy(instance, page, monkeypatch):
    other = instance.another()
    held = FileLock.held
    monkeypatch.setattr(FileLock, "held", lambda self, timeout=0.1: held(self, timeout))
    with other._core.lock.held(), pytest.raises(Busy):
        instance.commit(Put(page.id, "two\n", page.rev))
    other.close()
    assert instance.store.get("A").text == "one\n"


def test_a_damaged_text_fails_alone(instance, page):
    other = instance.new("B", "b\n")
    with instance.store._database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE revision SET body = x'00ff' WHERE page = {page.id}"
        )
    with pytest.raises(CorruptData):
        instance.store.get("A")
    assert instance.store.get("B").text == other.text


# -- real file systems, where we may mount one


@pytest.fixture
def mount():
    """Mount something; skip where that is not allowed."""
    mounted = []

    def do(place, *options):
        command = ["mount", *options, str(place)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            done = None
        if done is None or done.returncode:
            pytest.skip("needs the right to mount a file system")
        mounted.append(place)

    yield do
    for place in reversed(mounted):
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


@pytest.fixture
def small_disk(tmp_path, mount):
    place = tmp_path / "disk"
    place.mkdir()
    mount(place, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    return place


@pytest.fixture
def on_small_disk(small_disk, instance):
    cramped = type(instance)(small_disk)
    yield cramped
    cramped.close()


def test_a_full_disk_refuses_cleanly_and_recovers(on_small_disk, small_disk):
    instance = on_small_disk
    page = instance.new("A", "one\n")
    good = fill_until_refused(instance)
    for name, text in good.items():
        assert instance.store.get(name).text == text
        assert instance.read(f"{name}.md") == text
    assert instance.store.get("A").text == "one\n"
    assert not list(instance.pages.glob(".~*"))
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert instance.put(page, "two\n").text == "two\n"
    assert instance.store.settle() == 0


def fill_until_refused(instance):
    good = {}
    for number in range(200):
        name, text = f"P{number}", os.urandom(20_000).hex()
        try:
            instance.commit(Put(name, text, NEW))
        except NoSpace:
            return good
        good[name] = text
    raise AssertionError("the disk never filled up")


def test_a_folder_that_becomes_read_only_refuses_and_recovers(instance, page, mount):
    mount(instance.pages, "--bind", str(instance.pages))
    subprocess.run(["mount", "-o", "remount,bind,ro", str(instance.pages)], check=True)
    with pytest.raises(ReadOnly):
        instance.commit(Put(page.id, "two\n", page.rev))
    with pytest.raises(ReadOnly):
        instance.new("New/Page", "x\n")
    with pytest.raises(ReadOnly):
        instance.store.put_beside("A", "x.png", io.BytesIO(b"x"))
    assert instance.store.get("A").text == "one\n"
    assert instance.store.scan().unchanged == 1
    subprocess.run(["umount", str(instance.pages)], check=True)
    assert instance.put(page, "two\n").text == "two\n"
