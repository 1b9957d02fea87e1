"""Settings that administrators changed in the browser, in the private database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, inspect, select

from wiki.errors import StartError, WikiError

from .engine import Database
from .private_tables import setting

PRIVATE = "private.db"
# No setting's key: its value changes when all processes are to begin anew.
_AGAIN = "again"

# Everything that a process must begin anew for: (key, JSON) of each row.
State = tuple[tuple[str, str], ...]


class SettingRows:
    """Rows of settings; ``now`` and ``changed`` are milliseconds UTC."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def state(self, at: Connection | None = None) -> State:
        """Return all rows; two states differ when anything was changed."""
        query = select(setting.c.key, setting.c.value).order_by(setting.c.key)
        if at is not None:
            return tuple((key, text) for key, text in at.execute(query))
        with self._db.reading() as connection:
            return self.state(connection)

    def put(self, at: Connection, values: Mapping[str, Any], now: int) -> None:
        self.drop(at, values)
        for key, value in values.items():
            text = json.dumps(value, ensure_ascii=False)
            row = {"key": key, "value": text, "changed": now}
            at.execute(setting.insert().values(row))

    def drop(self, at: Connection, keys: Iterable[str]) -> None:
        at.execute(delete(setting).where(setting.c.key.in_(list(keys))))

    def begin_anew(self, at: Connection, now: int) -> None:
        """Have every process begin anew, as after a change."""
        self.put(at, {_AGAIN: now}, now)


def values_of(state: State) -> dict[str, Any]:
    """Return the values of a state by key; what is no JSON is given as it is."""
    found: dict[str, Any] = {}
    for key, text in state:
        if key == _AGAIN:
            continue
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found


def stored_in(path: Path) -> State:
    """Return the rows of a private database; none where there is no such file.

    Raises StartError where it cannot be read: a default in its place could open what
    an administrator closed.
    """
    if not path.is_file():
        return ()
    database = Database(path)
    try:
        with database.reading() as connection:
            # An older version's file: it is brought up to date when it is opened.
            if not inspect(connection).has_table(setting.name):
                return ()
            return SettingRows(database).state(connection)
    except WikiError as error:
        raise StartError(
            f"The settings in {path} cannot be read. Check that the disk is neither "
            "full nor read-only and that the file is whole, or restore a backup."
        ) from error
    finally:
        database.close()
