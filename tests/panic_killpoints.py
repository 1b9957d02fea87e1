"""Runs in a process of its own: archive and remove, killed at each call of the system.

``panic_killpoints.py FOLDER plain|locked STEP`` kills before every STEPth call until
one run gets through. After each there must be the whole wiki, or its archive,
verified; and the same command, run again, must get to the end.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from wiki.archive import age, verify
from wiki.archive.errors import ArchiveError
from wiki.archiving import Archiving
from wiki.build import build
from wiki.config import load

PHRASE = "five words that fit together"
CALLS = (
    *("open", "rename", "replace", "unlink", "rmdir", "mkdir", "fsync", "lstat"),
    *("stat", "scandir", "utime", "listdir"),
)


def forked(work: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        code = 70
        try:
            work()
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def prepare(folder: Path) -> None:
    (folder / "pages/notes").mkdir(parents=True)
    (folder / "wiki.toml").write_text('[site]\ntitle = "Ours"\n')
    for name in ("home.md", "notes/plan.md", "notes/list.csv"):
        (folder / "pages" / name).write_text(f"# {name}\n")
        os.utime(folder / "pages" / name, (1_700_000_000, 1_700_000_000))
    wiki = build(load(folder, {}))
    wiki.store.scan()
    wiki.accounts.create_user("ana", "admin")
    wiki.store.settle()
    wiki.close()


def arm(number: int) -> None:
    """Let the process die before its call with this number."""
    left = number

    def counted(call: Any) -> Any:
        def wrapped(*args: Any, **how: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **how)

        return wrapped

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def archive(home: Path, phrase: age.Lock | None, number: int = 0) -> None:
    job = Archiving(load(home / "wiki", {}), home / "a", lambda *_: True)
    if number:
        arm(number)
    job.run(phrase, "0")


def state(home: Path, phrase: age.Lock | None, wanted: dict[str, str]) -> str:
    """Return what there is: the wiki, its archive, both or neither."""
    try:
        held = verify(home / "a", phrase).files
        has_archive = set(wanted) | {"wiki.toml"} <= set(held)
    except ArchiveError:
        has_archive = False
    there = whole(home / "wiki") == wanted
    return {
        (True, True): "both",
        (True, False): "wiki",
        (False, True): "archive",
        (False, False): "neither",
    }[there, has_archive]


def whole(folder: Path) -> dict[str, str]:
    found = {}
    for name in ("var/wiki.db", "var/private.db"):
        if (folder / name).exists():
            with closing(sqlite3.connect(folder / name)) as connection:
                lines = [it for it in connection.iterdump() if "audit" not in it]
            found[name] = "\n".join(it for it in lines if "sequence" not in it)
    for path in sorted((folder / "pages").rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def main(home: Path, lock: str, step: int) -> int:
    phrase = Quick(PHRASE) if lock == "locked" else None
    if phrase is not None:
        phrase.new_key()
    template = home / "template"
    assert forked(lambda: prepare(template)) == 0
    wanted = whole(template)
    states: list[str] = []
    number, killed = 1 - step, True
    while killed:
        number += step
        place = home / str(number)
        shutil.copytree(template, place / "wiki")
        killed = forked(lambda at=place, it=number: archive(at, phrase, it)) != 0
        states.append(state(place, phrase, wanted))
        if states[-1] == "neither":
            print("neither, killed at call", number)
            return 1
        if killed and (states[-1] != "archive" or is_begun(place)):
            finished = forked(lambda at=place: again(at, phrase))
            assert finished == 0, f"not finished after call {number}"
            assert state(place, phrase, wanted) == "archive", number
        shutil.rmtree(place)
    assert states[-1] == "archive", states
    counts = {one: states.count(one) for one in dict.fromkeys(states)}
    assert counts.keys() >= {"wiki", "archive"}, counts
    print(len(states), "kills:", counts)
    return 0


def is_begun(home: Path) -> bool:
    return Archiving(load(home / "wiki", {}), home / "a", lambda *_: True).goes_on


def again(home: Path, phrase: age.Lock | None) -> None:
    """Do what a person does: the same command again, its own leftovers aside."""
    job = Archiving(load(home / "wiki", {}), home / "a", lambda *_: True)
    if not job.goes_on and (home / "a").exists():
        # Not begun to remove: the wiki is whole, and the archive of another moment.
        (home / "a").unlink()
    job.run(phrase, "0")
    assert not (home / "wiki/var").exists()


class Quick(age.Lock):
    """Spares the second that a passphrase takes, on purpose, after the first time."""

    made: Any = None

    def new_key(self) -> tuple[Any, bytes]:
        if Quick.made is None:
            Quick.made = super().new_key()
            self.open(Quick.made[1])
        made: tuple[Any, bytes] = Quick.made
        return made


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
