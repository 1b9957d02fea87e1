"""What a plugin keeps for itself, and what it may use of the wiki (spec: plugins)."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from wiki import Busy, Database, Plugin, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.errors import ReadOnly
from wiki.model.actor import SYSTEM, Actor
from wiki.model.page import Draft
from wiki.outgoing import Sender

ONE = "CREATE TABLE one (id INTEGER PRIMARY KEY, word TEXT UNIQUE);"
TWO = "ALTER TABLE one ADD COLUMN more TEXT NOT NULL DEFAULT 'a;b';"


def test_steps_run_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    first = Database(path, (ONE,))
    assert first.run("INSERT INTO one (word) VALUES (?)", "x") == 1
    for _ in range(2):
        again = Database(path, (ONE, TWO))
        rows = again.rows("SELECT * FROM one WHERE word = ?", "x")
        assert [dict(row) for row in rows] == [{"id": 1, "word": "x", "more": "a;b"}]
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(RuntimeError, match="newer version"):
        Database(path, (ONE,))


def test_a_broken_step_leaves_all_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    Database(path, (ONE,))
    with pytest.raises(sqlite3.Error):
        Database(path, (ONE, "CREATE TABLE two (a TEXT); CREATE TABLE one (b TEXT);"))
    found = Database(path, (ONE,)).rows("SELECT name FROM sqlite_master")
    assert "two" not in {row["name"] for row in found}


def test_all_or_nothing_is_written(tmp_path: Path) -> None:
    own = Database(tmp_path / "own.db", (ONE,))
    own.run("INSERT INTO one (word) VALUES ('x')")

    def twice() -> None:
        with own.writing() as at:
            at.execute("INSERT INTO one (word) VALUES ('y')")
            at.execute("INSERT INTO one (word) VALUES ('x')")

    with pytest.raises(sqlite3.IntegrityError):
        twice()
    assert len(own.rows("SELECT * FROM one")) == 1


def test_several_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    Database(path, (ONE,))

    def write(n: int) -> None:
        own = Database(path, (ONE,))
        for i in range(20):
            own.run("INSERT INTO one (word) VALUES (?)", f"{n}-{i}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    count = Database(path, (ONE,)).rows("SELECT count(*) n FROM one")[0]["n"]
    assert count == 80


def test_a_busy_file_is_said_in_words(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("wiki.plugin_data.WAIT", 0.05)
    own = Database(tmp_path / "own.db", (ONE,))
    with own.writing(), pytest.raises(Busy):
        own.run("INSERT INTO one (word) VALUES ('x')")


def test_a_file_that_cannot_be_written(tmp_path: Path, monkeypatch: Any) -> None:
    own = Database(tmp_path / "own.db", (ONE,))
    uri = f"file:{tmp_path}/own.db?mode=ro"
    connect = sqlite3.connect
    monkeypatch.setattr(
        "wiki.plugin_data.sqlite3.connect",
        lambda path, *args, **names: connect(uri, *args, uri=True, **names),
    )
    with pytest.raises(ReadOnly):
        own.run("INSERT INTO one (word) VALUES ('x')")


# -- what a plugin declares


class Keeper(Plugin):
    """Uses everything."""

    name, title = "keeper", "Keeper"
    uses = frozenset({"tables", "network"})

    @hookimpl
    def setup(self) -> None:
        self.own = self.database(ONE)


class Undeclared(Plugin):
    """Says that it uses nothing."""

    name, title = "undeclared", "Undeclared"


class Wanting(Plugin):
    """Keeps tables without saying so."""

    name, title = "wanting", "Wanting"

    @hookimpl
    def setup(self) -> None:
        self.database(ONE)


@pytest.fixture
def wiki(tmp_path: Path) -> Any:
    plugins = [Keeper, Undeclared, Wanting]
    app = create_app(config=load(tmp_path, {}), plugins=plugins, memory=True)
    yield app.extensions["wiki"]
    app.extensions["wiki"].close()


def test_a_plugin_has_a_folder_of_its_own(wiki: Any, tmp_path: Path) -> None:
    keeper = wiki.registry.plugins["keeper"]
    assert keeper.folder() == tmp_path / "var" / "plugins" / "keeper"
    assert keeper.folder().stat().st_mode & 0o077 == 0
    keeper.own.run("INSERT INTO one (word) VALUES ('x')")
    assert (keeper.folder() / "keeper.db").exists()


def test_what_was_not_declared_is_refused(wiki: Any, tmp_path: Path) -> None:
    plain = wiki.registry.plugins["undeclared"]
    with pytest.raises(RuntimeError, match="declare “tables” in uses"):
        plain.database(ONE)
    with pytest.raises(RuntimeError, match="declare “network” in uses"):
        plain.post("https://example.org/", b"", {})
    # At the start such a plugin is off, and the wiki is not.
    assert wiki.registry.states["wanting"].state == "broken"
    assert "declare “tables”" in wiki.registry.states["wanting"].reason
    assert not (tmp_path / "var" / "plugins" / "wanting").exists()


def test_a_plugin_sends_through_the_wiki(wiki: Any) -> None:
    sent: list[Any] = []

    class Noting(Sender):
        def post(self, *args: Any, **names: Any) -> int:
            sent.append((args, names))
            return 200

    keeper = wiki.registry.plugins["keeper"]
    keeper.sender = Noting()
    assert keeper.post("https://example.org/", b"x", {"A": "b"}) == 200
    assert sent == [(("https://example.org/", b"x", {"A": "b"}), {"inside": False})]


def test_what_a_person_changed_of_a_plugin_stands_in_the_log(wiki: Any) -> None:
    keeper = wiki.registry.plugins["keeper"]
    keeper.note(Actor(7, "ann", "admin"), "the color")
    act = wiki.accounts.audit.acts(limit=1)[0]
    assert (act.actor, act.kind, act.subject) == ("ann", "plugin.changed", "Keeper")
    assert act.detail == {"what": "the color"}


# -- what a plugin follows


def test_the_changes_of_the_wiki_as_somebody_sees_them(wiki: Any) -> None:
    visitor = Actor()
    start = wiki.last_seq()
    wiki.save(SYSTEM, Draft("open", "x"), 0)
    wiki.save(SYSTEM, Draft("hidden", "---\naudience: members\n---\n"), 0)
    rows, reached = wiki.changes(visitor, start)
    assert [(it.kind, it.name) for it in rows] == [("put", "open")]
    assert reached == wiki.last_seq()
    assert wiki.changes(visitor, reached) == ([], reached)
    wiki.save(SYSTEM, Draft("open2", "x"), 0)
    wiki.save(SYSTEM, Draft("open3", "x"), 0)
    rows, reached = wiki.changes(visitor, reached, 1)
    assert [it.name for it in rows] == ["open2"]
    assert [it.name for it in wiki.changes(visitor, reached, 1)[0]] == ["open3"]
    assert len(wiki.changes(SYSTEM, start)[0]) == 4


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("minute", "2026-03-05T17:42:00+00:00"),
        ("hour", "2026-03-05T17:00:00+00:00"),
        ("day", "2026-03-05T00:00:00+00:00"),
    ],
)
def test_p_times_are_as_coarse_as_the_wiki_tells_them(
    tmp_path: Path, step: str, told: str
) -> None:
    config = load(tmp_path, {}, {"privacy.time_in_history": step})
    app = create_app(config=config, memory=True)
    wiki = app.extensions["wiki"]
    assert wiki.told_time(1772732571234).isoformat() == told
    wiki.close()
