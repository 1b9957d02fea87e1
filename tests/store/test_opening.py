"""Opening an instance: once, private, current (S-1, S-33)."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wiki.errors import StartError
from wiki.store import tables
from wiki.store.engine import Database
from wiki.store.migrations.run import upgrade

CHECKOUT = Path(__file__).parents[2]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_database_are_private(instance):
    instance.new("A", "x\n")
    assert mode(instance.var) == 0o700
    assert mode(instance.var / "lock") == 0o700
    for name in ("wiki.db", "wiki.db-wal", "lock/write.lock", "lock/scan.lock"):
        assert mode(instance.var / name) == 0o600, name


def test_opening_again_finds_everything(instance):
    instance.new("A", "x\n")
    before = instance.store.last_seq()
    instance.open()
    assert instance.store.get("A").text == "x\n"
    assert instance.store.last_seq() == before


def test_every_connection_is_durable_and_strict(instance):
    pragmas = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
    with instance.store._database.reading() as connection:
        for name, value in pragmas.items():
            found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            assert found == value, name


def schema(path):
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' "
            "AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
    connection.close()
    return rows


def test_the_migrations_make_what_a_new_database_has(instance, tmp_path):
    database = Database(tmp_path / "migrated.db")
    with database.writing() as connection:
        upgrade(connection)
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        assert found.scalar() == tables.SCHEMA_VERSION
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar() == 0
    database.close()
    assert schema(tmp_path / "migrated.db") == schema(instance.var / "wiki.db")


def test_an_interrupted_migration_leaves_nothing_behind(tmp_path):
    database = Database(tmp_path / "migrated.db")
    try:
        with database.writing() as connection:
            upgrade(connection)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        database.close()
    assert schema(tmp_path / "migrated.db") == []


def set_version(instance, version):
    with instance.store._database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE alembic_version SET version_num='{version}'"
        )


def test_a_newer_schema_is_refused_with_the_remedy(instance):
    set_version(instance, "0999")
    with pytest.raises(StartError, match="newer version") as refused:
        instance.another()
    assert refused.value.exit_code == 4
    assert "Install that version" in str(refused.value)
    set_version(instance, tables.SCHEMA_VERSION)


def test_a_database_of_another_program_is_refused(instance, tmp_path):
    var = tmp_path / "other"
    var.mkdir()
    with sqlite3.connect(var / "wiki.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    instance.var = var
    with pytest.raises(StartError, match="another program"):
        instance.another()


def test_a_damaged_database_is_named(instance, tmp_path):
    var = tmp_path / "other"
    var.mkdir()
    (var / "wiki.db").write_bytes(b"this is no database" * 1000)
    instance.var = var
    with pytest.raises(StartError, match="damaged"):
        instance.another()


def test_a_file_where_a_folder_should_be_is_named(instance, tmp_path):
    (tmp_path / "file").write_text("x")
    for name in ("var", "pages"):
        kept = getattr(instance, name)
        setattr(instance, name, tmp_path / "file")
        with pytest.raises(StartError, match="file"):
            instance.another()
        setattr(instance, name, kept)


def test_a_start_does_not_load_alembic(tmp_path):
    code = (
        "import sys; from pathlib import Path; from wiki.store.sql import SqlStore\n"
        f"base = Path({str(tmp_path)!r})\n"
        "SqlStore(base / 'v', base / 'p', None, None).close()\n"
        "SqlStore(base / 'v', base / 'p', None, None).close()\n"
        "assert not [name for name in sys.modules if name.startswith('alembic')]\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=True)
