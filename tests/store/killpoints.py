"""Runs in a process of its own: one commit, killed at each call it makes of the system.

``killpoints.py FOLDER STEP`` kills a save before every STEPth call until one gets
through; after each, the old or the new state must stand, in database and files alike.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from crash import forked, joined, open_store
from plain import ANN, Hand
from sqlalchemy import event

from wiki.model.page import NEW, Delete, Put, Rename
from wiki.store.sql import SqlStore

CALLS = [
    *((os, name) for name in ("open", "replace", "rename", "unlink", "rmdir")),
    *((os, name) for name in ("fsync", "makedirs", "stat")),
    (fcntl, "flock"),
]
BEFORE = {"A": "a\n", "B": "b\n", "ns/C": "c\n", "ns/D": "d\n"}
AFTER = {"A": "b\n", "B": "a, edited\n", "ns/C": "c, edited\n", "New/E": "e\n"}


def prepare(folder: Path) -> int:
    store = open_store(folder)
    for name, text in BEFORE.items():
        Hand(store).new(name, text)
    assert store.settle() == 0
    store.close()
    return 0


def arm(store: SqlStore, number: int) -> None:
    """Let the process die before its call with this number."""
    left = number

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(call: Any) -> Any:
        def wrapped(*args: Any, **how: Any) -> Any:
            count()
            return call(*args, **how)

        return wrapped

    for module, name in CALLS:
        setattr(module, name, counted(getattr(module, name)))
    event.listen(store._database._engine, "before_cursor_execute", count)
    event.listen(store._database._engine, "after_cursor_execute", count)


def commit(folder: Path, number: int) -> int:
    store = open_store(folder)
    ids = {name: store.head(name) for name in BEFORE}
    a, b, c, d = (ids[name] or (0, 0, 0) for name in BEFORE)
    arm(store, number)
    store.commit(
        [
            Put(a[0], "a, edited\n", a[1]),
            Rename(a[0], "B", a[1], leave_redirect=False),
            Rename(b[0], "A", b[1], leave_redirect=False),
            Put(c[0], "c, edited\n", c[1]),
            Delete(d[0], d[1]),
            Put("New/E", "e\n", NEW),
        ],
        ANN,
    )
    store.settle()
    return 0


def verify(folder: Path) -> int:
    """Return 10 for the old state, 11 for the new one; fail for any other."""
    store = open_store(folder)
    assert store.settle() == 0
    texts = {row.name: store.revision_text(row.rev) for row in store.list()[0]}
    files = {
        str(path.relative_to(folder / "pages"))[: -len(".md")]: path.read_text()
        for path in (folder / "pages").rglob("*.md")
    }
    assert texts in (BEFORE, AFTER), texts
    assert files == texts, (files, texts)
    assert store.problems() == {}
    report = store.scan()
    assert (report.added, report.changed, report.deleted) == (0, 0, 0), report
    seqs = [change.seq for change in store.changes(0)]
    assert seqs == list(range(1, store.last_seq() + 1))
    store.close()
    return 10 + (texts == AFTER)


def main(folder: Path, step: int) -> int:
    template = folder / "template"
    assert joined(forked(lambda: prepare(template))) == 0
    states = []
    number, killed = 1 - step, True
    while killed:
        number += step
        place = folder / str(number)
        shutil.copytree(template, place)
        killed = joined(forked(lambda at=place, it=number: commit(at, it))) != 0
        state = joined(forked(lambda at=place: verify(at)))
        assert state in (10, 11), f"killed at call {number}"
        states.append(state)
        shutil.rmtree(place)
    # Once the new state stands it stands for all later kills.
    assert states == sorted(states)
    print(len(states), "kills:", states.count(10), "old,", states.count(11), "new")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
