"""Opening the private database: made once, readable by its owner alone."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from sqlalchemy import Connection, insert, select

from wiki.errors import CorruptData, StartError, WikiError

from .engine import Database
from .locks import FileLock
from .opening import make_database_file, make_folder
from .private_tables import SCHEMA_VERSION, group, membership, metadata

_REFUSED = 4


def open_private(path: Path) -> Database:
    """Return the database of accounts, made where needed; raises StartError."""
    make_folder(path.parent)
    try:
        # Made by us first: SQLite would make it readable for others.
        make_database_file(path)
        path.chmod(0o600)
        database = Database(path)
        # Changing a file's journal is the one step that SQLite does not wait for.
        make_folder(path.parent / "lock")
        lock = FileLock(path.parent / "lock" / "accounts.lock")
        with lock.held(timeout=60):
            _bring_up_to_date(database)
    except OSError as error:
        raise StartError(
            f"The accounts in {path} cannot be opened: {error.strerror}. "
            "Make the folder writable for the user that runs the wiki."
        ) from error
    except CorruptData as error:
        raise StartError(
            f"The file {path} is damaged or holds no accounts of this wiki. "
            "Move it away and restore a backup."
        ) from error
    except WikiError as error:
        raise StartError(
            f"The accounts in {path} cannot be written. Check that the disk is "
            "neither full nor read-only and that no other program holds the file."
        ) from error
    return database


def _bring_up_to_date(database: Database) -> None:
    with database.reading() as connection:
        if _version(connection) == SCHEMA_VERSION:
            return
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with database.writing(always=True) as connection:
        found = _version(connection)
        if found > SCHEMA_VERSION:
            raise StartError(
                f"The accounts in {database.path} were made by a newer version of the "
                "wiki. Install that version, or restore the backup made before it.",
                _REFUSED,
            )
        # Of two processes that start at once, the second finds the work done.
        if found < SCHEMA_VERSION:
            for step in range(max(found, 1), SCHEMA_VERSION):
                if found and step in _STEPS:
                    _STEPS[step](connection)
            metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _to_2(connection: Connection) -> None:
    """Add what the second version knows of people, groups and links."""
    for table, column in (
        ("user", "blocked BIGINT"),
        ("user", "waiting BIGINT"),
        ("user", "asked TEXT"),
        ("user", "email TEXT"),
        ("membership", "steward BOOLEAN NOT NULL DEFAULT 0"),
        ("link", "label TEXT NOT NULL DEFAULT ''"),
    ):
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    metadata.create_all(connection)
    connection.exec_driver_sql(
        'CREATE INDEX user_inside ON "user" (role) '
        "WHERE closed IS NULL AND waiting IS NULL"
    )
    named = select(membership.c.group).distinct().order_by(membership.c.group)
    for name in connection.execute(named).scalars().all():
        values = {"name": name, "name_key": _folded(name), "about": "", "created": 0}
        connection.execute(insert(group).prefix_with("OR IGNORE").values(**values))


def _folded(name: str) -> str:
    """Return the key of a group's name, as accounts make it for new ones."""
    plain = unicodedata.normalize("NFKC", " ".join(name.split()))
    return unicodedata.normalize("NFKC", plain.casefold())


# From each version to the next one; new tables are made by themselves.
_STEPS = {1: _to_2}


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
