"""A database of the first version becomes one of today's, and opens no page wider."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from wiki.errors import NotFound
from wiki.model.rules import Rule
from wiki.store.opening import open_database
from wiki.store.sql import SqlStore

plain = SimpleNamespace(**run_path(str(Path(__file__).with_name("plain.py"))))

PAGES = {
    "open": "x",
    "said": "---\naudience: public\n---\nx",
    "group": "---\naudience: group:core\n---\nx",
    "broken": "---\naudience: admins\n---\nx",
}


def as_first_version(var: Path) -> None:
    """Take away what the second version added, as far as rows go."""
    with open_database(var).writing() as connection:
        for statement in (
            "DROP TABLE rule",
            "DROP TABLE audience",
            "DROP INDEX revision_author",
            "DROP INDEX txn_author",
            "ALTER TABLE page DROP COLUMN own",
            "UPDATE page SET meta = '{}' WHERE name = 'broken'",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.execute(text(statement))


def test_a_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    var, pages = tmp_path / "var", tmp_path / "pages"
    store = SqlStore(var, pages, plain.describe, plain.merge)
    hand = plain.Hand(store)
    for name, page in PAGES.items():
        hand.new(name, page)
    store.close()
    as_first_version(var)

    store = SqlStore(var, pages, plain.describe, plain.merge)
    audiences = {row.name: row.audience for row in store.list()[0]}
    assert audiences == {
        "open": "public",
        "said": "public",
        "group": "group:core",
        "broken": "admins",
    }
    store.set_rule("", Rule("", "members"), plain.ANN)
    assert [r.name for r in store.list(sees=frozenset({"public"}))[0]] == ["said"]
    for name in ("group", "broken", "open"):
        with pytest.raises(NotFound):
            store.get(name, sees=frozenset({"public"}))
    store.close()
