"""Opening an instance: folders, lock files, the database and its schema (S-1, S-33)."""

from __future__ import annotations

import contextlib
import importlib
import os
import stat
from pathlib import Path

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DBAPIError

from wiki.errors import CorruptData, StartError, WikiError

from .engine import Database
from .locks import FileLock
from .tables import SCHEMA_VERSION, counter, metadata, schema_version

_REFUSED = 4


def open_database(var: Path) -> Database:
    """Return the content database of an instance, made or migrated where needed.

    Two processes that start at once end with one database. Raises StartError.
    """
    make_folder(var)
    make_folder(var / "lock")
    path = var / "wiki.db"
    try:
        with FileLock(var / "lock" / "start.lock").held(timeout=60):
            make_database_file(path)
            database = Database(path)
            _bring_up_to_date(database)
    except OSError as error:
        raise StartError(
            f"The database {path} cannot be opened: {error.strerror}. "
            "Make the folder writable for the user that runs the wiki."
        ) from error
    except CorruptData as error:
        raise StartError(
            f"The file {path} is damaged or is not a database of this wiki. "
            "Move it away and restore a backup."
        ) from error
    except WikiError as error:
        raise StartError(
            f"The database {path} cannot be written. Check that the disk is neither "
            "full nor read-only and that no other program holds the file."
        ) from error
    return database


def make_folder(path: Path) -> None:
    """Create a folder only its owner can read; raises StartError."""
    try:
        make_private(path)
        if not stat.S_ISDIR(path.stat().st_mode):
            raise NotADirectoryError(20, "Not a directory")
    except OSError as error:
        raise StartError(
            f"The folder {path} cannot be made: {error.strerror}. "
            "Choose another folder or make the one above it writable."
        ) from error


def make_database_file(path: Path) -> None:
    """Create a file only its owner can read; one that is there is not opened.

    To close a descriptor gives up all locks of this process on the file: another
    process would take the database for unused, and throw away what is in its log.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def make_private(path: Path) -> None:
    """Create a folder and those above it that are missing, for their owner alone."""
    if not path.parent.exists():
        make_private(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def _bring_up_to_date(database: Database) -> None:
    with database.reading() as connection:
        if _version(connection) == SCHEMA_VERSION:
            return
        # Kept in the file from here on: readers and one writer never wait.
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with database.writing(always=True) as connection:
        found = _version(connection)
        if found == "":
            _create(connection)
        elif found > SCHEMA_VERSION:
            raise StartError(
                f"The database {database.path} was made by a newer version of the "
                f"wiki (schema {found}; this version knows up to {SCHEMA_VERSION}). "
                "Install that version, or restore the backup made before the upgrade.",
                _REFUSED,
            )
        elif found < SCHEMA_VERSION:
            # Alembic is loaded only for a real migration: it would slow every start.
            importlib.import_module("wiki.store.migrations.run").upgrade(connection)


def _version(connection: Connection) -> str:
    """Return the schema version found, an empty string for an empty database."""
    try:
        return str(connection.execute(select(schema_version)).scalar() or "")
    except DBAPIError:
        # "No such table": a damaged file fails here again, with its own error.
        if names := inspect(connection).get_table_names():
            raise StartError(
                f"The database {connection.engine.url.database} belongs to another "
                f"program (it has the table {names[0]}). Choose another folder.",
                _REFUSED,
            ) from None
        return ""


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(schema_version.insert().values(version_num=SCHEMA_VERSION))
    connection.execute(counter.insert().values(id=1, n=0))
